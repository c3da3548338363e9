-- One row per line that counts but that no journal entry is of, and why. They are
-- few: the parts are read for them only.
with

parts as (

    select * from {{ ref('int_service_line_parts') }}

),

exclusions as (

    select * from {{ ref('int_service_line_exclusions') }}
    where not is_closed

),

slices as (

    select * from {{ ref('int_recognised_slices') }}
    where is_recognised and amount_minor <> 0

),

effects as (

    select * from {{ ref('int_reversal_effects') }}

),

-- What is billed is in the books; of these it is not certain.
idle_parts as (

    select
        *,
        position_account is null and amount_minor <> 0 as is_excluded,
        position_account is not null and amount_minor <> 0 as is_pending
    from parts
    where position_account is null or amount_minor = 0 or booked_date is null

),

-- An item is in the books once some of it was earned or taken back.
entered_parts as (

    select
        idle_parts.source_system,
        idle_parts.line_id
    from idle_parts
    inner join slices
        on
            idle_parts.source_system = slices.source_system
            and idle_parts.line_id = slices.line_id
            and idle_parts.part_number = slices.part_number
    where idle_parts.is_pending

    union

    select
        idle_parts.source_system,
        idle_parts.line_id
    from idle_parts
    inner join effects
        on
            idle_parts.source_system = effects.source_system
            and idle_parts.obligation_id = effects.obligation_id
    where idle_parts.is_pending

),

counted as (

    select
        source_system,
        line_id,
        count(*) as idle_count,
        max(case when is_excluded then 1 else 0 end) as has_excluded,
        max(case when is_pending then 1 else 0 end) as has_pending
    from idle_parts
    group by source_system, line_id

),

part_counts as (

    select
        parts.source_system,
        parts.line_id,
        count(*) as part_count
    from parts
    inner join counted
        on
            parts.source_system = counted.source_system
            and parts.line_id = counted.line_id
    group by parts.source_system, parts.line_id

),

final as (

    select
        source_system,
        line_id,
        'excluded_by_finance' as reason
    from exclusions

    union all

    select
        counted.source_system,
        counted.line_id,
        case
            when counted.has_pending = 1 then 'not_invoiced'
            when counted.has_excluded = 1 then 'excluded_by_rule'
            else 'zero_amount'
        end as reason
    from counted
    inner join part_counts
        on
            counted.source_system = part_counts.source_system
            and counted.line_id = part_counts.line_id
            and counted.idle_count = part_counts.part_count
    left join entered_parts
        on
            counted.source_system = entered_parts.source_system
            and counted.line_id = entered_parts.line_id
    where entered_parts.line_id is null

)

select * from final
