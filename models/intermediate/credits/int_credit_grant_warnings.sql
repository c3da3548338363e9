-- Grants whose rows are in the books, but not without a doubt: one row per
-- grant and warning, with the units in question.
with

changes as (

    select * from {{ ref('int_credit_grant_period_changes') }}

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

source_balances as (

    select * from {{ ref('int_credit_source_balances') }}

),

ends as (

    select
        changes.source_system,
        changes.grant_id,
        sum(changes.granted_units + changes.adjusted_units) as granted_units,
        sum(changes.consumed_units + changes.expired_units + changes.revoked_units)
            as released_units
    from changes
    group by changes.source_system, changes.grant_id

),

final as (

    select
        ends.source_system,
        ends.grant_id,
        'overdrawn' as reason_code,
        ends.released_units - greatest(ends.granted_units, 0) as quantity
    from ends
    inner join grants
        on
            ends.source_system = grants.source_system
            and ends.grant_id = grants.grant_id
            and grants.is_capped
    where ends.released_units > greatest(ends.granted_units, 0)

    union all

    select
        source_system,
        grant_id,
        'over_reversed' as reason_code,
        -released_units as quantity
    from ends
    where released_units < 0

    union all

    select
        source_system,
        grant_id,
        'over_adjusted' as reason_code,
        -granted_units as quantity
    from ends
    where granted_units < 0

    union all

    select
        source_system,
        grant_id,
        'source_balance_drift' as reason_code,
        abs(drift_units) as quantity
    from source_balances
    where drift_units <> 0

)

select * from final
