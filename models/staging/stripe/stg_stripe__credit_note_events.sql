{{ config(enabled='stripe' in var('sources') | string) }}

-- What a credit note takes back, part by part, and what its void gives again. Credit
-- notes that do not count have one row that says why.
with

parts as (

    select * from {{ ref('stg_stripe__credit_note_parts') }}

),

left_out as (

    select * from {{ ref('stg_stripe__credit_note_states') }}
    where credit_note_reason is not null

),

events as (

    select
        source_key,
        cast(null as varchar) as row_reason,
        event_id,
        case part when 'refund' then 'refund' else 'credit_note' end as event_type,
        cast(null as varchar) as restores_event_id,
        invoice_id,
        customer_id,
        currency,
        part_amount as amount,
        settlement_account,
        created_at as effective_at
    from parts

    union all

    select
        source_key,
        cast(null as varchar) as row_reason,
        event_id || ':voided' as event_id,
        'credit_note_voided' as event_type,
        event_id as restores_event_id,
        invoice_id,
        customer_id,
        currency,
        part_amount as amount,
        settlement_account,
        voided_at as effective_at
    from parts
    where voided_at is not null

    union all

    select
        source_key,
        credit_note_reason as row_reason,
        credit_note_id as event_id,
        'credit_note' as event_type,
        cast(null as varchar) as restores_event_id,
        invoice_id,
        customer_id,
        currency,
        amount,
        'accounts_receivable' as settlement_account,
        created_at as effective_at
    from left_out

),

final as (

    select
        'credit_notes' as source_table,
        source_key,
        row_reason,
        event_id,
        event_type,
        restores_event_id,
        invoice_id,
        cast(null as varchar) as line_id,
        cast(null as varchar) as payment_id,
        customer_id,
        currency,
        amount,
        settlement_account,
        effective_at
    from events

)

select * from final
