with

prices as (

    select * from {{ raw('finance', 'standalone_selling_prices') }}

),

known_floors as (

    select * from {{ ref('int_known_floors') }}

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
        known_floors.first_open_period_index as known_floor_index
    from parsed
    left join known_floors
        on
            cast(parsed.known_at as date) = known_floors.known_date
            and parsed.known_at >= known_floors.known_from
            and parsed.known_at < known_floors.known_to
    where not {{ is_known_later('parsed.known_at') }}

)

select * from final
