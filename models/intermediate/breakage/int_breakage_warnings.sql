-- Grants whose breakage nobody can tell yet, or of which a law may ask more: one row per
-- grant and warning, with the units in question. Their use is booked all the same.
with

grants as (

    select * from {{ ref('int_breakage_grants') }}

),

balances as (

    select * from {{ ref('int_breakage_balances') }}
    where to_period_index is null

),

cohort_rates as (

    select distinct cohort_key from {{ ref('int_breakage_cohort_rates') }}

),

unclaimed_shares as (

    select distinct jurisdiction from {{ ref('int_unclaimed_shares') }}

),

remote_credits as (

    select * from {{ ref('int_remote_credits') }}
    where problem is null and is_counted and has_no_effect

),

movements as (

    select * from {{ ref('int_credit_grant_movements') }}

),

forfeited as (

    select
        grants.source_system,
        grants.source_table,
        grants.grant_id,
        sum(movements.valued_units) as units
    from grants
    inner join movements
        on
            grants.source_system = movements.source_system
            and grants.grant_id = movements.grant_id
            and movements.event_rank = 8
    where grants.jurisdiction is not null and grants.revocation_policy = 'forfeit'
    group by grants.source_system, grants.source_table, grants.grant_id

),

owed as (

    select * from {{ ref('int_credit_grants_priced') }}
    where
        jurisdiction is not null
        and presentation = 'owed'
        and funding = 'on_account'
        and grant_disposition = 'terms'

),

standing as (

    select
        grants.source_system,
        grants.source_table,
        grants.grant_id,
        grants.breakage_policy,
        grants.jurisdiction,
        balances.remaining_units,
        balances.expired_units,
        cohort_rates.cohort_key is null as has_no_estimate,
        unclaimed_shares.jurisdiction is null as has_no_law
    from grants
    inner join balances
        on
            grants.source_system = balances.source_system
            and grants.grant_id = balances.grant_id
    left join cohort_rates
        on grants.cohort_key = cohort_rates.cohort_key
    left join unclaimed_shares
        on grants.jurisdiction = unclaimed_shares.jurisdiction

),

final as (

    select
        source_system,
        source_table,
        grant_id as source_key,
        'missing_breakage_estimate' as reason_code,
        remaining_units as quantity,
        'breakage of the grant' as subject
    from standing
    where breakage_policy = 'proportional' and has_no_estimate and remaining_units > 0

    union all

    select
        source_system,
        source_table,
        grant_id as source_key,
        'unknown_jurisdiction' as reason_code,
        expired_units + greatest(remaining_units, 0) as quantity,
        'breakage of the grant' as subject
    from standing
    where
        jurisdiction is not null
        and has_no_law
        and (expired_units > 0 or (remaining_units > 0 and breakage_policy <> 'at_expiry'))

    union all

    select
        source_system,
        source_table,
        grant_id as source_key,
        'remote_flag_without_effect' as reason_code,
        cast(count(*) as numeric(28, 9)) as quantity,
        'the rows of remote_credits' as subject
    from remote_credits
    group by source_system, source_table, grant_id

    union all

    select
        source_system,
        source_table,
        grant_id as source_key,
        'forfeited_under_a_law' as reason_code,
        units as quantity,
        'the revocation of the grant' as subject
    from forfeited
    where units > 0

    union all

    select
        source_system,
        source_table,
        grant_id as source_key,
        'unclaimed_property_of_a_debt' as reason_code,
        granted_units as quantity,
        'the grant' as subject
    from owed

)

select * from final
