-- Deferred revenue per customer and currency at the end of the period of
-- as_of_date, beside the currency's total, and when the oldest of it was sold and
-- the first of it expires (credits do). The total is the closing balance of that
-- period.
{{ config(group='revrec') }}

with

entries as (

    select * from {{ ref('fct_journal_entries') }}
    where debit_account = 'deferred_revenue' or credit_account = 'deferred_revenue'

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

as_of_period as (

    select * from {{ ref('int_as_of_period') }}

),

grants as (

    select * from {{ ref('dim_credit_grants') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

obligations as (

    select
        entries.source_system,
        entries.obligation_type,
        entries.obligation_id,
        entries.customer_id,
        entries.currency,
        as_of_period.accounting_period,
        min(entries.booked_date) as booked_date,
        sum(
            case when entries.credit_account = 'deferred_revenue' then 1 else -1 end
            * entries.amount_minor
        ) as deferred_minor
    from entries
    inner join periods
        on entries.accounting_period = periods.accounting_period
    inner join as_of_period
        on periods.period_index <= as_of_period.period_index
    group by
        entries.source_system,
        entries.obligation_type,
        entries.obligation_id,
        entries.customer_id,
        entries.currency,
        as_of_period.accounting_period

),

customers as (

    select
        obligations.customer_id,
        obligations.currency,
        obligations.accounting_period,
        count(*) as obligation_count,
        sum(obligations.deferred_minor) as deferred_minor,
        min(obligations.booked_date) as oldest_booked_date,
        min(grants.expires_at) as first_expires_at
    from obligations
    left join grants
        on
            obligations.obligation_type = 'credit_grant'
            and obligations.source_system = grants.source_system
            and obligations.obligation_id = grants.grant_id
    where obligations.deferred_minor <> 0
    group by obligations.customer_id, obligations.currency, obligations.accounting_period

)

select
    customers.customer_id,
    customers.currency,
    customers.accounting_period,
    customers.obligation_count,
    customers.deferred_minor,
    {{ major_units('customers.deferred_minor', 'currencies.minor_unit') }} as deferred_amount,
    sum(customers.deferred_minor) over (partition by customers.currency) as total_minor,
    customers.oldest_booked_date,
    customers.first_expires_at
from customers
inner join currencies
    on customers.currency = currencies.currency
order by customers.currency asc, customers.deferred_minor desc, customers.customer_id asc
