-- One row per grant of a pool: from when to when it may be drawn, and its place in
-- the burn order.
{{ config(materialized='table') }}

with

grants as (

    select * from {{ ref('int_credit_grant_versions') }}
    where is_current and version_reason is null and pool_id is not null

),

pools as (

    select * from {{ ref('int_credit_pools') }}

),

accounting_days as (

    select * from {{ ref('int_accounting_days') }}

),

pooled as (

    select
        grants.*,
        pools.pool_number,
        pools.burn_order_policy
    from grants
    inner join pools
        on
            grants.source_system = pools.source_system
            and grants.pool_id = pools.pool_id

),

costed as (

    {{ lots_costed('pooled') }}

),

ranked as (

    select
        *,
        cast(row_number() over (
            partition by pool_number
            order by {{ burn_order_keys('burn_order_policy') }}
        ) as integer) as burn_rank
    from costed

),

final as (

    select
        ranked.pool_number,
        ranked.burn_rank,
        ranked.source_system,
        ranked.grant_id,
        coalesce(ranked.effective_at, {{ first_instant() }}) as starts_at,
        coalesce(ranked.expires_at, {{ last_instant() }}) as ends_at,
        coalesce(accounting_days.period_index, 0) as start_period_index
    from ranked
    left join accounting_days
        on {{ accounting_date('ranked.effective_at') }} = accounting_days.accounting_date

)

select * from final
