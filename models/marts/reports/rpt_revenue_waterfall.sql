-- Revenue by the period in which it was booked and the one in which it is
-- recognised: what the journal holds, and what the schedules still hold.
with

revenue as (

    select * from {{ ref('int_waterfall_revenue') }}

),

schedule as (

    select * from {{ ref('fct_revenue_schedule') }}
    where status = 'scheduled'

),

accounting_days as (

    select * from {{ ref('int_accounting_days') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

scheduled as (

    select
        entity_id,
        currency,
        booked_date,
        accounting_period,
        sum(amount_minor) as remaining_minor,
        sum(case when is_invoiced then 0 else amount_minor end) as unbilled_remaining_minor
    from schedule
    group by entity_id, currency, booked_date, accounting_period

),

united as (

    select
        entity_id,
        currency,
        booked_date,
        accounting_period,
        recognised_minor,
        0 as remaining_minor,
        0 as unbilled_remaining_minor
    from revenue

    union all

    select
        entity_id,
        currency,
        booked_date,
        accounting_period,
        0 as recognised_minor,
        remaining_minor,
        unbilled_remaining_minor
    from scheduled

),

summed as (

    select
        united.entity_id,
        united.currency,
        periods.accounting_period as booked_period,
        united.accounting_period,
        cast(sum(united.recognised_minor) as bigint) as recognised_minor,
        cast(sum(united.remaining_minor) as bigint) as remaining_minor,
        cast(sum(united.unbilled_remaining_minor) as bigint) as unbilled_remaining_minor
    from united
    inner join accounting_days
        on united.booked_date = accounting_days.accounting_date
    inner join periods
        on accounting_days.period_index = periods.period_index
    group by
        united.entity_id,
        united.currency,
        periods.accounting_period,
        united.accounting_period

)

select
    summed.entity_id,
    summed.currency,
    summed.booked_period,
    summed.accounting_period,
    summed.recognised_minor,
    summed.remaining_minor,
    summed.unbilled_remaining_minor,
    {{ major_units('summed.recognised_minor', 'currencies.minor_unit') }} as recognised_amount,
    {{ major_units('summed.remaining_minor', 'currencies.minor_unit') }} as remaining_amount,
    {{ major_units('summed.unbilled_remaining_minor', 'currencies.minor_unit') }}
        as unbilled_remaining_amount
from summed
inner join currencies
    on summed.currency = currencies.currency
