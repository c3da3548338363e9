-- Dr cash (external_asset where it was paid outside the source, customer_balance
-- where a balance pays), Cr accounts_receivable: an invoice was settled. Dr
-- customer_balance_adjustments, Cr customer_balance: the balance was changed by
-- hand. Dr processing_fees, Cr cash: what the processor kept.
with

described as (

    select * from {{ ref('int_settlement_postings') }}

)

select
    entity_id,
    source_system,
    obligation_type,
    obligation_id,
    max(customer_id) as customer_id,
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
    -- What reached the account is known where it is known of all, in one currency.
    case
        when count(settled_minor) = count(*) and min(settled_currency) = max(settled_currency)
            then max(settled_currency)
    end as settled_currency,
    case
        when count(settled_minor) = count(*) and min(settled_currency) = max(settled_currency)
            then cast(sum(settled_minor) as bigint)
    end as settled_minor
from described
group by
    entity_id,
    source_system,
    obligation_type,
    obligation_id,
    event_type,
    accounting_period_index,
    effective_period_index,
    debit_account,
    credit_account,
    currency,
    minor_unit,
    invoice_id
