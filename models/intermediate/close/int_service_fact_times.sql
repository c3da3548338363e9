-- One row per fact of an invoiced service, its settlement and what reverses it: where it
-- posts, and when it was recorded. A line counts in every entry of its own that posts late,
-- its billing in those that wait for it.
with

parts as (

    select * from {{ ref('int_service_line_parts') }}

),

entries as (

    select * from {{ ref('int_service_journal_entries') }}
    where accounting_period_index > effective_period_index

),

fulfilments as (

    select * from {{ ref('int_part_fulfilments') }}

),

fulfilment_times as (

    select * from {{ ref('int_fulfilments') }}

),

settlement_postings as (

    select * from {{ ref('int_settlement_postings') }}

),

settlements as (

    select * from {{ ref('int_settlements') }}

),

event_times as (

    select * from {{ ref('int_line_event_fact_times') }}

)

select
    parts.source_system,
    'service_line' as obligation_type,
    parts.obligation_id,
    entries.accounting_period_index,
    entries.effective_period_index,
    case
        when
            entries.event_type = 'service_recognised'
            and parts.schedule_floor_index = parts.known_floor_index
            then parts.known_at
        else greatest(parts.known_at, parts.booked_known_at)
    end as known_at
from parts
inner join entries
    on
        parts.source_system = entries.source_system
        and parts.obligation_id = entries.obligation_id
        and entries.obligation_type = 'service_line'

union all

select
    fulfilments.source_system,
    'service_line' as obligation_type,
    fulfilments.obligation_id,
    fulfilments.accounting_period_index,
    fulfilments.effective_period_index,
    fulfilment_times.posted_known_at as known_at
from fulfilments
inner join fulfilment_times
    on
        fulfilments.source_system = fulfilment_times.source_system
        and fulfilments.fulfilment_id = fulfilment_times.fulfilment_id

union all

select
    settlement_postings.source_system,
    settlement_postings.obligation_type,
    settlement_postings.obligation_id,
    settlement_postings.accounting_period_index,
    settlement_postings.effective_period_index,
    settlements.posted_known_at as known_at
from settlement_postings
inner join settlements
    on
        settlement_postings.source_system = settlements.source_system
        and settlement_postings.settlement_id = settlements.settlement_id

union all

select * from event_times
