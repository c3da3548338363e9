with

changes as (

    select * from {{ ref('int_credit_grant_period_changes') }}

),

lives as (

    select * from {{ ref('int_credit_grant_lives') }}

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

grid as (

    select
        lives.source_system,
        lives.grant_id,
        periods.accounting_period,
        periods.period_index
    from lives
    inner join periods
        on periods.period_index between lives.first_period_index and lives.last_period_index

),

cumulated as (

    select
        grid.accounting_period,
        grid.source_system as grid_source_system,
        grid.grant_id as grid_grant_id,
        changes.*,
        sum(changes.change_units) over life_to_date as closing_units,
        sum(changes.change_minor) over life_to_date as closing_minor,
        sum(changes.granted_minor + changes.adjusted_minor) over life_to_date
            as granted_to_date_minor,
        sum(changes.valued_granted_units) over life_to_date as valued_granted_to_date_units,
        sum(changes.valued_released_units) over life_to_date as valued_released_to_date_units
    from grid
    left join changes
        on
            grid.source_system = changes.source_system
            and grid.grant_id = changes.grant_id
            and grid.period_index = changes.accounting_period_index
    window life_to_date as (
        partition by grid.source_system, grid.grant_id
        order by grid.period_index
        rows between unbounded preceding and current row
    )

),

final as (

    select
        cumulated.grid_source_system as source_system,
        cumulated.grid_grant_id as grant_id,
        grants.customer_id,
        grants.credit_unit,
        grants.currency,
        cumulated.accounting_period,
        cast(cumulated.closing_units - coalesce(cumulated.change_units, 0) as numeric(28, 9))
            as opening_units,
        cast(coalesce(cumulated.granted_units, 0) as numeric(28, 9)) as granted_units,
        cast(coalesce(cumulated.consumed_units, 0) as numeric(28, 9)) as consumed_units,
        cast(coalesce(cumulated.expired_units, 0) as numeric(28, 9)) as expired_units,
        cast(coalesce(cumulated.revoked_units, 0) as numeric(28, 9)) as revoked_units,
        cast(coalesce(cumulated.adjusted_units, 0) as numeric(28, 9)) as adjusted_units,
        cast(cumulated.closing_units as numeric(28, 9)) as closing_units,
        cast(coalesce(cumulated.closing_minor - coalesce(cumulated.change_minor, 0), 0) as bigint)
            as opening_deferred_minor,
        cast(coalesce(cumulated.granted_minor, 0) as bigint) as granted_minor,
        cast(coalesce(cumulated.consumed_minor, 0) as bigint) as consumed_minor,
        cast(coalesce(cumulated.expired_minor, 0) as bigint) as expired_minor,
        cast(coalesce(cumulated.revoked_minor, 0) as bigint) as revoked_minor,
        cast(coalesce(cumulated.adjusted_minor, 0) as bigint) as adjusted_minor,
        cast(coalesce(cumulated.closing_minor, 0) as bigint) as closing_deferred_minor,
        cast(cumulated.granted_to_date_minor as bigint) as granted_to_date_minor,
        cast(cumulated.valued_granted_to_date_units as numeric(28, 9))
            as valued_granted_to_date_units,
        cast(cumulated.valued_released_to_date_units as numeric(28, 9))
            as valued_released_to_date_units
    from cumulated
    inner join grants
        on
            cumulated.grid_source_system = grants.source_system
            and cumulated.grid_grant_id = grants.grant_id

)

select * from final
