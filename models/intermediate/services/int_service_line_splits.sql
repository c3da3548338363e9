-- One row per part of a line whose rule has several treatments: its share of the
-- net amount by largest remainder, equal ones by the number of the part. The
-- parts of a negative line are those of its opposite.
with

lines as (

    select * from {{ ref('int_service_lines_counted') }}

),

line_rules as (

    select * from {{ ref('int_service_line_rules') }}

),

rules as (

    select * from {{ ref('int_recognition_rules') }}
    where is_valid and part_count > 1

),

allocations as (

    select * from {{ ref('int_service_line_allocations') }}

),

split as (

    select
        lines.source_system,
        lines.line_id,
        rules.part_number,
        coalesce(allocations.amount_minor, lines.amount_minor) as net_minor,
        cast(
            abs(coalesce(allocations.amount_minor, lines.amount_minor)) as {{ type_integer() }}
        ) * rules.percent_millionths as numerator
    from lines
    inner join line_rules
        on
            lines.source_system = line_rules.source_system
            and lines.line_id = line_rules.line_id
    inner join rules
        on line_rules.rule_number = rules.rule_number
    left join allocations
        on
            lines.source_system = allocations.source_system
            and lines.line_id = allocations.line_id

),

divided as (

    select
        *,
        {{ integer_divide('numerator', '100000000') }} as whole_minor
    from split

),

ranked as (

    select
        *,
        abs(net_minor) - sum(whole_minor) over (
            partition by source_system, line_id
        ) as left_minor,
        row_number() over (
            partition by source_system, line_id
            order by numerator - whole_minor * 100000000 desc, part_number asc
        ) as place
    from divided

),

final as (

    select
        source_system,
        line_id,
        part_number,
        cast(
            (whole_minor + case when place <= left_minor then 1 else 0 end)
            * case when net_minor < 0 then -1 else 1 end as bigint
        ) as amount_minor
    from ranked

)

select * from final
