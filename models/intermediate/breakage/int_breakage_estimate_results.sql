-- One row per estimate of breakage, source system and currency of grants for which it was
-- ever in force: what it predicted of those that ended, and what became of them.
with

estimates as (

    select * from {{ ref('int_breakage_estimates') }}

),

estimate_grants as (

    select * from {{ ref('int_breakage_estimate_grants') }}

),

cohort_rates as (

    select * from {{ ref('int_breakage_cohort_rates') }}

),

-- An estimate is replaced where another acts on all cohorts of which it had grants.
cohorts as (

    select distinct
        estimate_key,
        source_system,
        currency,
        cohort_key
    from estimate_grants

),

replaced as (

    select
        cohorts.estimate_key,
        cohorts.source_system,
        cohorts.currency,
        max(coalesce(cohort_rates.to_period_index, 1000000)) as period_index
    from cohorts
    inner join cohort_rates
        on
            cohorts.cohort_key = cohort_rates.cohort_key
            and cohorts.estimate_key = cohort_rates.estimate_key
    group by cohorts.estimate_key, cohorts.source_system, cohorts.currency

),

summed as (

    select
        estimate_key,
        source_system,
        currency,
        cast(count(*) as bigint) as grant_count,
        sum(case when has_ended then 1 else 0 end) as ended_grant_count,
        sum(case when is_acting then 1 else 0 end) as acting_grant_count,
        cast(sum(granted_units) as numeric(38, 9)) as granted_units,
        cast(sum(case when has_ended then granted_units else 0 end) as numeric(38, 9))
            as ended_granted_units,
        cast(sum(case when has_ended then expired_units else 0 end) as numeric(38, 9))
            as actual_unexercised_units,
        cast(sum(case when has_ended then 0 else granted_units end) as numeric(38, 9))
            as open_granted_units,
        cast(sum(case when has_ended then 0 else exercised_units end) as numeric(38, 9))
            as open_exercised_units,
        cast(sum(higher_minor) as bigint) as one_point_up_minor,
        cast(sum(lower_minor) as bigint) as one_point_down_minor
    from estimate_grants
    group by estimate_key, source_system, currency

),

-- The share of what ended, cut off at 9 decimals of a unit.
predicted as (

    select
        summed.*,
        cast({{ fixed_point(
            wide_divide(
                nano_units('summed.ended_granted_units') ~ ' * estimates.rate_micro', '1000000'
            ), 9
        ) }} as numeric(38, 9)) as predicted_unexercised_units
    from summed
    inner join estimates
        on summed.estimate_key = estimates.estimate_key

)

select
    predicted.*,
    predicted.actual_unexercised_units - predicted.predicted_unexercised_units
        as difference_units,
    replaced.period_index as replaced_period_index
from predicted
inner join replaced
    on
        predicted.estimate_key = replaced.estimate_key
        and predicted.source_system = replaced.source_system
        and predicted.currency = replaced.currency
