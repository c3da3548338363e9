-- The slices of a part, before any reversal, sum to its amount and never go beyond
-- it or back; those of a part that waits for its fulfilments sum to what they release.
{{ config(group='revrec') }}

with

slices as (

    select * from {{ ref('int_schedule_slices') }}

),

parts as (

    select * from {{ ref('int_service_line_parts') }}
    where is_scheduled

),

releases as (

    select * from {{ ref('int_service_part_releases') }}

),

summed as (

    select
        source_system,
        line_id,
        part_number,
        sum(cumulative_after - cumulative_before) as scheduled_minor,
        max(abs(cumulative_after)) as largest_minor,
        min(
            case
                when cumulative_after - cumulative_before > 0 then 1
                else -1
            end
        ) as least_direction,
        max(
            case
                when cumulative_after - cumulative_before > 0 then 1
                else -1
            end
        ) as greatest_direction
    from slices
    group by source_system, line_id, part_number

),

compared as (

    select
        parts.source_system,
        parts.line_id,
        parts.part_number,
        parts.treatment,
        parts.amount_minor,
        case
            when releases.line_id is not null then releases.ever_minor
            when parts.starts_on is null then 0
            else parts.amount_minor
        end as expected_minor,
        coalesce(summed.scheduled_minor, 0) as scheduled_minor,
        coalesce(summed.largest_minor, 0) as largest_minor,
        coalesce(summed.least_direction <> summed.greatest_direction, false) as goes_back
    from parts
    left join summed
        on
            parts.source_system = summed.source_system
            and parts.line_id = summed.line_id
            and parts.part_number = summed.part_number
    left join releases
        on
            parts.source_system = releases.source_system
            and parts.line_id = releases.line_id
            and parts.part_number = releases.part_number

)

select *
from compared
where
    scheduled_minor <> expected_minor
    or largest_minor > abs(amount_minor)
    or (goes_back and treatment <> 'defer')
