-- The journal entries of metered usage, with the indexes of their periods.
with

entries as (

    select * from {{ ref('int_derived_entries') }}
    where obligation_type = 'usage'

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
    entries.obligation_id as usage_period_id,
    entries.customer_id,
    entries.product_id,
    entries.event_type,
    entries.debit_account,
    entries.credit_account,
    entries.amount_minor,
    entries.currency,
    entries.quantity,
    entries.source_entry_count,
    currencies.minor_unit,
    entries.accounting_period,
    posted.period_index as accounting_period_index,
    effective.period_index as effective_period_index
from entries
inner join currencies
    on entries.currency = currencies.currency
inner join periods as posted
    on entries.accounting_period = posted.accounting_period
inner join periods as effective
    on entries.effective_period = effective.accounting_period
