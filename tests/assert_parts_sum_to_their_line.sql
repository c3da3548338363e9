-- The parts of a line sum to its amount and its tax; where policy allocation moves
-- amounts between the lines of a bundle, those of the bundle sum to its lines.
{{ config(group='revrec') }}

with

lines as (

    select * from {{ ref('int_service_lines_counted') }}

),

parts as (

    select * from {{ ref('int_service_line_parts') }}

),

-- A bundle is a subject of its own, any other line too.
line_subjects as (

    select
        source_system,
        line_id,
        case
            when allocation = 'standalone_selling_price' and invoice_id is not null
                then 'invoice ' || invoice_id
            else 'line ' || line_id
        end as subject,
        amount_minor + coalesce(tax_minor, 0) as expected_minor
    from lines

),

line_parts as (

    select
        source_system,
        line_id,
        sum(amount_minor) as parts_minor
    from parts
    group by source_system, line_id

),

summed as (

    select
        line_subjects.source_system,
        line_subjects.subject,
        sum(line_subjects.expected_minor) as expected_minor,
        sum(coalesce(line_parts.parts_minor, 0)) as parts_minor
    from line_subjects
    left join line_parts
        on
            line_subjects.source_system = line_parts.source_system
            and line_subjects.line_id = line_parts.line_id
    group by line_subjects.source_system, line_subjects.subject

)

select *
from summed
where expected_minor <> parts_minor
