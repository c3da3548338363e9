-- One row per group of ledger rows in the books, as in int_credit_movements: where it
-- posts, and when the newest of its rows, or the grant that gives them value, was recorded.
-- And one per version of a grant that says that it has expired, or no longer has: there
-- posts what expires by its date.
with

movements as (

    select * from {{ ref('int_credit_movements') }}
    where disposition in ('journaled', 'memo')

),

expiry_terms as (

    select * from {{ ref('int_credit_expiry_terms') }}
    where is_synthesised and accounting_period_index > 0

),

grant_times as (

    select
        source_system,
        grant_id,
        min(newest_known_at) as known_at
    from movements
    where entry_type = 'grant'
    group by source_system, grant_id

)

select
    movements.source_system,
    'credit_grant' as obligation_type,
    movements.grant_id as obligation_id,
    movements.accounting_period_index,
    movements.effective_period_index,
    greatest(movements.newest_known_at, grant_times.known_at) as known_at
from movements
left join grant_times
    on
        movements.source_system = grant_times.source_system
        and movements.grant_id = grant_times.grant_id

union all

select
    source_system,
    'credit_grant' as obligation_type,
    grant_id as obligation_id,
    accounting_period_index,
    coalesce(expiry_period_index, accounting_period_index) as effective_period_index,
    known_at
from expiry_terms
