-- How much of what was granted customers exercised, by cohort and age, and what that
-- says of the rest: a proposal for the seed breakage_estimates, which decides.
with

triangle as (

    select * from {{ ref('int_breakage_triangle') }}

),

factors as (

    select * from {{ ref('int_breakage_factors') }}

),

floors as (

    select * from {{ ref('int_breakage_cohort_floors') }}

),

last_period as (

    select max(period_index) as period_index from {{ ref('dim_accounting_periods') }}
    where ends_on <= cast('{{ as_of_date() }}' as date)

),

ranges as (

    select
        floors.*,
        row_number() over (
            partition by
                floors.source_system,
                floors.product_id,
                floors.credit_unit,
                floors.funding,
                floors.term_months
            order by floors.cohort_count desc, floors.period_index desc
        ) as range_rank
    from floors
    inner join last_period
        on floors.period_index <= last_period.period_index

),

-- What has expired is not exercised any more.
scaled as (

    select
        triangle.*,
        factors.development_factor,
        factors.cumulative_factor,
        {{ nano_units('triangle.exercised_units') }} as exercised_nano,
        greatest(
            {{ nano_units('triangle.exercised_units') }},
            {{ nano_units('triangle.granted_units') }} - {{ nano_units('triangle.expired_units') }}
        ) as most_nano
    from triangle
    inner join factors
        on
            triangle.kind_number = factors.kind_number
            and triangle.age = factors.age

),

-- Of an open cohort that has exercised nothing the ladder says nothing. A factor that
-- leads beyond what can be exercised is not multiplied: it might not fit.
projected as (

    select
        *,
        case
            when not is_latest then null
            when is_closed then exercised_nano
            when exercised_nano <= 0 or cumulative_factor is null then null
            when
                cumulative_factor > {{ wide_divide('most_nano * 1000000000', 'exercised_nano') }}
                then most_nano
            else greatest(
                exercised_nano,
                {{ wide_divide('exercised_nano * cumulative_factor', '1000000000') }}
            )
        end as projected_nano
    from scaled

),

final as (

    select
        *,
        granted_units - exercised_units as unexercised_units,
        cast({{ fixed_point('projected_nano', 9) }} as numeric(38, 9)) as projected_units,
        granted_units - cast({{ fixed_point('projected_nano', 9) }} as numeric(38, 9))
            as projected_unexercised_units
    from projected

)

select
    final.source_system,
    nullif(final.product_id, '') as product_id,
    nullif(final.credit_unit, '') as credit_unit,
    final.funding as category,
    final.term_months,
    final.grant_month,
    cast(final.age as integer) as age_months,
    final.is_latest,
    final.is_closed,
    final.granted_units,
    final.exercised_units,
    final.expired_units,
    {{ unit_share('final.unexercised_units', 'final.granted_units') }} as unexercised_share,
    cast({{ fixed_point('final.development_factor', 9) }} as numeric(28, 9))
        as development_factor,
    cast({{ fixed_point('final.cumulative_factor', 9) }} as numeric(28, 9))
        as cumulative_factor,
    final.projected_units as projected_exercised_units,
    {{ unit_share('final.projected_unexercised_units', 'final.granted_units') }}
        as projected_unexercised_share,
    coalesce(ranges.closed_cohorts, 0) as closed_cohorts,
    ranges.cohort_count as range_cohorts,
    ranges.lowest_share as lowest_unexercised_share,
    ranges.highest_share as highest_unexercised_share
from final
left join ranges
    on
        ranges.range_rank = 1
        and final.source_system = ranges.source_system
        and final.product_id = ranges.product_id
        and final.credit_unit = ranges.credit_unit
        and final.funding = ranges.funding
        and final.term_months = ranges.term_months
