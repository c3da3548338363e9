-- One row per line of a credit on account: the line that it refunds.
{{ config(enabled='recurly' in var('sources') | string) }}

with

credit_lines as (

    select * from {{ ref('base_recurly__credit_line_targets') }}
    where row_reason is null and refunded_line_id is not null

),

final as (

    select
        'recurly' as source_system,
        'line_items' as source_table,
        source_key,
        row_reason,
        credit_invoice_id || ':' || refunded_invoice_id as event_id,
        refunded_line_id as line_id,
        currency,
        'major' as amount_scale,
        cast(amount as numeric(28, 9)) as amount,
        cast(tax_amount as numeric(28, 9)) as tax_amount
    from credit_lines

)

select * from final
