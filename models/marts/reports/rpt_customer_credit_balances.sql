-- What customers hold today: units that remain, the overdraft that no grant has
-- settled yet, and the deferred revenue behind them.
with

balances as (

    select * from {{ ref('int_credit_grant_balances') }}

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

as_of_period as (

    select * from {{ ref('int_as_of_period') }}

),

funded as (

    select
        grants.source_system,
        grants.customer_id,
        grants.credit_unit,
        grants.currency,
        coalesce(grants.minor_unit, 1) as minor_unit,
        balances.closing_deferred_minor,
        case
            when grants.is_capped and grants.funding <> 'promotional' then balances.closing_units
            else 0
        end as paid_units,
        case when grants.funding = 'promotional' then balances.closing_units else 0 end
            as promotional_units,
        case when not grants.is_capped then -balances.closing_units else 0 end
            as unsettled_overdraft_units,
        case when balances.closing_units > 0 then 1 else 0 end as open_grants
    from balances
    inner join grants
        on
            balances.source_system = grants.source_system
            and balances.grant_id = grants.grant_id

)

select
    funded.source_system,
    funded.customer_id,
    funded.credit_unit,
    funded.currency,
    max(as_of_period.accounting_period) as accounting_period,
    cast(sum(funded.paid_units) as numeric(38, 9)) as paid_units,
    cast(sum(funded.promotional_units) as numeric(38, 9)) as promotional_units,
    cast(sum(funded.unsettled_overdraft_units) as numeric(38, 9)) as unsettled_overdraft_units,
    cast(sum(funded.closing_deferred_minor) as bigint) as deferred_minor,
    {{ major_units('sum(funded.closing_deferred_minor)', 'max(funded.minor_unit)') }}
        as deferred_amount,
    cast(sum(funded.open_grants) as bigint) as open_grants
from funded
cross join as_of_period
group by funded.source_system, funded.customer_id, funded.credit_unit, funded.currency
