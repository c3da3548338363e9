-- One row per cohort and age of the development triangle, with the factors of its age
-- and, on the cohort's latest row, the units that its customers will have exercised in
-- the end if it develops as the others did.
with

triangle as (

    select * from {{ ref('int_breakage_triangle') }}

),

factors as (

    select * from {{ ref('int_breakage_factors') }}

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
        source_system,
        product_id,
        credit_unit,
        funding,
        term_months,
        grant_month,
        cohort_count,
        age,
        is_latest,
        is_closed,
        granted_units,
        exercised_units,
        expired_units,
        cast({{ fixed_point('development_factor', 9) }} as numeric(28, 9)) as development_factor,
        cast({{ fixed_point('cumulative_factor', 9) }} as numeric(28, 9)) as cumulative_factor,
        cast({{ fixed_point('projected_nano', 9) }} as numeric(38, 9)) as projected_units
    from projected

)

select * from final
