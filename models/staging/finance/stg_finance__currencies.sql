with

currencies as (

    select * from {{ raw('finance', 'currencies') }}

),

parsed as (

    select
        upper(trim(cast(currency as varchar))) as currency,
        cast(exponent as integer) as exponent,
        coalesce(
            cast(nullif(trim(cast(stripe_exponent as varchar)), '') as integer),
            cast(exponent as integer)
        ) as stripe_exponent
    from currencies

),

final as (

    select
        currency,
        exponent,
        -- Minor units of one major unit, the books' and Stripe's, and the inverse.
        {{ power_of_ten('exponent') }} as minor_units,
        {{ power_of_ten('stripe_exponent') }} as stripe_minor_units,
        {{ inverse_power_of_ten('exponent') }} as minor_unit,
        {{ inverse_power_of_ten('stripe_exponent') }} as stripe_minor_unit
    from parsed

)

select * from final
