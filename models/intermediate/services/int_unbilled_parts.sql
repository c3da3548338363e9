-- One row per part that may be recognised before it is billed: what was recognised
-- in the accounting periods before its billing (all of it, while it has none).
{{ config(materialized='table') }}

with

parts as (

    select * from {{ ref('int_service_line_parts') }}
    where
        is_scheduled
        and catch_up <> 'own_period_deferred'
        and (
            unbilled_date is not null
            or catch_up = 'own_period_unbilled'
            or known_floor_index < booked_period_index
        )

),

slices as (

    select * from {{ ref('int_schedule_slices') }}
    where is_recognised

)

select
    parts.source_system,
    parts.line_id,
    parts.part_number,
    cast(sum(slices.cumulative_after - slices.cumulative_before) as bigint) as unbilled_minor
from slices
inner join parts
    on
        slices.source_system = parts.source_system
        and slices.line_id = parts.line_id
        and slices.part_number = parts.part_number
where
    parts.booked_period_index is null
    or slices.accounting_period_index < parts.booked_period_index
group by parts.source_system, parts.line_id, parts.part_number
