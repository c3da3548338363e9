-- Every movement of a grant with value has exactly one journal entry, and every
-- entry of a grant has its movement. (What was given away or is overdrawn has
-- entries for use only, and by default none. What credits pay or pay out has entries
-- per invoice: assert_applications_are_posted_once.)
{{ config(group='revrec') }}

with

movements as (

    select * from {{ ref('int_credit_grant_movements') }}

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

events as (

    select * from {{ ref('int_credit_event_names') }}
    where event_type not in ('credit_applied', 'credit_refunded')

),

entries as (

    select * from {{ ref('int_derived_entries') }}
    where obligation_type = 'credit_grant'

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

-- Each side adds one to its own count, so that both are read once and what only
-- one of them has is found as well.
counted as (

    select
        entries.source_system,
        entries.obligation_id as grant_id,
        entries.event_type,
        posted.period_index as accounting_period_index,
        effective.period_index as effective_period_index,
        1 as entry_count,
        0 as movement_count
    from entries
    inner join periods as posted
        on entries.accounting_period = posted.accounting_period
    inner join periods as effective
        on entries.effective_period = effective.accounting_period
    inner join events
        on entries.event_type = events.event_type

    union all

    select
        movements.source_system,
        movements.grant_id,
        events.event_type,
        movements.accounting_period_index,
        movements.effective_period_index,
        0 as entry_count,
        1 as movement_count
    from movements
    inner join events
        on movements.event_rank = events.event_rank
    inner join grants
        on
            movements.source_system = grants.source_system
            and movements.grant_id = grants.grant_id
    where
        grants.presentation = 'deferred'
        or (
            grants.presentation = 'owed'
            and not (grants.funding = 'on_account' and events.event_type = 'credit_granted')
        )
        or (
            grants.presentation in ('gross', 'accrued') and events.tie_out = 'T1_consumption'
        )

)

select
    source_system,
    grant_id,
    event_type,
    accounting_period_index,
    effective_period_index,
    sum(entry_count) as entry_count,
    sum(movement_count) as movement_count
from counted
group by
    source_system,
    grant_id,
    event_type,
    accounting_period_index,
    effective_period_index
having sum(entry_count) <> 1 or sum(movement_count) <> 1
