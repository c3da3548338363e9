-- One row per row of the seed unclaimed_property: the share of breakage that the law of a
-- jurisdiction keeps for it, from which accounting period on, and what is wrong with the
-- row. A singular test stops the build where `problem` is not null.
{{ config(materialized='table') }}

with

unclaimed_property as (

    select * from {{ raw('finance', 'unclaimed_property') }}

),

accounting_days as (

    select * from {{ ref('int_accounting_days') }}

),

known_floors as (

    select * from {{ ref('int_known_floors') }}

),

parsed as (

    select
        {{ text_value('jurisdiction') }} as jurisdiction,
        {{ parse_decimal('share', 7, 6) }} as unclaimed_share,
        {{ parse_decimal('dormancy_days', 11, 1) }} as dormancy_number,
        coalesce({{ text_value('counted_from') }}, 'expiry') as counted_from,
        {{ parse_day('effective_from') }} as effective_from,
        {{ parse_timestamp('known_at') }} as known_at
    from unclaimed_property

),

final as (

    select
        parsed.*,
        cast(parsed.unclaimed_share * 1000000 as bigint) as share_micro,
        -- A hundred years are never.
        cast(least(greatest(parsed.dormancy_number, 0), 36525) as integer) as dormancy_days,
        greatest(accounting_days.period_index, known_floors.first_open_period_index)
            as posting_period_index,
        coalesce(accounting_days.is_counted, false) as is_counted,
        case
            when parsed.jurisdiction is null then 'jurisdiction is empty'
            when parsed.unclaimed_share is null
                then 'share is empty or no number of up to six decimals'
            when parsed.unclaimed_share < 0 or parsed.unclaimed_share > 1
                then 'share is not from 0 to 1'
            when
                parsed.dormancy_number is null
                or parsed.dormancy_number <> trunc(parsed.dormancy_number)
                then 'dormancy_days is empty or no whole number'
            when parsed.dormancy_number < 0 or parsed.dormancy_number > 36525
                then 'dormancy_days is not from 0 to 36525'
            when parsed.counted_from not in ('expiry', 'last_activity')
                then 'counted_from is not expiry or last_activity'
            when accounting_days.period_index is null then 'effective_from is empty or no day'
            when known_floors.known_interval is null then 'known_at is empty or no time'
            when
                count(*) over (
                    partition by parsed.jurisdiction, parsed.effective_from, parsed.known_at
                ) > 1
                then 'two rows of one jurisdiction with one effective_from and known_at'
        end as problem
    from parsed
    left join accounting_days
        on parsed.effective_from = accounting_days.accounting_date
    left join known_floors
        on
            cast(parsed.known_at as date) = known_floors.known_date
            and parsed.known_at >= known_floors.known_from
            and parsed.known_at < known_floors.known_to
    where not {{ is_known_later('parsed.known_at') }}

)

select * from final
