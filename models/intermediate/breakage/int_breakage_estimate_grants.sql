-- One row per estimate of breakage and grant for which it was ever in force at the end of
-- an accounting period: what became of the grant so far, and what one percentage point
-- more or less would change where the estimate is the one that acts today.
{{ config(materialized='table') }}

with

states as (

    select
        *,
        max(period_index) over (partition by source_system, grant_id) as last_index
    from {{ ref('int_breakage_states') }}
    where breakage_policy = 'proportional'

),

grants as (

    select * from {{ ref('int_breakage_grants') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

last_ended as (

    select * from {{ ref('int_last_ended_period') }}

),

last_period as (

    select periods.ends_on
    from last_ended
    inner join periods
        on last_ended.period_index = periods.period_index

),

in_force as (

    select distinct
        source_system,
        grant_id,
        estimate_key
    from states
    where has_ended and estimate_key is not null

),

-- What was used up before its term has ended says nothing yet of its cohort: it would be
-- judged by the grants that were used up first.
latest as (

    select
        states.source_system,
        states.grant_id,
        states.granted_units,
        states.exercised_units,
        states.expired_units,
        states.remaining_units <= 0
        and coalesce(grants.sold_until_date <= last_period.ends_on, false) as has_ended
    from states
    inner join grants
        on
            states.source_system = grants.source_system
            and states.grant_id = grants.grant_id
    cross join last_period
    where states.period_index = states.last_index

),

-- The estimate acts at the end of the last period that has ended.
acting as (

    select
        *,
        least(rate_micro + 10000, 999999) as higher_micro,
        greatest(rate_micro - 10000, 0) as lower_micro
    from states
    where period_index = last_ended_index and estimate_key is not null and remaining_minor <> 0

),

changed as (

    select
        source_system,
        grant_id,
        estimate_key,
        {{ breakage_ahead_minor(
            'exercised_nano', 'granted_nano', 'higher_micro', 'price_numerator', 'price_denominator',
            'expired_minor', 'remaining_minor'
        ) }} - estimated_minor as higher_minor,
        {{ breakage_ahead_minor(
            'exercised_nano', 'granted_nano', 'lower_micro', 'price_numerator', 'price_denominator',
            'expired_minor', 'remaining_minor'
        ) }} - estimated_minor as lower_minor
    from acting

)

select
    in_force.estimate_key,
    in_force.source_system,
    in_force.grant_id,
    grants.currency,
    grants.cohort_key,
    latest.granted_units,
    latest.exercised_units,
    latest.expired_units,
    latest.has_ended,
    changed.grant_id is not null as is_acting,
    coalesce(changed.higher_minor, 0) as higher_minor,
    coalesce(changed.lower_minor, 0) as lower_minor
from in_force
inner join grants
    on
        in_force.source_system = grants.source_system
        and in_force.grant_id = grants.grant_id
inner join latest
    on
        in_force.source_system = latest.source_system
        and in_force.grant_id = latest.grant_id
left join changed
    on
        in_force.source_system = changed.source_system
        and in_force.grant_id = changed.grant_id
        and in_force.estimate_key = changed.estimate_key
