with

currencies as (

    select * from {{ raw('finance', 'currencies') }}

),

final as (

    select
        upper(trim(cast(currency as varchar))) as currency,
        cast(exponent as integer) as exponent,
        -- Minor units of one major unit, and its inverse, both exact.
        case cast(exponent as integer)
            when 0 then 1
            when 1 then 10
            when 2 then 100
            when 3 then 1000
            when 4 then 10000
        end as minor_units,
        cast(
            case cast(exponent as integer)
                when 0 then 1
                when 1 then 0.1
                when 2 then 0.01
                when 3 then 0.001
                when 4 then 0.0001
            end as numeric(5, 4)
        ) as minor_unit,
        -- Of Stripe's minor unit one major unit has another number in some currencies.
        case cast(coalesce(stripe_exponent, exponent) as integer)
            when 0 then 1
            when 1 then 10
            when 2 then 100
            when 3 then 1000
            when 4 then 10000
        end as stripe_minor_units
    from currencies

)

select * from final
