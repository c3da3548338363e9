-- Nothing is recognised before its service begins (or before it is booked, where a
-- line has no days of its own), nor after as_of_date.
{{ config(group='revrec') }}

with

slices as (

    select * from {{ ref('int_schedule_slices') }}
    where is_recognised

),

parts as (

    select * from {{ ref('int_service_line_parts') }}
    where is_scheduled

),

accounting_days as (

    select * from {{ ref('int_accounting_days') }}

),

summed as (

    select
        source_system,
        line_id,
        part_number,
        min(effective_period_index) as first_index,
        min(recognised_on) as first_on,
        max(recognised_on) as last_on
    from slices
    group by source_system, line_id, part_number

)

select
    summed.source_system,
    summed.line_id,
    summed.part_number,
    parts.starts_on,
    summed.first_on,
    summed.last_on
from summed
left join parts
    on
        summed.source_system = parts.source_system
        and summed.line_id = parts.line_id
        and summed.part_number = parts.part_number
left join accounting_days
    on parts.starts_on = accounting_days.accounting_date
where
    parts.line_id is null
    or summed.last_on > cast('{{ as_of_date() }}' as date)
    or summed.first_on < parts.starts_on
    or summed.first_index < accounting_days.period_index
