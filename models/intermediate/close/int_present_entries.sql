-- One row per posted journal entry with digests of what it says and of the raw rows that
-- support it; none where this run is not added to the history of builds.
with

entries as (

    select * from {{ ref('fct_journal_entries') }}
    where {{ keeps_build_history() }}

),

supporting_rows as (

    select * from {{ ref('int_supporting_rows') }}

),

evidence as (

    select
        journal_entry_id,
        count(*) as evidence_count,
        {{ digest_of_all(key_hash(['row_id', 'quantity_nano'])) }} as evidence_digest
    from supporting_rows
    group by journal_entry_id

)

select
    {{ journal_columns('entries') }},
    {{ entry_digest('entries') }} as entry_digest,
    coalesce(evidence.evidence_count, 0) as evidence_count,
    evidence.evidence_digest
from entries
left join evidence
    on entries.journal_entry_id = evidence.journal_entry_id
