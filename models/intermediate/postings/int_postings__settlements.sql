-- Dr cash (external_asset where it was paid outside the source, customer_balance
-- where a balance pays), Cr accounts_receivable: an invoice was settled. Dr
-- customer_balance_adjustments, Cr customer_balance: the balance was changed by
-- hand. Dr processing_fees, Cr cash: what the processor kept.
with

effects as (

    select * from {{ ref('int_settlement_effects') }}
    where value_minor <> 0

),

settlements as (

    select * from {{ ref('int_settlements') }}
    where settlement_reason is null

),

described as (

    select
        settlements.entity_id,
        settlements.source_system,
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

select
    entity_id,
    source_system,
    obligation_type,
    obligation_id,
    customer_id,
    cast(null as varchar) as product_id,
    event_type,
    accounting_period_index,
    effective_period_index,
    max(effective_on) as booked_date,
    max(effective_on) as last_date,
    debit_account,
    credit_account,
    cast(sum(value_minor) as bigint) as value_minor,
    currency,
    minor_unit,
    0 as units,
    count(*) as source_entry_count,
    'as the source settled it' as policy,
    invoice_id,
    settled_currency,
    cast(sum(settled_minor) as bigint) as settled_minor
from described
group by
    entity_id,
    source_system,
    obligation_type,
    obligation_id,
    customer_id,
    event_type,
    accounting_period_index,
    effective_period_index,
    debit_account,
    credit_account,
    currency,
    minor_unit,
    invoice_id,
    settled_currency
