-- One row per kind of cohort and age: the factor to the next age and the product of all
-- factors from there on, both in 10^-9. The product is built from the oldest age down,
-- cut off at each. An age at which nothing was exercised, nor at the next, counts as 1;
-- where exercise began from nothing there is no factor, and no product before it.
{{ config(materialized='table') }}

with recursive

developments as (

    select * from {{ ref('int_breakage_developments') }}

),

products as (

    select
        kind_number,
        age,
        development_factor,
        cast(1000000000 as {{ type_integer() }}) as cumulative_factor
    from developments
    where age = longest_age

    union all

    select
        developments.kind_number,
        developments.age,
        developments.development_factor,
        cast(
            case
                when developments.is_unknown or products.cumulative_factor is null then null
                when developments.development_factor is null then products.cumulative_factor
                else least(
                    {{ wide_divide(
                        'developments.development_factor * products.cumulative_factor',
                        '1000000000'
                    ) }},
                    1000000000000000000
                )
            end as {{ type_integer() }}
        ) as cumulative_factor
    from products
    inner join developments
        on
            products.kind_number = developments.kind_number
            and products.age = developments.age + 1

)

select * from products
