-- One row per event and part that it takes from or gives back to (a negative
-- amount): what of it comes off the position (deferred revenue, tax, ...) and what
-- was recognised before and goes to the contra account.
{{ config(materialized='table') }}

with

splits as (

    select * from {{ ref('int_reversal_splits') }}

),

parts as (

    select * from {{ ref('int_reversible_parts') }}

),

events as (

    select * from {{ ref('int_line_events') }}

),

slices as (

    select * from {{ ref('int_schedule_slices') }}
    where is_recognised

),

shares as (

    select
        source_system,
        part_key,
        event_id,
        sum(share_minor) as share_minor
    from splits
    group by source_system, part_key, event_id

),

reversed as (

    select
        parts.source_system,
        parts.line_id,
        parts.part_number,
        parts.obligation_id,
        parts.is_scheduled,
        parts.position_account,
        parts.amount_minor,
        events.event_id,
        events.event_type,
        events.event_number,
        events.settlement_account,
        events.effective_on,
        events.effective_period_index,
        events.accounting_period_index,
        shares.share_minor,
        -- A gain, and what a credit note takes over from a write-off.
        events.is_restore
        and parts.recovery = 'as_gains'
        and events.event_type <> 'credit_note_voided'
        or events.event_type = 'write_off_credited' as stays_reversed,
        events.accounting_period_index
        + case parts.reversal_timing when 'through_current_period' then 1 else 0 end
            as acts_from_index
    from shares
    inner join parts
        on
            shares.source_system = parts.source_system
            and shares.part_key = parts.part_key
    inner join events
        on
            shares.source_system = events.source_system
            and shares.event_id = events.event_id

),

-- What the schedule recognised in the periods before the event acts.
recognised as (

    select
        reversed.source_system,
        reversed.line_id,
        reversed.part_number,
        reversed.event_id,
        sum(slices.cumulative_after - slices.cumulative_before) as recognised_minor
    from slices
    inner join reversed
        on
            slices.source_system = reversed.source_system
            and slices.line_id = reversed.line_id
            and slices.part_number = reversed.part_number
            and slices.accounting_period_index < reversed.acts_from_index
    group by
        reversed.source_system, reversed.line_id, reversed.part_number, reversed.event_id

),

cumulated as (

    select
        reversed.*,
        sum(case when reversed.stays_reversed then 0 else reversed.share_minor end) over (
            partition by reversed.source_system, reversed.line_id, reversed.part_number
            order by reversed.event_number
            rows between unbounded preceding and current row
        ) as reversed_after,
        coalesce(recognised.recognised_minor, 0) as recognised_minor
    from reversed
    left join recognised
        on
            reversed.source_system = recognised.source_system
            and reversed.line_id = recognised.line_id
            and reversed.part_number = recognised.part_number
            and reversed.event_id = recognised.event_id

),

bounded as (

    select
        *,
        amount_minor - reversed_after as left_after,
        amount_minor - reversed_after + share_minor as left_before,
        amount_minor - recognised_minor as unrecognised_minor
    from cumulated

),

deferred as (

    select
        *,
        {{ proportion_minor('left_before', 'unrecognised_minor', 'amount_minor') }}
            as deferred_before,
        {{ proportion_minor('left_after', 'unrecognised_minor', 'amount_minor') }}
            as deferred_after
    from bounded

),

final as (

    select
        *,
        case
            when stays_reversed then 0
            when not is_scheduled then share_minor
            else deferred_before - deferred_after
        end as position_minor
    from deferred

)

select
    source_system,
    line_id,
    part_number,
    obligation_id,
    position_account,
    event_id,
    event_type,
    event_number,
    settlement_account,
    effective_on,
    effective_period_index,
    accounting_period_index,
    acts_from_index,
    is_scheduled,
    stays_reversed,
    stays_reversed and event_type <> 'write_off_credited' as is_gain,
    share_minor,
    reversed_after,
    position_minor,
    share_minor - position_minor as contra_minor
from final
