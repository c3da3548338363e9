-- One row per cohort of deferred grants and accounting period with a movement of one of
-- them, or in which the term of one ends: the units that carry value by kind, and how many
-- more grants are open. Of grants with opening units nobody knows how they began.
{{ config(materialized='table') }}

with

changes as (

    select * from {{ ref('int_credit_grant_period_changes') }}

),

cohorts as (

    select * from {{ ref('int_breakage_cohorts') }}
    where not has_opening_units

),

accounting_days as (

    select * from {{ ref('int_accounting_days') }}
    where is_counted

),

-- A grant is over when nothing of it is left and its term has ended: what is used up early
-- would count as history before its cohort is one.
ends as (

    select
        cohorts.source_system,
        cohorts.grant_id,
        accounting_days.period_index as end_period_index
    from cohorts
    inner join accounting_days
        on cohorts.ends_on = accounting_days.accounting_date

),

standing as (

    select
        *,
        sum(change_units) over (
            partition by source_system, grant_id
            order by accounting_period_index
            rows between unbounded preceding and current row
        ) as closing_units
    from changes

),

-- Units that are overdrawn carry no value.
counted as (

    select
        standing.source_system,
        standing.grant_id,
        standing.accounting_period_index,
        standing.valued_granted_units - standing.valued_revoked_units as granted_units,
        standing.valued_released_units
        - standing.valued_expired_units
        - standing.valued_revoked_units as exercised_units,
        standing.valued_expired_units as expired_units,
        case when standing.closing_units > 0 then 1 else 0 end
        - case when standing.closing_units - standing.change_units > 0 then 1 else 0 end
            as opened_grants
    from standing

),

-- From its first movement to the end of its term a grant is open by its term, too. Credits
-- without an end never are a cohort that is closed: only those that were used up would be.
terms as (

    select
        changes.source_system,
        changes.grant_id,
        min(changes.accounting_period_index) as from_period_index,
        max(ends.end_period_index) as end_period_index
    from changes
    inner join cohorts
        on
            changes.source_system = cohorts.source_system
            and changes.grant_id = cohorts.grant_id
    left join ends
        on
            changes.source_system = ends.source_system
            and changes.grant_id = ends.grant_id
    group by changes.source_system, changes.grant_id

),

moved as (

    select * from counted

    union all

    select
        source_system,
        grant_id,
        from_period_index as accounting_period_index,
        0 as granted_units,
        0 as exercised_units,
        0 as expired_units,
        1 as opened_grants
    from terms

    union all

    -- A term that ends after as_of_date has not ended.
    select
        source_system,
        grant_id,
        greatest(from_period_index, end_period_index) as accounting_period_index,
        0 as granted_units,
        0 as exercised_units,
        0 as expired_units,
        -1 as opened_grants
    from terms
    where end_period_index is not null

)

select
    cohorts.kind_key,
    cohorts.source_system,
    cohorts.product_id,
    cohorts.credit_unit,
    cohorts.funding,
    cohorts.term_months,
    cohorts.grant_month,
    moved.accounting_period_index,
    cast(sum(moved.granted_units) as numeric(38, 9)) as granted_units,
    cast(sum(moved.exercised_units) as numeric(38, 9)) as exercised_units,
    cast(sum(moved.expired_units) as numeric(38, 9)) as expired_units,
    cast(sum(moved.opened_grants) as bigint) as opened_grants,
    max(cohorts.cohort_count) as cohort_count
from moved
inner join cohorts
    on
        moved.source_system = cohorts.source_system
        and moved.grant_id = cohorts.grant_id
group by
    cohorts.kind_key,
    cohorts.source_system,
    cohorts.product_id,
    cohorts.credit_unit,
    cohorts.funding,
    cohorts.term_months,
    cohorts.grant_month,
    moved.accounting_period_index
