-- Every journaled usage event supports exactly one accrual: the counts of the accruals
-- sum to the journaled events of their source, and none is unaccounted for.
{{ config(group='revrec') }}

with

entries as (

    select * from {{ ref('int_derived_entries') }}
    where event_type = 'usage_accrued'

),

completeness as (

    select * from {{ ref('rec_usage_completeness') }}

),

counted as (

    select
        source_system,
        source_entry_count as in_journal,
        0 as in_completeness,
        0 as unaccounted
    from entries

    union all

    select
        source_system,
        0 as in_journal,
        case when disposition = 'journaled' then row_count else 0 end as in_completeness,
        unaccounted
    from completeness

)

select
    source_system,
    sum(in_journal) as in_journal,
    sum(in_completeness) as in_completeness,
    max(unaccounted) as unaccounted
from counted
group by source_system
having sum(in_journal) <> sum(in_completeness) or max(unaccounted) <> 0
