-- One row per settlement and account pair: the obligation that it is booked to, and
-- as what.
with

effects as (

    select * from {{ ref('int_settlement_effects') }}
    where value_minor <> 0

),

settlements as (

    select * from {{ ref('int_settlements') }}
    where settlement_reason is null and settlement_type <> 'credit_applied'

),

final as (

    select
        settlements.source_system,
        settlements.source_table,
        settlements.source_key,
        settlements.settlement_id,
        settlements.entity_id,
        case
            when settlements.settlement_type = 'processing_fee' then 'payment'
            when settlements.invoice_id is null then 'customer_balance'
            else 'invoice'
        end as obligation_type,
        case
            when settlements.settlement_type = 'processing_fee' then settlements.settlement_id
            else coalesce(settlements.invoice_id, settlements.customer_id)
        end as obligation_id,
        settlements.customer_id,
        case settlements.settlement_type
            when 'payment' then 'payment_received'
            when 'out_of_band_payment' then 'payment_received_out_of_band'
            when 'balance_applied' then 'customer_balance_applied'
            when 'balance_adjusted' then 'customer_balance_adjusted'
            when 'processing_fee' then 'processing_fee_charged'
        end as event_type,
        settlements.accounting_period_index,
        settlements.effective_period_index,
        settlements.effective_on,
        effects.debit_account,
        effects.credit_account,
        effects.value_minor,
        settlements.currency,
        settlements.minor_unit,
        settlements.invoice_id,
        settlements.settled_currency,
        effects.settled_minor
    from effects
    inner join settlements
        on
            effects.source_system = settlements.source_system
            and effects.settlement_id = settlements.settlement_id

)

select * from final
