with

rates as (

    select * from {{ raw('finance', 'fx_rates') }}

),

final as (

    select
        cast({{ parse_timestamp('rate_date') }} as date) as rate_date,
        upper(trim(cast(from_currency as varchar))) as from_currency,
        upper(trim(cast(to_currency as varchar))) as to_currency,
        {{ parse_decimal('rate', 28, 12) }} as rate
    from rates

)

select * from final
