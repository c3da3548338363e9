-- The journal entries of invoiced services and what settles them, with the indexes
-- of their periods.
with

entries as (

    select * from {{ ref('int_derived_entries') }}
    where obligation_type in ('service_line', 'invoice', 'customer_balance', 'payment')

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

)

select
    entries.journal_entry_id,
    entries.source_system,
    entries.obligation_type,
    entries.obligation_id,
    entries.invoice_id,
    entries.event_type,
    entries.debit_account,
    entries.credit_account,
    entries.amount_minor,
    currencies.minor_unit,
    posted.period_index as accounting_period_index,
    effective.period_index as effective_period_index
from entries
inner join currencies
    on entries.currency = currencies.currency
inner join periods as posted
    on entries.accounting_period = posted.accounting_period
inner join periods as effective
    on entries.effective_period = effective.accounting_period
