-- One row per grant, and period in which it was last given units, whose use became remote
-- by itself: the first accounting period at whose end something was left that had not been
-- used, or bought, for as many days as policy remote_after_days says. Later use takes back
-- what was recognised of it, and no more; units that are given later begin anew.
with

grants as (

    select * from {{ ref('int_breakage_grants') }}
    where breakage_policy = 'remote' and remote_after_days is not null

),

balances as (

    select * from {{ ref('int_breakage_balances') }}

),

accounting_days as (

    select * from {{ ref('int_accounting_days') }}

),

ended as (

    select * from {{ ref('int_last_ended_period') }}

),

inactive as (

    select
        balances.source_system,
        balances.grant_id,
        balances.given_period_index,
        balances.to_period_index,
        greatest(balances.from_period_index, accounting_days.period_index) as period_index
    from balances
    inner join grants
        on
            balances.source_system = grants.source_system
            and balances.grant_id = grants.grant_id
    inner join accounting_days
        on
            {{ add_days(
                'coalesce(balances.active_on, grants.sold_on)', 'grants.remote_after_days'
            ) }} = accounting_days.accounting_date
    where balances.remaining_units > 0

)

select
    inactive.source_system,
    inactive.grant_id,
    inactive.given_period_index,
    min(inactive.period_index) as period_index
from inactive
inner join ended
    on inactive.period_index <= ended.period_index
where inactive.period_index < coalesce(inactive.to_period_index, inactive.period_index + 1)
group by inactive.source_system, inactive.grant_id, inactive.given_period_index
