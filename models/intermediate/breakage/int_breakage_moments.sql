-- One row per grant of int_breakage_grants and accounting period in which its breakage may
-- change: one with a movement, or from which an estimate, a closed cohort, a flag, a law or
-- the days without a use say something else of it. Each knows the balance that stands.
{{ config(materialized='table') }}

with

balances as (

    select * from {{ ref('int_breakage_balances') }}

),

grants as (

    select * from {{ ref('int_breakage_grants') }}

),

cohort_rates as (

    select * from {{ ref('int_breakage_cohort_rates') }}

),

cohort_floors as (

    select * from {{ ref('int_breakage_cohort_floors') }}

),

remote_flags as (

    select * from {{ ref('int_remote_flags') }}

),

remote_starts as (

    select * from {{ ref('int_remote_starts') }}

),

unclaimed_shares as (

    select * from {{ ref('int_unclaimed_shares') }}

),

accounting_days as (

    select * from {{ ref('int_accounting_days') }}

),

ended as (

    select * from {{ ref('int_last_ended_period') }}

),

-- What is not at the end of a period waits for it, but the days of dormancy.
changes as (

    select
        grants.source_system,
        grants.grant_id,
        cohort_rates.from_period_index as period_index,
        true as is_estimate
    from grants
    inner join cohort_rates
        on
            grants.cohort_key = cohort_rates.cohort_key
            and grants.breakage_policy = 'proportional'

    union all

    select
        grants.source_system,
        grants.grant_id,
        cohort_floors.period_index,
        true as is_estimate
    from grants
    inner join cohort_floors
        on
            grants.kind_key = cohort_floors.kind_key
            and grants.cohort_count = cohort_floors.cohort_count
            and grants.breakage_policy = 'proportional'
            and grants.constraint_policy = 'lowest_of_cohorts'

    union all

    select
        source_system,
        grant_id,
        from_period_index as period_index,
        true as is_estimate
    from remote_flags

    union all

    select
        source_system,
        grant_id,
        period_index,
        true as is_estimate
    from remote_starts

    union all

    select
        grants.source_system,
        grants.grant_id,
        unclaimed_shares.from_period_index as period_index,
        false as is_estimate
    from grants
    inner join unclaimed_shares
        on grants.jurisdiction = unclaimed_shares.jurisdiction

    union all

    select
        grants.source_system,
        grants.grant_id,
        accounting_days.period_index,
        false as is_estimate
    from grants
    inner join unclaimed_shares
        on grants.jurisdiction = unclaimed_shares.jurisdiction
    inner join balances
        on
            grants.source_system = balances.source_system
            and grants.grant_id = balances.grant_id
    inner join accounting_days
        on
            {{ add_days(
                "case unclaimed_shares.counted_from when 'expiry' then balances.expired_on"
                " else coalesce(balances.active_on, grants.sold_on) end",
                'unclaimed_shares.dormancy_days'
            ) }} = accounting_days.accounting_date
            and accounting_days.is_counted

),

standing as (

    select
        balances.source_system,
        balances.grant_id,
        balances.from_period_index,
        changes.period_index
    from balances
    inner join changes
        on
            balances.source_system = changes.source_system
            and balances.grant_id = changes.grant_id
            and balances.from_period_index < changes.period_index
            and (
                balances.to_period_index is null
                or balances.to_period_index > changes.period_index
            )
    cross join ended
    where
        not changes.is_estimate
        -- An estimate says nothing of a grant that has nothing left.
        or (changes.period_index <= ended.period_index and balances.remaining_minor <> 0)

    union

    select
        source_system,
        grant_id,
        from_period_index,
        from_period_index as period_index
    from balances

)

select * from standing
