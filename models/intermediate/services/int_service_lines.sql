-- One row per raw row that can earn revenue: its amounts in minor units, its
-- days, where the calendar puts them, and why it does not count, where it does
-- not. The columns before the policies are those that a policy macro may use.
{{ config(materialized='table') }}

with

lines as (

    select * from {{ ref('int_service_lines_scaled') }}

),

accounting_days as (

    select * from {{ ref('int_accounting_days') }}

),

known_days as (

    select * from {{ ref('int_known_floors') }}

),

calendar as (

    select
        min(starts_on) as starts_on,
        max(ends_on) as last_day
    from {{ ref('dim_accounting_periods') }}

),

-- As of an instant an item may be known and its invoice not.
dated as (

    select
        *,
        {{ is_known_later('known_at') }} as is_known_later,
        {{ is_known_later('booked_known_at') }} as is_booking_known_later
    from lines

),

placed as (

    select
        lines.*,
        lines.service_starts_at as starts_at,
        lines.service_ends_at as ends_at,
        case
            when booked_days.is_counted and not lines.is_booking_known_later
                then lines.booked_on_or_at
        end as booked_date,
        case when unbilled_days.is_counted then lines.unbilled_on end as unbilled_date,
        case
            when booked_days.is_counted and not lines.is_booking_known_later
                then booked_days.period_index
        end as booked_effective_index,
        case when unbilled_days.is_counted then unbilled_days.period_index end
            as unbilled_effective_index,
        known.first_open_period_index as known_floor_index,
        booked_known.first_open_period_index as booked_floor_index,
        booked_days.period_index is null and lines.booked_on_or_at is not null
        or unbilled_days.period_index is null and lines.unbilled_on is not null
        or coalesce(
            lines.starts_on < calendar.starts_on
            or lines.starts_on > calendar.last_day
            or lines.ends_on > {{ add_days('calendar.last_day', 1) }},
            false
        ) as is_outside_calendar
    from dated as lines
    cross join calendar
    left join accounting_days as booked_days
        on lines.booked_on_or_at = booked_days.accounting_date
    left join accounting_days as unbilled_days
        on lines.unbilled_on = unbilled_days.accounting_date
    left join known_days as known
        on
            cast(lines.known_at as date) = known.known_date
            and lines.known_at >= known.known_from
            and lines.known_at < known.known_to
    left join known_days as booked_known
        on
            cast(lines.booked_known_at as date) = booked_known.known_date
            and lines.booked_known_at >= booked_known.known_from
            and lines.booked_known_at < booked_known.known_to

),

final as (

    select
        *,
        {{ entity_of() }} as entity_id,
        booked_date is not null as is_booked,
        -- greatest leaves nulls out, and what lies ahead is in no period.
        case
            when booked_date is not null
                then greatest(booked_effective_index, booked_floor_index)
        end as booked_period_index,
        case
            when unbilled_date is not null
                then greatest(unbilled_effective_index, known_floor_index)
        end as unbilled_period_index,
        case
            when line_problem is not null then line_problem
            when is_outside_calendar then 'outside_calendar'
            when is_known_later then 'known_later'
            when known_floor_index is null then 'invalid_timestamp'
            when booked_date is not null and booked_floor_index is null
                then 'invalid_timestamp'
            when booked_date is null and unbilled_date is null and is_booking_known_later
                then 'known_later'
            when booked_date is null and unbilled_date is null then 'after_as_of_date'
        end as line_reason
    from placed

)

select * from final
