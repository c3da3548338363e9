-- One row per part that is recognised over time or on a day: its days and
-- instants, and the accounting periods that it touches.
with

parts as (

    select * from {{ ref('int_service_line_parts') }}
    where
        is_scheduled
        and starts_on is not null
        and amount_minor <> 0

),

accounting_days as (

    select * from {{ ref('int_accounting_days') }}

),

dated as (

    select
        source_system,
        line_id,
        part_number,
        amount_minor,
        rounding,
        schedule_floor_index,
        starts_on,
        ends_on,
        coalesce(starts_at, {{ day_start_in_utc('starts_on', accounting_timezone()) }})
            as starts_at,
        coalesce(ends_at, {{ day_start_in_utc('ends_on', accounting_timezone()) }}) as ends_at,
        -- One day has no months to be divided into.
        case when treatment = 'at_point_in_time' then 'by_day' else granularity end
            as granularity,
        case
            when catch_up = 'in_booked_period'
                then coalesce(unbilled_effective_index, booked_effective_index)
        end as floor_index,
        case when catch_up = 'in_booked_period' then coalesce(unbilled_date, booked_date) end
            as floor_date
    from parts

),

-- A service that ends at noon touches that day by the second, not by the day.
touched as (

    select
        *,
        case
            when granularity in ('by_second', 'by_month_prorated_ends')
                then {{ accounting_date("(ends_at - interval '1 second')") }}
            else {{ add_days('ends_on', -1) }}
        end as last_on
    from dated

),

final as (

    select
        touched.*,
        {{ epoch_seconds('touched.starts_at') }} as starts_second,
        {{ epoch_seconds('touched.ends_at') }} as ends_second,
        first_days.period_index as start_index,
        case
            -- The month in which the service ends is cut off.
            when touched.granularity = 'by_month_even'
                then greatest(end_days.period_index - first_days.period_index, 1)
            else last_days.period_index - first_days.period_index + 1
        end as period_count
    from touched
    inner join accounting_days as first_days
        on touched.starts_on = first_days.accounting_date
    inner join accounting_days as last_days
        on touched.last_on = last_days.accounting_date
    inner join accounting_days as end_days
        on touched.ends_on = end_days.accounting_date

)

select * from final
