-- Every accounting period has each of its days exactly once, from the first to the
-- last, and no other day.
{{ config(group='revrec') }}

with

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

accounting_days as (

    select * from {{ ref('int_accounting_days') }}

),

counted as (

    select
        periods.accounting_period,
        periods.starts_on,
        periods.ends_on,
        count(accounting_days.accounting_date) as day_rows,
        count(distinct accounting_days.accounting_date) as days,
        min(accounting_days.accounting_date) as first_day,
        max(accounting_days.accounting_date) as last_day
    from periods
    left join accounting_days
        on periods.period_index = accounting_days.period_index
    group by periods.accounting_period, periods.starts_on, periods.ends_on

)

select *
from counted
where
    day_rows <> days
    or days <> {{ days_between('starts_on', 'ends_on') }} + 1
    or first_day <> starts_on
    or last_day <> ends_on
