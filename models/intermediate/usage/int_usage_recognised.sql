-- One row per step of a usage period: what is recognised through it, in minor units,
-- rounded once. Until the end an estimate's price stands in for the schedule.
{{ config(materialized='table') }}

with

steps as (

    select * from {{ ref('int_usage_steps') }}

),

step_values as (

    select * from {{ ref('int_usage_step_values') }}

),

periods as (

    select * from {{ ref('int_usage_periods') }}

),

estimates as (

    select
        *,
        lead(from_period_index) over (
            partition by usage_period_id order by from_period_index
        ) as next_period_index
    from {{ ref('int_usage_period_estimates') }}

),

rated as (

    select
        steps.*,
        periods.recognition,
        periods.minor_units,
        periods.minimum_minor,
        periods.shortfall_account,
        periods.has_ended
        and steps.accounting_period_index >= periods.end_period_index as is_past_end,
        sum(coalesce(step_values.step_value, 0)) over (
            partition by steps.usage_period_id
            order by steps.step_number
            rows between unbounded preceding and current row
        ) as rated_value
    from steps
    inner join periods
        on steps.usage_period_id = periods.usage_period_id
    left join step_values
        on
            steps.usage_period_id = step_values.usage_period_id
            and steps.step_number = step_values.step_number

),

measured as (

    select
        rated.*,
        case
            when rated.recognition = 'estimate_constrained' and not rated.is_past_end
                then rated.billable_nano * estimates.unit_price
            else rated.rated_value
        end as recognised_value
    from rated
    left join estimates
        on
            rated.usage_period_id = estimates.usage_period_id
            and rated.recognition = 'estimate_constrained'
            and rated.accounting_period_index >= estimates.from_period_index
            and (
                estimates.next_period_index is null
                or rated.accounting_period_index < estimates.next_period_index
            )

),

rounded as (

    select
        *,
        {{ rated_minor('recognised_value', 'minor_units') }} as recognised_minor
    from measured

)

select
    *,
    case
        when is_past_end and minimum_minor > 0 and shortfall_account <> 'at_invoice'
            then greatest(minimum_minor - recognised_minor, 0)
        else 0
    end as shortfall_minor
from rounded
