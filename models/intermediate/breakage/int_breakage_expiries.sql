-- One row per movement that expires units of a grant of int_breakage_grants, or takes that
-- back: what of its cost is breakage revenue now. In book order the first movements of a
-- period take what int_breakage_changes leaves to its expiries.
with

movements as (

    select * from {{ ref('int_credit_grant_movements') }}

),

events as (

    select * from {{ ref('int_credit_event_names') }}
    where tie_out = 'T4_expired'

),

changes as (

    select * from {{ ref('int_breakage_changes') }}

),

expiries as (

    select
        movements.source_system,
        movements.grant_id,
        movements.accounting_period_index,
        movements.effective_period_index,
        movements.event_rank,
        cast(events.release_sign * movements.value_minor as bigint) as at_cost_minor,
        changes.at_cost_minor as all_at_cost_minor,
        changes.expired_minor as all_expired_minor
    from movements
    inner join events
        on movements.event_rank = events.event_rank
    inner join changes
        on
            movements.source_system = changes.source_system
            and movements.grant_id = changes.grant_id
            and movements.accounting_period_index = changes.period_index

),

cumulated as (

    select
        *,
        sum(at_cost_minor) over (
            partition by source_system, grant_id, accounting_period_index
            order by effective_period_index, event_rank
            rows between unbounded preceding and current row
        ) as to_date_minor
    from expiries

)

select
    source_system,
    grant_id,
    accounting_period_index,
    effective_period_index,
    event_rank,
    at_cost_minor,
    cast(
        case
            when all_at_cost_minor >= 0
                then
                    least(to_date_minor, all_expired_minor)
                    - least(to_date_minor - at_cost_minor, all_expired_minor)
            else
                greatest(to_date_minor, all_expired_minor)
                - greatest(to_date_minor - at_cost_minor, all_expired_minor)
        end as bigint
    ) as value_minor
from cumulated
