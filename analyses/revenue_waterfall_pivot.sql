-- The revenue waterfall in one row per booked period: what was booked, what was
-- recognised before the period of as_of_date, in it and in all, and what remains
-- within twelve periods and later (the split of contract liabilities into current and
-- non-current): dbt show --select revenue_waterfall_pivot --limit 500
{{ config(group='revrec') }}

with

waterfall as (

    select * from {{ ref('rpt_revenue_waterfall') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

as_of_period as (

    select * from {{ ref('int_as_of_period') }}

),

placed as (

    select
        waterfall.*,
        periods.period_index - as_of_period.period_index as periods_ahead
    from waterfall
    cross join as_of_period
    inner join periods
        on waterfall.accounting_period = periods.accounting_period

)

select
    entity_id,
    currency,
    booked_period,
    sum(recognised_amount + remaining_amount) as booked_amount,
    sum(case when periods_ahead < 0 then recognised_amount else 0 end)
        as recognised_before_amount,
    sum(case when periods_ahead < 0 then 0 else recognised_amount end)
        as recognised_in_period_amount,
    sum(recognised_amount) as recognised_amount,
    sum(case when periods_ahead <= 12 then remaining_amount else 0 end)
        as remaining_in_12_periods_amount,
    sum(case when periods_ahead > 12 then remaining_amount else 0 end)
        as remaining_later_amount,
    sum(remaining_amount) as remaining_amount
from placed
group by entity_id, currency, booked_period
order by entity_id, currency, booked_period
