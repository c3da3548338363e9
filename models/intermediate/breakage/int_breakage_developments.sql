-- One row per kind of cohort and age: by what factor, in 10^-9, the exercised units of
-- the cohorts that have both ages grew to the next age (chain ladder, weighted by
-- volume). Null where they had exercised nothing.
{{ config(materialized='table') }}

with

triangle as (

    select * from {{ ref('int_breakage_triangle') }}

),

spans as (

    select * from {{ ref('int_period_spans') }}

),

paired as (

    select
        kind_number,
        age,
        exercised_units,
        lead(exercised_units) over (
            partition by kind_number, grant_month order by age
        ) as next_exercised_units
    from triangle

),

summed as (

    select
        kind_number,
        age,
        {{ nano_units('exercised_units') }} as nano,
        {{ nano_units('next_exercised_units') }} as next_nano
    from (
        select
            kind_number,
            age,
            sum(exercised_units) as exercised_units,
            sum(next_exercised_units) as next_exercised_units
        from paired
        where next_exercised_units is not null
        group by kind_number, age
    ) as added

),

kinds as (

    select
        kind_number,
        max(age) as longest_age
    from triangle
    group by kind_number

)

-- Every age, also one that no two cohorts reach. A billion is as far as factors go.
select
    kinds.kind_number,
    kinds.longest_age,
    spans.period_offset as age,
    case
        when summed.nano > 0 then least(
            {{ wide_divide('greatest(summed.next_nano, 0) * 1000000000', 'summed.nano') }},
            cast(1000000000000000000 as {{ type_integer() }})
        )
    end as development_factor,
    coalesce(summed.nano <= 0 and summed.next_nano > 0, false) as is_unknown
from kinds
inner join spans
    on kinds.longest_age + 1 = spans.period_count
left join summed
    on
        kinds.kind_number = summed.kind_number
        and spans.period_offset = summed.age
