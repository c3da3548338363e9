with

exclusions as (

    select * from {{ raw('finance', 'exclusions') }}

),

known_days as (

    select * from {{ ref('int_known_days') }}

),

close_intervals as (

    select * from {{ ref('int_close_intervals') }}

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
        close_intervals.first_open_period_index as known_floor_index
    from parsed
    left join known_days
        on
            cast(parsed.excluded_at as date) = known_days.known_date
            and parsed.excluded_at >= known_days.known_from
            and parsed.excluded_at < known_days.known_to
    left join close_intervals
        on known_days.known_interval = close_intervals.known_interval

)

select * from final
