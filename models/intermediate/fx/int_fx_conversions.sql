-- One row per currency and day with a rate into the functional currency, as a
-- fraction of minor units. A rate counts only as it is given: none is inverted.
with

rates as (

    select * from {{ ref('int_fx_rates') }}
    where to_currency = {{ functional_currency_value() }} and rate > 0

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

-- A major unit is worth rate major units, both a power of ten of minor units.
fractions as (

    select
        rates.from_currency as currency,
        rates.rate_date,
        {{ price_integer('rates.rate') }} * functional.minor_units as wide_numerator,
        cast(1000000000000 as {{ type_integer() }}) * currencies.minor_units
            as wide_denominator
    from rates
    inner join currencies
        on rates.from_currency = currencies.currency
    inner join currencies as functional
        on rates.to_currency = functional.currency

),

divided as (

    select
        *,
        {{ greatest_common_divisor('wide_numerator', 'wide_denominator') }} as common_divisor
    from fractions

),

reduced as (

    select
        currency,
        rate_date,
        {{ wide_divide('wide_numerator', 'common_divisor') }} as numerator,
        {{ wide_divide('wide_denominator', 'common_divisor') }} as denominator
    from divided

),

final as (

    select
        currency,
        rate_date,
        numerator,
        denominator,
        {{ most_translated('numerator', 'denominator') }} as most_minor
    from reduced

)

select * from final
