-- Every journaled row of a credit ledger supports exactly one journal entry: the
-- counts of the entries sum to the journaled rows of their source.
{{ config(group='revrec') }}

with

entries as (

    select * from {{ ref('fct_journal_entries') }}
    where obligation_type = 'credit_grant'

),

arrived as (

    select * from {{ ref('int_raw_row_counts') }}
    where shape in ('credit_grants', 'credit_entries')

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
        completeness.source_system,
        0 as in_journal,
        completeness.journaled as in_completeness
    from completeness
    inner join arrived
        on
            completeness.source_system = arrived.source_system
            and completeness.source_table = arrived.source_table

)

select
    source_system,
    sum(in_journal) as in_journal,
    sum(in_completeness) as in_completeness
from counted
group by source_system
having sum(in_journal) <> sum(in_completeness)
