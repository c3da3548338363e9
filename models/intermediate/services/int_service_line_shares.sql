-- One row per scheduled part with a value: what of it is recognised by as_of_date
-- according to its own terms, before any reversal. For the tie-outs alone: it
-- knows days, seconds and fulfilments, not the schedule.
with

parts as (

    select * from {{ ref('int_service_line_parts') }}
    where is_scheduled and amount_minor <> 0

),

month_shares as (

    select * from {{ ref('int_service_month_shares') }}

),

releases as (

    select * from {{ ref('int_service_part_releases') }}

),

elapsed as (

    select
        parts.*,
        releases.ever_minor,
        releases.to_date_minor,
        case
            when month_shares.total is not null then month_shares.total
            when parts.granularity = 'by_second' and parts.treatment <> 'at_point_in_time'
                then {{ epoch_seconds('parts.ends_at') }} - {{ epoch_seconds('parts.starts_at') }}
            else {{ days_between('parts.starts_on', 'parts.ends_on') }}
        end as total,
        case
            when month_shares.total is not null then month_shares.elapsed
            when parts.granularity = 'by_second' and parts.treatment <> 'at_point_in_time'
                then {{ epoch_seconds(day_start_in_utc(
                    add_days("cast('" ~ as_of_date() ~ "' as date)", 1), accounting_timezone()
                )) }} - {{ epoch_seconds('parts.starts_at') }}
            else {{ days_between(
                'parts.starts_on', add_days("cast('" ~ as_of_date() ~ "' as date)", 1)
            ) }}
        end as elapsed
    from parts
    left join month_shares
        on
            parts.source_system = month_shares.source_system
            and parts.line_id = month_shares.line_id
            and parts.part_number = month_shares.part_number
    left join releases
        on
            parts.source_system = releases.source_system
            and parts.line_id = releases.line_id
            and parts.part_number = releases.part_number

),

bounded as (

    select
        *,
        greatest(least(elapsed, total), 0) as elapsed_weight
    from elapsed

)

select
    source_system,
    line_id,
    part_number,
    obligation_id,
    entity_id,
    currency,
    amount_minor,
    booked_date,
    recovery,
    treatment,
    rounding,
    coalesce(
        to_date_minor,
        case
            when total > 0 then {{ share_minor('amount_minor', 'elapsed_weight', 'total') }}
            else 0
        end
    ) as earned_minor,
    -- What no row of the schedule holds: not fulfilled, or without days while it is
    -- not invoiced.
    case
        when ever_minor is not null then amount_minor - ever_minor
        when starts_on is null then amount_minor
        else 0
    end as unscheduled_minor,
    -- Roundings other than cumulative may be off by less than one minor unit for
    -- each period.
    case
        when rounding = 'cumulative' or starts_on is null then 0
        else {{ integer_divide(days_between('starts_on', 'ends_on'), '28') }} + 2
    end as tolerance_minor
from bounded
