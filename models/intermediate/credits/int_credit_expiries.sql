-- What expires of grants whose source says that their rest has expired and writes
-- no ledger row of it: whatever they have in the period of the expiry. What comes
-- late changes that in the period to which it posts: expired units are always
-- what the grant would have had left. One row per grant and accounting period.
with

movements as (

    select * from {{ ref('int_credit_movements') }}
    where
        disposition in ('journaled', 'memo')
        and row_reason is null

),

events as (

    select * from {{ ref('int_credit_events') }}

),

ends as (

    select
        source_system,
        grant_id,
        min(accounting_period_index) as accounting_period_index,
        min(effective_period_index) as effective_period_index,
        min(last_date) as last_date
    from movements
    where entry_type = 'expire_rest'
    group by source_system, grant_id

),

changes as (

    select
        movements.source_system,
        movements.grant_id,
        movements.accounting_period_index,
        sum(movements.balance_change) as balance_change
    from movements
    inner join ends
        on
            movements.source_system = ends.source_system
            and movements.grant_id = ends.grant_id
    group by
        movements.source_system, movements.grant_id, movements.accounting_period_index

),

remaining as (

    select
        changes.source_system,
        changes.grant_id,
        changes.accounting_period_index,
        ends.effective_period_index,
        ends.last_date,
        changes.accounting_period_index = ends.accounting_period_index as is_end,
        case
            when changes.accounting_period_index >= ends.accounting_period_index
                then greatest(sum(changes.balance_change) over to_date, 0)
            else 0
        end as expired_units
    from changes
    inner join ends
        on
            changes.source_system = ends.source_system
            and changes.grant_id = ends.grant_id
    window to_date as (
        partition by changes.source_system, changes.grant_id
        order by changes.accounting_period_index
        rows between unbounded preceding and current row
    )

),

changed as (

    select
        *,
        expired_units - lag(expired_units, 1, 0) over (
            partition by source_system, grant_id
            order by accounting_period_index
        ) as units
    from remaining

),

final as (

    select
        changed.source_system,
        changed.grant_id,
        changed.accounting_period_index,
        changed.effective_period_index,
        changed.is_end,
        events.event_rank,
        events.release_sign,
        cast(abs(changed.units) as numeric(28, 9)) as units,
        case when changed.is_end then 1 else 0 end as row_count,
        case when changed.is_end then changed.last_date end as last_date
    from changed
    inner join events
        on
            events.entry_type
            = case when changed.units > 0 then 'expire_rest' else 'expire_reversal' end
    where changed.units <> 0

)

select * from final
