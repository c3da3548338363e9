-- One row per event of an invoice or line and obligation that it moves: where it posts,
-- and when it was recorded. A payment of what was written off is a settlement, and an
-- exclusion is recorded when it is made.
with

events as (

    select * from {{ ref('int_line_events') }}

),

placed_events as (

    select * from {{ ref('int_line_events_placed') }}

),

settlements as (

    select * from {{ ref('int_settlements') }}

),

effects as (

    select * from {{ ref('int_reversal_effects') }}

),

excess as (

    select * from {{ ref('int_line_event_excess') }}

),

moved as (

    select
        source_system,
        event_id,
        'service_line' as obligation_type,
        obligation_id
    from effects

    union all

    select
        source_system,
        event_id,
        'invoice' as obligation_type,
        coalesce(line_id, invoice_id) as obligation_id
    from excess

)

select
    moved.source_system,
    moved.obligation_type,
    moved.obligation_id,
    events.accounting_period_index,
    events.effective_period_index,
    coalesce(
        placed_events.posted_known_at, settlements.posted_known_at, events.effective_at
    ) as known_at
from moved
inner join events
    on
        moved.source_system = events.source_system
        and moved.event_id = events.event_id
left join placed_events
    on
        events.source_system = placed_events.source_system
        and events.placed_event_id = placed_events.event_id
        and events.scope_id = placed_events.scope_id
left join settlements
    on
        events.placed_event_id is null
        and events.source_system = settlements.source_system
        and events.payment_id = settlements.settlement_id
