{{ config(enabled='stripe' in var('sources') | string) }}

-- A refund takes back what was paid, whatever became of it later; one that failed
-- gives it again. The refund part of a credit note is booked with the note.
with

refunds as (

    select * from {{ ref('stg_stripe__refund_states') }}

),

events as (

    select
        *,
        case
            when credit_note_event_id is not null then 'booked_with_credit_note'
            else refund_reason
        end as event_reason,
        refund_id as event_id,
        'refund' as event_type,
        cast(null as varchar) as restores_event_id,
        created_at as effective_at
    from refunds

    union all

    select
        *,
        cast(null as varchar) as event_reason,
        refund_id || ':failed' as event_id,
        'refund_failed' as event_type,
        coalesce(credit_note_event_id, refund_id) as restores_event_id,
        failed_at as effective_at
    from refunds
    where refund_reason is null and status = 'failed'

),

final as (

    select
        'refunds' as source_table,
        source_key,
        event_reason as row_reason,
        event_id,
        event_type,
        restores_event_id,
        invoice_id,
        case when invoice_id is null then charge_id end as line_id,
        charge_id as payment_id,
        customer_id,
        currency,
        amount,
        'cash' as settlement_account,
        effective_at
    from events

)

select * from final
