-- Deferred revenue per customer and currency at the end of the period of
-- as_of_date, beside the currency's total, and when the oldest of it was sold and
-- the first of it expires. The total is the closing balance of that period.
{{ config(group='revrec') }}

with

grant_periods as (

    select * from {{ ref('fct_credit_grant_periods') }}

),

as_of_period as (

    select * from {{ ref('int_as_of_period') }}

),

grants as (

    select * from {{ ref('dim_credit_grants') }}

),

currencies as (

    select * from {{ ref('int_currencies') }}

),

open_grants as (

    select
        grant_periods.customer_id,
        grant_periods.currency,
        grant_periods.accounting_period,
        grant_periods.closing_units,
        grant_periods.closing_deferred_minor,
        grants.booked_date,
        grants.expires_at
    from grant_periods
    inner join as_of_period
        on grant_periods.accounting_period = as_of_period.accounting_period
    inner join grants
        on
            grant_periods.source_system = grants.source_system
            and grant_periods.grant_id = grants.grant_id
    where grant_periods.closing_deferred_minor <> 0

),

customers as (

    select
        customer_id,
        currency,
        accounting_period,
        count(*) as grant_count,
        sum(closing_deferred_minor) as deferred_minor,
        min(booked_date) as oldest_booked_date,
        min(expires_at) as first_expires_at
    from open_grants
    group by customer_id, currency, accounting_period

)

select
    customers.customer_id,
    customers.currency,
    customers.accounting_period,
    customers.grant_count,
    customers.deferred_minor,
    {{ major_units('customers.deferred_minor', 'currencies.minor_unit') }} as deferred_amount,
    sum(customers.deferred_minor) over (partition by customers.currency) as total_minor,
    customers.oldest_booked_date,
    customers.first_expires_at
from customers
inner join currencies
    on customers.currency = currencies.currency
order by customers.currency asc, customers.deferred_minor desc, customers.customer_id asc
