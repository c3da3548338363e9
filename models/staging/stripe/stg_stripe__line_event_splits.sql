{{ config(enabled='stripe' in var('sources') | string) }}

with

cells as (

    select * from {{ ref('stg_stripe__credit_note_cells') }}

),

note_lines as (

    select * from {{ ref('stg_stripe__credit_note_line_states') }}
    where line_reason is null

),

by_event as (

    select
        source_key,
        event_id,
        sum(case when kind = 'net' then amount else 0 end) as amount,
        sum(case when kind = 'tax' then amount else 0 end) as tax_amount
    from cells
    group by source_key, event_id

),

final as (

    select
        'stripe' as source_system,
        'credit_note_line_items' as source_table,
        by_event.source_key,
        cast(null as varchar) as row_reason,
        by_event.event_id,
        note_lines.line_id,
        note_lines.currency,
        'stripe_minor' as amount_scale,
        cast(by_event.amount as numeric(28, 9)) as amount,
        cast(by_event.tax_amount as numeric(28, 9)) as tax_amount
    from by_event
    inner join note_lines
        on by_event.source_key = note_lines.source_key

)

select * from final
