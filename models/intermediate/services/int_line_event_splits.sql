-- One row per event, line and kind of part (net or tax) that the source itself
-- split. A credit note of which a write-off holds a part alone is not split so.
{{ config(materialized='table') }}

with

splits as (

    select * from {{ ref('int_line_event_splits_shared') }}

),

events as (

    select * from {{ ref('int_line_events') }}

),

kinds as (

    select
        source_system,
        event_id,
        line_id,
        'net' as part_kind,
        net_minor as amount_minor
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
    events.source_system,
    events.event_id,
    kinds.line_id,
    kinds.part_kind,
    cast(sum(kinds.amount_minor) as bigint) as amount_minor
from events
inner join kinds
    on
        events.source_system = kinds.source_system
        and events.split_event_id = kinds.event_id
where kinds.amount_minor <> 0
group by events.source_system, events.event_id, kinds.line_id, kinds.part_kind
