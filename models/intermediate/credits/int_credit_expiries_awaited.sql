-- One row per grant and accounting period in which ledger rows of its expiry become
-- known that post to a later one (1 and more), or post (-1 and less). From the first
-- period that was open when such a row was known it takes the place of what the date of
-- expiry alone would say.
with

movements as (

    select * from {{ ref('int_credit_movements') }}
    where
        entry_type = 'expire'
        and disposition in ('journaled', 'memo')
        and row_reason is null

),

synthesised as (

    select distinct
        source_system,
        grant_id
    from {{ ref('int_credit_expiry_terms') }}
    where is_synthesised

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

close_intervals as (

    select * from {{ ref('int_close_intervals') }}

),

-- Nothing is known before its grant is, nor before it happened.
known as (

    select
        movements.source_system,
        movements.grant_id,
        movements.accounting_period_index,
        greatest(
            known.first_open_period_index,
            coalesce(granted.first_open_period_index, 1),
            coalesce(happened.first_open_period_index, movements.accounting_period_index)
        ) as known_period_index
    from movements
    inner join synthesised
        on
            movements.source_system = synthesised.source_system
            and movements.grant_id = synthesised.grant_id
    inner join grants
        on
            movements.source_system = grants.source_system
            and movements.grant_id = grants.grant_id
    inner join close_intervals as known
        on movements.known_interval = known.known_interval
    left join close_intervals as granted
        on grants.known_interval = granted.known_interval
    left join close_intervals as happened
        on
            movements.last_date >= cast(happened.known_from as date)
            and movements.last_date < cast(happened.known_to as date)

),

changes as (

    select
        source_system,
        grant_id,
        known_period_index as accounting_period_index,
        1 as awaited_change
    from known
    where known_period_index < accounting_period_index

    union all

    select
        source_system,
        grant_id,
        accounting_period_index,
        -1 as awaited_change
    from known
    where known_period_index < accounting_period_index

)

select
    source_system,
    grant_id,
    accounting_period_index,
    sum(awaited_change) as awaited_change
from changes
group by source_system, grant_id, accounting_period_index
