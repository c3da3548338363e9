-- depends_on: {{ ref('rec_seal_breaks') }}
-- How much of what was granted customers exercised, by cohort and age, and what that
-- says of the rest: a proposal for the seed breakage_estimates, which decides.
with

projections as (

    select * from {{ ref('int_breakage_projections') }}

),

floors as (

    select * from {{ ref('int_breakage_cohort_floors') }}

),

last_period as (

    select * from {{ ref('int_last_ended_period') }}

),

ranges as (

    select
        floors.*,
        row_number() over (
            partition by floors.kind_key, floors.cohort_count order by floors.period_index desc
        ) as range_rank
    from floors
    inner join last_period
        on floors.period_index <= last_period.period_index

),

compared as (

    select
        *,
        granted_units - exercised_units as unexercised_units,
        granted_units - projected_units as projected_unexercised_units
    from projections

)

select
    compared.source_system,
    nullif(compared.product_id, '') as product_id,
    nullif(compared.credit_unit, '') as credit_unit,
    compared.funding as category,
    compared.term_months,
    compared.grant_month,
    cast(compared.age as integer) as age_months,
    compared.is_latest,
    compared.is_closed,
    compared.granted_units,
    compared.exercised_units,
    compared.expired_units,
    {{ unit_share('compared.unexercised_units', 'compared.granted_units') }}
        as unexercised_share,
    compared.development_factor,
    compared.cumulative_factor,
    compared.projected_units as projected_exercised_units,
    {{ unit_share('compared.projected_unexercised_units', 'compared.granted_units') }}
        as projected_unexercised_share,
    coalesce(ranges.closed_cohorts, 0) as closed_cohorts,
    compared.cohort_count as range_cohorts,
    ranges.lowest_share as lowest_unexercised_share,
    ranges.highest_share as highest_unexercised_share
from compared
left join ranges
    on
        ranges.range_rank = 1
        and compared.source_system = ranges.source_system
        and compared.product_id = ranges.product_id
        and compared.credit_unit = ranges.credit_unit
        and compared.funding = ranges.funding
        and compared.term_months = ranges.term_months
        and compared.cohort_count = ranges.cohort_count
