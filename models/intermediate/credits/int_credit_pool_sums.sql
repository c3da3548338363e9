-- One row per pool of which the source gives a balance: that balance, what the rows of
-- its grants in the books add up to, what rows that are not in the books would add,
-- and the units that remain in the books.
with

source_balances as (

    select * from {{ ref('int_credit_pool_balances_unioned') }}
    where not {{ rebuilds_the_past() }}

),

dispositions as (

    select * from {{ ref('int_credit_dispositions') }}

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

balances as (

    select * from {{ ref('int_credit_grant_balances') }}

),

-- Rows without a grant have the pool of their own.
changes as (

    select
        dispositions.source_system,
        coalesce(grants.pool_id, dispositions.pool_id) as pool_id,
        sum(
            case
                when dispositions.disposition in ('journaled', 'memo')
                    then dispositions.balance_change
                else 0
            end
        ) as booked_units,
        sum(
            case
                when dispositions.disposition in ('journaled', 'memo') then 0
                else dispositions.balance_change
            end
        ) as unbooked_units
    from dispositions
    left join grants
        on
            dispositions.source_system = grants.source_system
            and dispositions.grant_id = grants.grant_id
    group by dispositions.source_system, coalesce(grants.pool_id, dispositions.pool_id)

),

expiries as (

    select
        grants.source_system,
        grants.pool_id,
        sum(expired.release_sign * expired.units) as synthesised_units
    from {{ ref('int_credit_expiries') }} as expired
    inner join grants
        on
            expired.source_system = grants.source_system
            and expired.grant_id = grants.grant_id
    where expired.is_synthesised
    group by grants.source_system, grants.pool_id

),

remaining as (

    select
        grants.source_system,
        grants.pool_id,
        sum(balances.closing_units) as closing_units
    from balances
    inner join grants
        on
            balances.source_system = grants.source_system
            and balances.grant_id = grants.grant_id
    where grants.pool_id is not null
    group by grants.source_system, grants.pool_id

),

compared as (

    select
        source_balances.source_system,
        source_balances.source_table,
        source_balances.source_key,
        source_balances.customer_id,
        source_balances.credit_unit,
        source_balances.pool_id,
        source_balances.units as remaining_units,
        coalesce(changes.booked_units, 0) as booked_units,
        coalesce(changes.unbooked_units, 0) as unbooked_units,
        coalesce(expiries.synthesised_units, 0) as synthesised_units,
        source_balances.units
        - coalesce(changes.booked_units, 0) - coalesce(changes.unbooked_units, 0)
            as difference_units,
        coalesce(remaining.closing_units, 0) as closing_units
    from source_balances
    left join changes
        on
            source_balances.source_system = changes.source_system
            and source_balances.pool_id = changes.pool_id
    left join remaining
        on
            source_balances.source_system = remaining.source_system
            and source_balances.pool_id = remaining.pool_id
    left join expiries
        on
            source_balances.source_system = expiries.source_system
            and source_balances.pool_id = expiries.pool_id

),

-- The source either has taken what expired by its date off its balance or not.
weighed as (

    select
        *,
        case
            when abs(difference_units) < abs(difference_units + synthesised_units)
                then synthesised_units
            else 0
        end as unexpired_units
    from compared

),

final as (

    select
        *,
        difference_units + synthesised_units - unexpired_units as drift_units
    from weighed

)

select * from final
