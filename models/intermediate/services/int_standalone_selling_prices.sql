with

prices as (

    select * from {{ raw('finance', 'standalone_selling_prices') }}

),

known_days as (

    select * from {{ ref('int_known_days') }}

),

close_intervals as (

    select * from {{ ref('int_close_intervals') }}

),

parsed as (

    select
        {{ text_value('product_id') }} as product_id,
        nullif(upper(trim(cast(currency as varchar))), '') as currency,
        {{ parse_decimal('unit_price', 15, 6) }} as unit_price,
        cast({{ parse_timestamp('effective_from') }} as date) as effective_from,
        {{ parse_timestamp('known_at') }} as known_at
    from prices

),

final as (

    select
        parsed.product_id,
        parsed.currency,
        parsed.unit_price,
        cast(parsed.unit_price * 1000000 as bigint) as unit_price_millionths,
        parsed.effective_from,
        parsed.known_at,
        close_intervals.first_open_period_index as known_floor_index
    from parsed
    left join known_days
        on
            cast(parsed.known_at as date) = known_days.known_date
            and parsed.known_at >= known_days.known_from
            and parsed.known_at < known_days.known_to
    left join close_intervals
        on known_days.known_interval = close_intervals.known_interval

)

select * from final
