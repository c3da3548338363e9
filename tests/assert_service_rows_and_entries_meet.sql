-- Every journaled row of invoiced services has a journal entry in the evidence, every
-- entry of invoiced services has a raw row, and no pair is there twice.
{{ config(group='revrec') }}

with

row_dispositions as (

    select * from {{ ref('int_service_row_dispositions') }}
    where disposition = 'journaled'

),

evidence as (

    select
        source_system,
        source_table,
        source_key,
        journal_entry_id
    from {{ ref('int_service_evidence') }}

    union all

    select
        source_system,
        source_table,
        source_key,
        journal_entry_id
    from {{ ref('int_credit_part_evidence') }}

),

entries as (

    select * from {{ ref('int_service_journal_entries') }}

),

-- Pairs that may be there twice, by a number: a million lines have many entries.
repeated_hashes as (

    select
        {{ short_hash(['source_system', 'source_table', 'source_key', 'journal_entry_id']) }}
            as pair_hash
    from evidence
    group by pair_hash
    having count(*) > 1

),

supporting_rows as (

    select distinct
        source_system,
        source_table,
        source_key
    from evidence

)

select
    'a row without an entry' as problem,
    row_dispositions.source_table,
    row_dispositions.source_key,
    cast(null as varchar) as journal_entry_id
from row_dispositions
left join supporting_rows
    on
        row_dispositions.source_system = supporting_rows.source_system
        and row_dispositions.source_table = supporting_rows.source_table
        and row_dispositions.source_key = supporting_rows.source_key
where supporting_rows.source_key is null

union all

select
    'a row that is not journaled has an entry' as problem,
    supporting_rows.source_table,
    supporting_rows.source_key,
    cast(null as varchar) as journal_entry_id
from supporting_rows
left join row_dispositions
    on
        supporting_rows.source_system = row_dispositions.source_system
        and supporting_rows.source_table = row_dispositions.source_table
        and supporting_rows.source_key = row_dispositions.source_key
where row_dispositions.source_key is null

union all

select
    'an entry without a row' as problem,
    cast(null as varchar) as source_table,
    cast(null as varchar) as source_key,
    entries.journal_entry_id
from entries
left join evidence
    on entries.journal_entry_id = evidence.journal_entry_id
where evidence.journal_entry_id is null

union all

select
    'a pair that is there twice' as problem,
    source_table,
    source_key,
    journal_entry_id
from evidence
where
    {{ short_hash(['source_system', 'source_table', 'source_key', 'journal_entry_id']) }}
    in (select repeated_hashes.pair_hash from repeated_hashes)
group by source_system, source_table, source_key, journal_entry_id
having count(*) > 1
