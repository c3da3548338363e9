-- One row per derived journal entry and raw row that supports it, with the entry's
-- obligation; read only where this run is added to the history of builds. Values are left
-- out: they follow from policies and terms, and a change of those is no change of rows.
{{ config(materialized='table') }}

with

evidence as (

    select * from {{ ref('fct_journal_evidence') }}
    where journal_entry_id is not null and {{ keeps_build_history() }}

),

entries as (

    select * from {{ ref('int_books_entries') }}

)

select
    entries.source_system,
    entries.obligation_type,
    entries.obligation_id,
    evidence.journal_entry_id,
    {{ key_hash([
        'evidence.source_system', 'evidence.source_table', 'evidence.source_key',
    ]) }} as row_id,
    {{ nano_units('evidence.quantity') }} as quantity_nano
from evidence
inner join entries
    on evidence.journal_entry_id = entries.journal_entry_id
