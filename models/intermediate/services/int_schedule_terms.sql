-- One row per part of int_schedule_bounds: what its first, middle and last period
-- weigh, and the accounting periods in which it may be recognised. Weights are
-- integers whose unit (days, seconds, periods) cancels out.
with

bounds as (

    select * from {{ ref('int_schedule_bounds') }}

),

periods as (

    select * from {{ ref('int_period_seconds') }}

),

measured as (

    select
        bounds.*,
        case
            when bounds.granularity in ('by_second', 'by_month_prorated_ends')
                then bounds.starts_second = first_periods.starts_second
            else bounds.starts_on = first_periods.starts_on
        end as is_first_whole,
        case
            when bounds.granularity in ('by_second', 'by_month_prorated_ends')
                then bounds.ends_second = last_periods.next_starts_second
            else bounds.ends_on = last_periods.next_starts_on
        end as is_last_whole,
        first_periods.next_starts_second - bounds.starts_second as first_seconds,
        bounds.ends_second - last_periods.starts_second as last_seconds,
        {{ days_between('bounds.starts_on', 'first_periods.next_starts_on') }} as first_days,
        {{ days_between('last_periods.starts_on', 'bounds.ends_on') }} as last_days,
        first_periods.day_count as days_of_first,
        last_periods.day_count as days_of_last
    from bounds
    inner join periods as first_periods
        on bounds.start_index = first_periods.period_index
    inner join periods as last_periods
        on bounds.start_index + bounds.period_count - 1 = last_periods.period_index

),

-- Partial ends take their share of the whole time, the whole periods share the
-- rest equally.
divided as (

    select
        *,
        ends_second - starts_second
        - case when is_first_whole then 0 else first_seconds end
        - case when is_last_whole then 0 else last_seconds end as whole_seconds,
        period_count
        - case when is_first_whole then 0 else 1 end
        - case when is_last_whole then 0 else 1 end as whole_count
    from measured

),

weighed as (

    select
        *,
        case granularity
            when 'by_month_fraction' then cast(first_days as bigint) * days_of_last
            when 'by_month_prorated_ends'
                then case
                    when period_count = 1 then 1
                    when is_first_whole then whole_seconds
                    else first_seconds * greatest(whole_count, 1)
                end
            else 1
        end as first_weight,
        case granularity
            when 'by_month_fraction' then cast(days_of_first as bigint) * days_of_last
            when 'by_month_prorated_ends' then whole_seconds
            else 1
        end as middle_weight,
        case granularity
            when 'by_month_fraction' then cast(last_days as bigint) * days_of_first
            when 'by_month_prorated_ends'
                then case
                    when is_last_whole then whole_seconds
                    else last_seconds * greatest(whole_count, 1)
                end
            else 1
        end as last_weight
    from divided

),

-- Service before the first of these periods is caught up in it; where each period
-- is rounded by itself that comes afterwards (int_schedule_slices_plugged).
floored as (

    select
        *,
        case when rounding = 'cumulative' then coalesce(floor_index, 0) else 0 end
            as spread_floor_index
    from weighed

),

final as (

    select
        *,
        case
            when granularity = 'by_day'
                then cast({{ days_between('starts_on', 'ends_on') }} as bigint)
            when granularity = 'by_second' then ends_second - starts_second
            when period_count = 1 then first_weight
            else first_weight + (period_count - 2) * middle_weight + last_weight
        end as total_weight,
        greatest(start_index, spread_floor_index) as first_index,
        greatest(start_index + period_count - 1, spread_floor_index) as last_index,
        greatest(start_index + period_count - 1, spread_floor_index)
        - greatest(start_index, spread_floor_index) + 1 as span_count
    from floored

)

select * from final
