-- Corrections: what posted to a later period than the one in which it happened,
-- row by row, with the time when it became known. (A row that is not late itself
-- belongs to a grant that became known late.)
{{ config(group='revrec') }}

with

journal_entries as (

    select * from {{ ref('fct_journal_entries') }}
    where is_correction

),

evidence as (

    select * from {{ ref('fct_journal_evidence') }}

),

ledger_rows as (

    select * from {{ ref('int_credit_entries') }}
    where row_disposition is null

)

select
    journal_entries.effective_period,
    journal_entries.accounting_period,
    journal_entries.customer_id,
    journal_entries.obligation_id,
    journal_entries.event_type,
    journal_entries.amount,
    journal_entries.currency,
    journal_entries.journal_entry_id,
    evidence.source_system,
    evidence.source_table,
    evidence.source_key,
    ledger_rows.effective_at,
    ledger_rows.known_at,
    ledger_rows.units
from journal_entries
left join evidence
    on journal_entries.journal_entry_id = evidence.journal_entry_id
left join ledger_rows
    on
        evidence.source_system = ledger_rows.source_system
        and evidence.source_table = ledger_rows.source_table
        and evidence.source_key = coalesce(ledger_rows.raw_key, ledger_rows.source_key)
        and journal_entries.obligation_id = ledger_rows.grant_id
order by
    journal_entries.effective_period,
    journal_entries.obligation_id,
    ledger_rows.known_at,
    evidence.source_key
