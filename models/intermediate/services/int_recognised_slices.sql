-- The slices net of what was reversed: deferred before less deferred after, where
-- deferred is what is left of the part x the share that is not recognised yet.
with

-- What is still to come is net of every reversal.
slices as (

    select
        *,
        case when is_recognised then accounting_period_index else 99999 end as reversal_index
    from {{ ref('int_schedule_slices') }}

),

steps as (

    select * from {{ ref('int_reversal_steps') }}

),

parts as (

    select * from {{ ref('int_reversible_parts') }}

),

reversed as (

    select
        steps.*,
        parts.amount_minor - steps.reversed_minor as left_minor,
        parts.amount_minor
    from steps
    inner join parts
        on
            steps.source_system = parts.source_system
            and steps.line_id = parts.line_id
            and steps.part_number = parts.part_number

),

weighed as (

    select
        slices.*,
        reversed.left_minor,
        reversed.amount_minor as part_minor,
        reversed.amount_minor - slices.cumulative_before as unrecognised_before,
        reversed.amount_minor - slices.cumulative_after as unrecognised_after
    from slices
    left join reversed
        on
            slices.source_system = reversed.source_system
            and slices.line_id = reversed.line_id
            and slices.part_number = reversed.part_number
            and slices.reversal_index between reversed.from_index and reversed.to_index

),

deferred as (

    select
        *,
        {{ proportion_minor('left_minor', 'unrecognised_before', 'part_minor') }}
            as deferred_before,
        {{ proportion_minor('left_minor', 'unrecognised_after', 'part_minor') }}
            as deferred_after
    from weighed

)

select
    source_system,
    line_id,
    part_number,
    effective_period_index,
    accounting_period_index,
    is_recognised,
    recognised_on,
    case
        when left_minor is null then cumulative_after - cumulative_before
        else deferred_before - deferred_after
    end as amount_minor
from deferred
