-- One row per part that is recognised by months or periods: the share of its
-- service that lies in periods ended by as_of_date, as a fraction of integers. For
-- the tie-outs alone: it knows the terms of the part and the calendar, not the
-- schedule.
with

parts as (

    select * from {{ ref('int_service_line_parts') }}
    where
        is_scheduled
        and starts_on is not null
        and treatment <> 'at_point_in_time'
        and granularity not in ('by_day', 'by_second')

),

accounting_days as (

    select * from {{ ref('int_accounting_days') }}

),

periods as (

    select * from {{ ref('int_period_seconds') }}

),

ended as (

    select max(period_index) as ended_index
    from periods
    where next_starts_on <= {{ add_days("cast('" ~ as_of_date() ~ "' as date)", 1) }}

),

touched as (

    select
        parts.source_system,
        parts.line_id,
        parts.part_number,
        parts.granularity,
        parts.starts_on,
        parts.ends_on,
        {{ epoch_seconds("coalesce(parts.starts_at, "
            ~ day_start_in_utc('parts.starts_on', accounting_timezone()) ~ ")") }}
            as starts_second,
        {{ epoch_seconds("coalesce(parts.ends_at, "
            ~ day_start_in_utc('parts.ends_on', accounting_timezone()) ~ ")") }}
            as ends_second,
        -- A service that ends during a day touches it where times count.
        case
            when parts.granularity = 'by_month_prorated_ends' and parts.ends_at is not null
                then {{ accounting_date("parts.ends_at - interval '1 second'") }}
            when parts.granularity = 'by_month_even'
                then parts.ends_on
            else {{ add_days('parts.ends_on', -1) }}
        end as last_on
    from parts

),

counted as (

    select
        touched.*,
        first_days.period_index as first_index,
        -- Of even months the one in which the service ends is cut off.
        greatest(
            last_days.period_index - first_days.period_index
            + case touched.granularity when 'by_month_even' then 0 else 1 end,
            1
        ) as period_count,
        greatest(ended.ended_index - first_days.period_index + 1, 0) as ended_count
    from touched
    cross join ended
    inner join accounting_days as first_days
        on touched.starts_on = first_days.accounting_date
    inner join accounting_days as last_days
        on touched.last_on = last_days.accounting_date

),

ends as (

    select
        counted.*,
        first_periods.day_count as days_of_first,
        last_periods.day_count as days_of_last,
        {{ days_between('counted.starts_on', 'first_periods.next_starts_on') }} as first_days,
        {{ days_between('last_periods.starts_on', 'counted.ends_on') }} as last_days,
        counted.ends_second - counted.starts_second as all_seconds,
        case
            when counted.starts_second > first_periods.starts_second
                then first_periods.next_starts_second - counted.starts_second
            else 0
        end as first_seconds,
        case
            when counted.ends_second < last_periods.next_starts_second
                then counted.ends_second - last_periods.starts_second
            else 0
        end as last_seconds
    from counted
    inner join periods as first_periods
        on counted.first_index = first_periods.period_index
    inner join periods as last_periods
        on counted.first_index + counted.period_count - 1 = last_periods.period_index

),

wholes as (

    select
        *,
        case when first_seconds > 0 then 1 else 0 end as partial_first,
        greatest(
            period_count
            - case when first_seconds > 0 then 1 else 0 end
            - case when last_seconds > 0 then 1 else 0 end,
            1
        ) as whole_count
    from ends

),

final as (

    select
        source_system,
        line_id,
        part_number,
        cast(
            case
                when ended_count = 0 then 0
                when ended_count >= period_count then 1
                when granularity = 'by_month_fraction'
                    then
                        first_days * days_of_last
                        + (ended_count - 1) * days_of_first * days_of_last
                when granularity = 'by_month_prorated_ends'
                    then
                        first_seconds * whole_count
                        + (ended_count - partial_first)
                        * (all_seconds - first_seconds - last_seconds)
                else ended_count
            end as bigint
        ) as elapsed,
        cast(
            case
                when ended_count = 0 or ended_count >= period_count then 1
                when granularity = 'by_month_fraction'
                    then
                        first_days * days_of_last
                        + (period_count - 2) * days_of_first * days_of_last
                        + last_days * days_of_first
                when granularity = 'by_month_prorated_ends' then all_seconds * whole_count
                else period_count
            end as bigint
        ) as total
    from wholes

)

select * from final
