-- One row per event that takes (or gives back) more than its lines have: the rest.
with

events as (

    select * from {{ ref('int_line_events') }}
    where event_type <> 'write_off_voided' and amount_minor is not null

),

reversals as (

    select * from {{ ref('int_reversals') }}

),

taken as (

    select
        source_system,
        event_id,
        sum(share_minor) as share_minor
    from reversals
    group by source_system, event_id

),

final as (

    select
        events.*,
        case when events.is_restore then -1 else 1 end * events.amount_minor
        - coalesce(taken.share_minor, 0) as excess_minor
    from events
    left join taken
        on
            events.source_system = taken.source_system
            and events.event_id = taken.event_id

)

select * from final
where excess_minor <> 0
