-- The parts of a line sum to its amount and its tax - where policy allocation
-- gives it another amount, to that - and allocation keeps the sum of an invoice.
{{ config(group='revrec') }}

with

lines as (

    select * from {{ ref('int_service_lines_counted') }}

),

parts as (

    select * from {{ ref('int_service_line_parts') }}

),

allocations as (

    select * from {{ ref('int_service_line_allocations') }}

),

-- One aggregation for both sides: both are large.
differences as (

    select
        lines.source_system,
        'line ' || lines.line_id as subject,
        coalesce(allocations.amount_minor, lines.amount_minor)
        + coalesce(lines.tax_minor, 0) as expected_minor,
        0 as actual_minor
    from lines
    left join allocations
        on
            lines.source_system = allocations.source_system
            and lines.line_id = allocations.line_id

    union all

    select
        source_system,
        'line ' || line_id as subject,
        0 as expected_minor,
        amount_minor as actual_minor
    from parts

    union all

    select
        lines.source_system,
        'invoice ' || lines.invoice_id as subject,
        lines.amount_minor as expected_minor,
        allocations.amount_minor as actual_minor
    from lines
    inner join allocations
        on
            lines.source_system = allocations.source_system
            and lines.line_id = allocations.line_id

),

summed as (

    select
        source_system,
        subject,
        sum(expected_minor) as expected_minor,
        sum(actual_minor) as actual_minor
    from differences
    group by source_system, subject

)

select *
from summed
where expected_minor <> actual_minor
