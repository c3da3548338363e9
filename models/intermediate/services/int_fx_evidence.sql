-- One row per raw row and entry of a realised difference of rates that it supports:
-- on an invoice its lines and what moved its receivable in that accounting period,
-- else the settlement.
with

lines as (

    select * from {{ ref('int_service_lines') }}
    where line_reason is null and is_booked

),

events as (

    select * from {{ ref('int_line_events') }}

),

settlement_postings as (

    select * from {{ ref('int_settlement_postings') }}

),

entries as (

    select * from {{ ref('int_service_journal_entries') }}
    where event_type = 'fx_realised' and obligation_type <> 'service_line'

)

select
    lines.source_system,
    lines.source_table,
    lines.source_key,
    entries.journal_entry_id
from entries
inner join lines
    on
        entries.source_system = lines.source_system
        and entries.obligation_id = lines.invoice_id
where entries.obligation_type = 'invoice'

union

select
    events.source_system,
    events.source_table,
    events.source_key,
    entries.journal_entry_id
from entries
inner join events
    on
        entries.source_system = events.source_system
        and entries.obligation_id = events.invoice_id
        and entries.accounting_period_index = events.accounting_period_index
where entries.obligation_type = 'invoice'

union

select
    settlement_postings.source_system,
    settlement_postings.source_table,
    settlement_postings.source_key,
    entries.journal_entry_id
from entries
inner join settlement_postings
    on
        entries.source_system = settlement_postings.source_system
        and entries.obligation_type = settlement_postings.obligation_type
        and entries.obligation_id = settlement_postings.obligation_id
        and entries.accounting_period_index = settlement_postings.accounting_period_index
