{{ config(enabled='stripe' in var('sources') | string) }}

-- The raw refunds, each with the reason why it does not count, its charge, and the
-- credit note of which it is the refund part. Stripe names no link between the two:
-- of one invoice and amount the refunds nearest to a credit note are those of the
-- credit notes, in their order; another refund stays one of its own.
with

refunds as (

    select * from {{ ref('base_stripe__refunds') }}

),

charges as (

    select * from {{ ref('stg_stripe__charge_states') }}
    where is_first_copy and charge_id is not null

),

refund_parts as (

    select * from {{ ref('stg_stripe__credit_note_parts') }}
    where part = 'refund'

),

charged as (

    select
        refunds.*,
        charges.invoice_id,
        charges.customer_id,
        coalesce(
            refunds.row_reason,
            case
                when charges.charge_id is null then 'unknown_charge'
                when refunds.status in ('canceled', 'requires_action') then 'not_settled'
            end,
            charges.charge_reason,
            case when refunds.amount = 0 then 'zero_amount' end
        ) as refund_reason
    from refunds
    left join charges
        on refunds.charge_id = charges.charge_id

),

measured as (

    select
        charged.refund_id,
        charged.invoice_id,
        charged.currency,
        charged.amount,
        charged.created_at,
        count(*) as part_count,
        min(
            abs(
                {{ epoch_microseconds('charged.created_at') }}
                - {{ epoch_microseconds('refund_parts.created_at') }}
            )
        ) as distance
    from charged
    inner join refund_parts
        on
            charged.invoice_id = refund_parts.invoice_id
            and charged.currency = refund_parts.currency
            and charged.amount = refund_parts.part_amount
    where charged.refund_reason is null
    group by
        charged.refund_id,
        charged.invoice_id,
        charged.currency,
        charged.amount,
        charged.created_at

),

ranked as (

    select
        *,
        row_number() over (
            partition by invoice_id, currency, amount
            order by distance, created_at, {{ key_hash(['refund_id']) }}
        ) as nearness
    from measured

),

numbered_refunds as (

    select
        *,
        row_number() over (
            partition by invoice_id, currency, amount
            order by created_at, {{ key_hash(['refund_id']) }}
        ) as sequence_number
    from ranked
    where nearness <= part_count

),

numbered_parts as (

    select
        *,
        row_number() over (
            partition by invoice_id, currency, part_amount
            order by created_at, {{ key_hash(['credit_note_id']) }}
        ) as sequence_number
    from refund_parts

),

pairs as (

    select
        numbered_refunds.refund_id,
        numbered_parts.event_id
    from numbered_refunds
    inner join numbered_parts
        on
            numbered_refunds.invoice_id = numbered_parts.invoice_id
            and numbered_refunds.currency = numbered_parts.currency
            and numbered_refunds.amount = numbered_parts.part_amount
            and numbered_refunds.sequence_number = numbered_parts.sequence_number

),

final as (

    select
        charged.*,
        pairs.event_id as credit_note_event_id
    from charged
    left join pairs
        on charged.refund_reason is null and charged.refund_id = pairs.refund_id

)

select * from final
