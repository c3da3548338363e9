-- Every journaled raw row supports exactly one journal entry: the counts of the
-- entries sum to the journaled rows of their source.
with

entries as (

    select * from {{ ref('fct_journal_entries') }}

),

completeness as (

    select * from {{ ref('rec_completeness') }}

),

counted as (

    select
        source_system,
        source_entry_count as in_journal,
        0 as in_completeness
    from entries

    union all

    select
        source_system,
        0 as in_journal,
        journaled as in_completeness
    from completeness

)

select
    source_system,
    sum(in_journal) as in_journal,
    sum(in_completeness) as in_completeness
from counted
group by source_system
having sum(in_journal) <> sum(in_completeness)
