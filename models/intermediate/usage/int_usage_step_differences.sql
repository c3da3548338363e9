-- One row per step: what it is worth by the meter, and what an estimate and the rounding
-- make of it, in minor units with nine decimals.
with

steps as (

    select * from {{ ref('int_usage_recognised') }}

),

periods as (

    select * from {{ ref('int_usage_periods') }}

),

unrounded as (

    select
        steps.usage_period_id,
        steps.step_number,
        steps.accounting_period_index,
        steps.effective_period_index,
        steps.recognised_minor,
        {{ units_of_nano('steps.billable_nano') }} as billable,
        periods.source_system,
        periods.customer_id,
        periods.product_id,
        periods.currency,
        {{ rated_unrounded('steps.rated_value', 'steps.minor_units') }} as rated,
        {{ rated_unrounded('steps.recognised_value', 'steps.minor_units') }} as recognised
    from steps
    inner join periods
        on steps.usage_period_id = periods.usage_period_id

)

select
    usage_period_id,
    source_system,
    customer_id,
    product_id,
    currency,
    accounting_period_index,
    effective_period_index,
    billable - coalesce(lag(billable) over book_order, 0) as billable,
    rated - coalesce(lag(rated) over book_order, 0) as rated,
    recognised - rated - coalesce(lag(recognised - rated) over book_order, 0) as estimated,
    recognised_minor - recognised
    - coalesce(lag(recognised_minor - recognised) over book_order, 0) as rounded
from unrounded
window book_order as (partition by usage_period_id order by step_number)
