-- Every journaled row of a credit ledger supports exactly one movement's entries: the
-- counts of the entries sum to the journaled rows of their source.
{{ config(group='revrec') }}

with

entries as (

    select * from {{ ref('int_derived_entries') }}
    where obligation_type = 'credit_grant'

),

movements as (

    select * from {{ ref('int_credit_movements') }}
    where disposition = 'journaled' and entry_type <> 'expire_rest'

),

expiries as (

    select * from {{ ref('int_credit_expiries') }}

),

counted as (

    select
        source_system,
        source_entry_count as in_journal,
        0 as in_ledger
    from entries

    union all

    select
        source_system,
        0 as in_journal,
        row_count as in_ledger
    from movements

    union all

    select
        expiries.source_system,
        0 as in_journal,
        expiries.row_count as in_ledger
    from expiries
    inner join {{ ref('int_credit_grants_priced') }} as grants
        on
            expiries.source_system = grants.source_system
            and expiries.grant_id = grants.grant_id
            and grants.presentation in ('deferred', 'owed')

)

select
    source_system,
    sum(in_journal) as in_journal,
    sum(in_ledger) as in_ledger
from counted
group by source_system
having sum(in_journal) <> sum(in_ledger)
