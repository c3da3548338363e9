-- One row per event and group of parts that takes its own amount of it: those that
-- the source's split names (step 1), then all parts for the rest (step 2). An
-- amount of null takes whatever is left, as a void does of which nothing was paid.
{{ config(materialized='table') }}

with

events as (

    select * from {{ ref('int_line_events') }}
    where event_type <> 'write_off_voided'

),

splits as (

    select * from {{ ref('int_line_event_splits') }}

),

named as (

    select
        events.source_system,
        events.scope_id,
        events.event_id,
        events.event_number * 2 - 1 as step_number,
        splits.line_id,
        splits.part_kind,
        splits.amount_minor
    from events
    inner join splits
        on
            events.source_system = splits.source_system
            and events.event_id = splits.event_id

),

named_totals as (

    select
        source_system,
        event_id,
        sum(amount_minor) as amount_minor
    from named
    group by source_system, event_id

),

final as (

    select * from named

    union all

    select
        events.source_system,
        events.scope_id,
        events.event_id,
        events.event_number * 2 as step_number,
        events.line_id,
        cast(null as varchar) as part_kind,
        case
            when not events.takes_all
                then cast(events.amount_minor - coalesce(named_totals.amount_minor, 0) as bigint)
        end as amount_minor
    from events
    left join named_totals
        on
            events.source_system = named_totals.source_system
            and events.event_id = named_totals.event_id

)

select * from final
