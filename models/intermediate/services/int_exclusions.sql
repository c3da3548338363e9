with

exclusions as (

    select * from {{ raw('finance', 'exclusions') }}

),

known_floors as (

    select * from {{ ref('int_known_floors') }}

),

parsed as (

    select
        {{ text_value('transaction_id') }} as transaction_id,
        {{ parse_timestamp('excluded_at') }} as excluded_at,
        {{ text_value('memo') }} as memo
    from exclusions

),

final as (

    select
        parsed.transaction_id,
        parsed.excluded_at,
        parsed.memo,
        {{ accounting_date('parsed.excluded_at') }} as excluded_on,
        known_floors.first_open_period_index as known_floor_index
    from parsed
    left join known_floors
        on
            cast(parsed.excluded_at as date) = known_floors.known_date
            and parsed.excluded_at >= known_floors.known_from
            and parsed.excluded_at < known_floors.known_to
    where not {{ is_known_later('parsed.excluded_at') }}

)

select * from final
