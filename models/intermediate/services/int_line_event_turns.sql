-- One row per step of an event (int_line_event_targets) in the order in which the
-- steps of a scope are taken.
{{ config(materialized='table') }}

with

targets as (

    select * from {{ ref('int_line_event_targets') }}

),

events as (

    select * from {{ ref('int_line_events') }}

),

undone as (

    select distinct
        source_system,
        restores_event_id
    from events
    where restores_event_id is not null

),

steps as (

    select
        source_system,
        scope_id,
        event_id,
        step_number
    from targets
    group by source_system, scope_id, event_id, step_number

)

select
    steps.*,
    events.is_restore,
    events.restores_event_id,
    undone.restores_event_id is not null as is_undone_later,
    -- What is a gain leaves the line reversed.
    events.event_type in ('refund_failed', 'dispute_won', 'recovered') as may_be_gain,
    -- So does a credit note that takes over from a write-off what that took.
    case when events.event_type = 'write_off_credited' then events.placed_event_id end
        as taken_over_by,
    cast(
        row_number() over (
            partition by steps.source_system, steps.scope_id
            order by steps.step_number
        ) as bigint
    ) as turn
from steps
inner join events
    on
        steps.source_system = events.source_system
        and steps.event_id = events.event_id
left join undone
    on
        steps.source_system = undone.source_system
        and steps.event_id = undone.restores_event_id
