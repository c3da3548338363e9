-- One row per journal entry that is not as in the build before, as it was (sign -1) and as
-- it is (sign 1), with what changed of the raw rows behind it and behind its obligation.
{{ config(materialized='table') }}

with

present as (

    select * from {{ ref('int_present_entries') }}

),

kept as (

    select * from {{ ref('int_kept_entries') }}

),

obligation_evidence as (

    select * from {{ ref('int_obligation_evidence') }}

),

obligations_before as (

    select distinct
        source_system,
        obligation_type,
        obligation_id,
        obligation_row_count,
        obligation_rows_digest
    from kept

),

changed as (

    select
        coalesce(present.journal_entry_id, kept.journal_entry_id) as journal_entry_id,
        coalesce(present.evidence_count, 0) - coalesce(kept.evidence_count, 0)
            as evidence_change,
        coalesce(present.evidence_digest, '') = coalesce(kept.evidence_digest, '')
            as has_same_evidence
    from present
    full outer join kept
        on present.journal_entry_id = kept.journal_entry_id
    where
        coalesce(present.entry_digest, '') <> coalesce(kept.entry_digest, '')
        or coalesce(present.evidence_digest, '') <> coalesce(kept.evidence_digest, '')

),

united as (

    select
        -1 as sign,
        {{ journal_columns('kept') }},
        kept.entry_digest,
        kept.evidence_count,
        kept.evidence_digest
    from kept

    union all

    select
        1 as sign,
        {{ journal_columns('present') }},
        present.entry_digest,
        present.evidence_count,
        present.evidence_digest
    from present

)

select
    united.*,
    changed.evidence_change,
    changed.has_same_evidence,
    coalesce(obligation_evidence.row_count, 0) as obligation_row_count,
    obligation_evidence.rows_digest as obligation_rows_digest,
    coalesce(obligation_evidence.row_count, 0)
    - coalesce(obligations_before.obligation_row_count, 0) as obligation_row_change,
    obligations_before.obligation_id is not null as was_booked,
    obligations_before.obligation_id is not null
    and coalesce(obligation_evidence.rows_digest, '')
    = coalesce(obligations_before.obligation_rows_digest, '') as has_same_rows
from changed
inner join united
    on changed.journal_entry_id = united.journal_entry_id
left join obligation_evidence
    on
        united.source_system = obligation_evidence.source_system
        and united.obligation_type = obligation_evidence.obligation_type
        and united.obligation_id = obligation_evidence.obligation_id
left join obligations_before
    on
        united.source_system = obligations_before.source_system
        and united.obligation_type = obligations_before.obligation_type
        and united.obligation_id = obligations_before.obligation_id
