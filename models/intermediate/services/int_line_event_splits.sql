-- One row per event, line and kind of part (net or tax) that the source itself
-- split. What restores an event is split as that event was, unless the source says
-- otherwise.
{{ config(materialized='table') }}

with

splits as (

    select * from {{ ref('int_line_event_splits_placed') }}
    where split_reason is null

),

events as (

    select * from {{ ref('int_line_events') }}

),

split_events as (

    select distinct
        source_system,
        event_id
    from splits

),

followed as (

    select
        events.source_system,
        events.event_id,
        coalesce(split_events.event_id, events.restores_event_id) as split_event_id
    from events
    left join split_events
        on
            events.source_system = split_events.source_system
            and events.event_id = split_events.event_id

),

kinds as (

    select
        source_system,
        event_id,
        line_id,
        'net' as part_kind,
        amount_minor
    from splits

    union all

    select
        source_system,
        event_id,
        line_id,
        'tax' as part_kind,
        tax_minor as amount_minor
    from splits

)

select
    followed.source_system,
    followed.event_id,
    kinds.line_id,
    kinds.part_kind,
    cast(sum(kinds.amount_minor) as bigint) as amount_minor
from followed
inner join kinds
    on
        followed.source_system = kinds.source_system
        and followed.split_event_id = kinds.event_id
where kinds.amount_minor <> 0
group by followed.source_system, followed.event_id, kinds.line_id, kinds.part_kind
