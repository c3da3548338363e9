-- One row per raw row of the schedules, and why usage cannot be rated by it.
with

schedule_rows as (

    select * from {{ ref('int_rate_schedules_unioned') }}

),

schedules as (

    select * from {{ ref('int_usage_rate_schedules') }}

)

select
    schedule_rows.source_system,
    schedule_rows.source_table,
    schedule_rows.source_key,
    coalesce(schedule_rows.row_reason, schedules.schedule_problem) as reason
from schedule_rows
left join schedules
    on
        schedule_rows.source_system = schedules.source_system
        and schedule_rows.source_key = schedules.source_key
        and schedule_rows.copy_number = 1
