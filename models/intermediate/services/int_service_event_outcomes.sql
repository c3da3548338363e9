-- One row per raw row, or part of one, that acts on lines or receivables: an event,
-- a settlement, a fulfilment; why it does not count, or whether it moved anything.
with

events as (

    select * from {{ ref('int_line_events_placed') }}

),

settlements as (

    select * from {{ ref('int_settlements') }}
    where settlement_type <> 'credit_applied'

),

fulfilments as (

    select * from {{ ref('int_fulfilments') }}

),

line_events as (

    select * from {{ ref('int_line_events') }}

),

effects as (

    select * from {{ ref('int_reversal_effects') }}

),

excess as (

    select * from {{ ref('int_line_event_excess') }}

),

settlement_postings as (

    select * from {{ ref('int_settlement_postings') }}

),

deferred_parts as (

    select * from {{ ref('int_service_line_parts') }}
    where treatment = 'defer'

),

releases as (

    select * from {{ ref('int_fulfilment_releases') }}

),

moving_events as (

    select
        source_system,
        event_id
    from effects

    union

    select
        source_system,
        event_id
    from excess

),

-- One of the source's events can be several.
moved_events as (

    select distinct
        line_events.source_system,
        line_events.placed_event_id as event_id
    from line_events
    inner join moving_events
        on
            line_events.source_system = moving_events.source_system
            and line_events.event_id = moving_events.event_id

),

moved_settlements as (

    select distinct
        source_system,
        settlement_id
    from settlement_postings

),

deferred_lines as (

    select distinct
        source_system,
        line_id
    from deferred_parts

),

moved_fulfilments as (

    select distinct
        source_system,
        fulfilment_id
    from releases

),

final as (

    select
        events.source_system,
        events.source_table,
        events.source_key,
        coalesce(
            events.event_reason, case when moved_events.event_id is null then 'nothing_left' end
        ) as reason,
        coalesce(events.event_type, 'event') || ' of '
        || case when events.invoice_id is null then 'line ' else 'invoice ' end
        || coalesce(events.invoice_id, events.line_id, 'unknown') as subject
    from events
    left join moved_events
        on
            events.source_system = moved_events.source_system
            and events.event_id = moved_events.event_id

    union all

    select
        settlements.source_system,
        settlements.source_table,
        settlements.source_key,
        coalesce(
            settlements.settlement_reason,
            case when moved_settlements.settlement_id is null then 'nothing_left' end
        ) as reason,
        coalesce(settlements.settlement_type, 'settlement') || ' of '
        || case when settlements.invoice_id is null then 'customer ' else 'invoice ' end
        || coalesce(settlements.invoice_id, settlements.customer_id, 'unknown') as subject
    from settlements
    left join moved_settlements
        on
            settlements.source_system = moved_settlements.source_system
            and settlements.settlement_id = moved_settlements.settlement_id

    union all

    select
        fulfilments.source_system,
        fulfilments.source_table,
        fulfilments.source_key,
        case
            when fulfilments.fulfilment_reason is not null then fulfilments.fulfilment_reason
            when deferred_lines.line_id is null then 'line_not_deferred'
            when moved_fulfilments.fulfilment_id is null then 'nothing_left'
        end as reason,
        'fulfilment of line ' || coalesce(fulfilments.line_id, 'unknown') as subject
    from fulfilments
    left join deferred_lines
        on
            fulfilments.source_system = deferred_lines.source_system
            and fulfilments.line_id = deferred_lines.line_id
    left join moved_fulfilments
        on
            fulfilments.source_system = moved_fulfilments.source_system
            and fulfilments.fulfilment_id = moved_fulfilments.fulfilment_id

)

select * from final
