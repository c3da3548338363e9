-- One row per moment of int_breakage_moments: what stands then of the grant, and what an
-- estimate, a constraint, finance and the law say of it.
{{ config(materialized='table') }}

with

moments as (

    select * from {{ ref('int_breakage_moments') }}

),

balances as (

    select * from {{ ref('int_breakage_balances') }}

),

grants as (

    select * from {{ ref('int_breakage_grants') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

ended as (

    select * from {{ ref('int_last_ended_period') }}

),

cohort_rates as (

    select * from {{ ref('int_breakage_cohort_rates') }}

),

cohort_floors as (

    select
        *,
        cast(lowest_share * 1000000 as bigint) as lowest_micro,
        lead(period_index) over (
            partition by kind_key, cohort_count order by period_index
        ) as to_period_index
    from {{ ref('int_breakage_cohort_floors') }}

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

final as (

    select
        moments.source_system,
        moments.grant_id,
        moments.period_index,
        moments.period_index <= ended.period_index as has_ended,
        least(periods.ends_on, cast('{{ as_of_date() }}' as date)) as seen_on,
        balances.granted_units,
        balances.exercised_units,
        balances.expired_units,
        balances.remaining_units,
        balances.granted_minor,
        balances.expired_minor,
        balances.remaining_minor,
        coalesce(balances.active_on, grants.sold_on) as active_on,
        balances.expired_on,
        grants.breakage_policy,
        grants.constraint_policy,
        grants.jurisdiction,
        cohort_rates.estimate_key,
        cohort_rates.estimated_rate,
        cohort_rates.rate_micro as estimated_micro,
        case
            when grants.constraint_policy = 'none' then cohort_rates.rate_micro
            when grants.constraint_policy = 'haircut'
                then cast({{ integer_divide(
                    'cohort_rates.rate_micro * (1000000 - grants.haircut_micro)', '1000000'
                ) }} as bigint)
            when cohort_floors.closed_cohorts >= grants.cohort_count
                then least(cohort_rates.rate_micro, cohort_floors.lowest_micro)
            when cohort_rates.rate_micro is not null then 0
        end as rate_micro,
        coalesce(
            remote_flags.is_remote, remote_starts.period_index <= moments.period_index, false
        ) as is_remote,
        -- What no law is known of stays deferred.
        case
            when grants.jurisdiction is null then 0
            else coalesce(unclaimed_shares.share_micro, 1000000)
        end as share_micro,
        unclaimed_shares.dormancy_days,
        unclaimed_shares.counted_from
    from moments
    inner join balances
        on
            moments.source_system = balances.source_system
            and moments.grant_id = balances.grant_id
            and moments.from_period_index = balances.from_period_index
    inner join grants
        on
            moments.source_system = grants.source_system
            and moments.grant_id = grants.grant_id
    inner join periods
        on moments.period_index = periods.period_index
    cross join ended
    left join cohort_rates
        on
            grants.cohort_key = cohort_rates.cohort_key
            and grants.breakage_policy = 'proportional'
            and moments.period_index >= cohort_rates.from_period_index
            and moments.period_index
            < coalesce(cohort_rates.to_period_index, moments.period_index + 1)
    left join cohort_floors
        on
            grants.kind_key = cohort_floors.kind_key
            and grants.cohort_count = cohort_floors.cohort_count
            and grants.constraint_policy = 'lowest_of_cohorts'
            and moments.period_index >= cohort_floors.period_index
            and moments.period_index
            < coalesce(cohort_floors.to_period_index, moments.period_index + 1)
    left join remote_flags
        on
            moments.source_system = remote_flags.source_system
            and moments.grant_id = remote_flags.grant_id
            and moments.period_index >= remote_flags.from_period_index
            and moments.period_index
            < coalesce(remote_flags.to_period_index, moments.period_index + 1)
            -- Units that are given later are not those that finance saw.
            and (
                not remote_flags.is_remote
                or balances.given_period_index <= remote_flags.said_period_index
            )
    left join remote_starts
        on
            balances.source_system = remote_starts.source_system
            and balances.grant_id = remote_starts.grant_id
            and balances.given_period_index = remote_starts.given_period_index
    left join unclaimed_shares
        on
            grants.jurisdiction = unclaimed_shares.jurisdiction
            and moments.period_index >= unclaimed_shares.from_period_index
            and moments.period_index
            < coalesce(unclaimed_shares.to_period_index, moments.period_index + 1)

)

select * from final
