with

list_prices as (

    select * from {{ raw('finance', 'list_prices') }}

),

known_days as (

    select * from {{ ref('int_known_days') }}

),

parsed as (

    select
        cast(credit_unit as varchar) as credit_unit,
        upper(cast(currency as varchar)) as currency,
        {{ parse_decimal('list_price', 28, 12) }} as list_price,
        cast({{ parse_timestamp('effective_from') }} as date) as effective_from,
        {{ parse_timestamp('known_at') }} as known_at
    from list_prices

),

final as (

    select
        parsed.credit_unit,
        parsed.currency,
        parsed.list_price,
        parsed.effective_from,
        parsed.known_at,
        known_days.known_interval
    from parsed
    left join known_days
        on
            cast(parsed.known_at as date) = known_days.known_date
            and parsed.known_at >= known_days.known_from
            and parsed.known_at < known_days.known_to
    where not {{ is_known_later('parsed.known_at') }}

)

select * from final
