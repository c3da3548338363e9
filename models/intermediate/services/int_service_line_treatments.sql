-- One row per line that counts and treatment of its rule, else of the default;
-- one more, numbered 0, for its tax.
with

lines as (

    select * from {{ ref('int_service_lines_counted') }}

),

line_rules as (

    select * from {{ ref('int_service_line_rules') }}

),

rules as (

    select * from {{ ref('int_recognition_rules') }}
    where is_valid

),

allocations as (

    select * from {{ ref('int_service_line_allocations') }}

),

splits as (

    select * from {{ ref('int_service_line_splits') }}

),

ruled as (

    select
        lines.*,
        line_rules.rule_number,
        allocations.amount_minor as allocated_minor
    from lines
    left join line_rules
        on
            lines.source_system = line_rules.source_system
            and lines.line_id = line_rules.line_id
    left join allocations
        on
            lines.source_system = allocations.source_system
            and lines.line_id = allocations.line_id

),

net_parts as (

    select
        ruled.*,
        cast(coalesce(rules.part_number, 1) as integer) as part_number,
        rules.rule_name,
        -- A rule wins over what the source says, and that over the default.
        case
            when rules.treatment is not null then rules.treatment
            when ruled.recognition_hint = 'never' then 'defer'
            when ruled.recognition_hint = 'credit_purchase' then 'credit_purchase'
            when ruled.recognition_hint is not null then 'at_point_in_time'
            when ruled.starts_on is not null then 'amortise_service_period'
            else 'at_point_in_time'
        end as treatment,
        case
            when rules.treatment is not null then rules.recognise_on
            when ruled.recognition_hint = 'at_range_start' then ruled.starts_on
            when ruled.recognition_hint = 'at_range_end'
                then greatest(ruled.starts_on, {{ add_days('ruled.ends_on', -1) }})
        end as recognise_on,
        coalesce(rules.start_offset, 0) as start_offset,
        coalesce(rules.start_offset_unit, 'days') as start_offset_unit,
        rules.duration,
        rules.duration_unit,
        rules.backstop_months,
        coalesce(splits.amount_minor, ruled.allocated_minor, ruled.amount_minor) as part_minor
    from ruled
    left join rules
        on ruled.rule_number = rules.rule_number
    left join splits
        on
            ruled.source_system = splits.source_system
            and ruled.line_id = splits.line_id
            and rules.part_number = splits.part_number

),

-- A line that is wholly excluded takes its tax with it.
tax_parts as (

    select
        ruled.*,
        0 as part_number,
        case when rules.treatment = 'exclude' then rules.rule_name end as rule_name,
        case when rules.treatment = 'exclude' then 'exclude' else 'tax' end as treatment,
        cast(null as date) as recognise_on,
        0 as start_offset,
        'days' as start_offset_unit,
        cast(null as integer) as duration,
        cast(null as varchar) as duration_unit,
        cast(null as integer) as backstop_months,
        ruled.tax_minor as part_minor
    from ruled
    left join rules
        on
            ruled.rule_number = rules.rule_number
            and rules.part_count = 1
    where ruled.tax_minor <> 0

),

final as (

    select * from net_parts

    union all

    select * from tax_parts

)

select * from final
