-- One row per cohort of deferred grants and accounting period with a movement of one of
-- them: the units that carry value by kind, and how many more grants have units left.
{{ config(materialized='table') }}

with

changes as (

    select * from {{ ref('int_credit_grant_period_changes') }}

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}
    where presentation = 'deferred'

),

-- Texts that are missing are empty, so that cohorts are joined by equality.
cohorts as (

    select
        source_system,
        grant_id,
        coalesce(product_id, '') as product_id,
        coalesce(credit_unit, '') as credit_unit,
        funding,
        {{ term_months('effective_at', 'expires_at') }} as term_months,
        {{ month_of('booked_date') }} as grant_month
    from grants

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

-- Units that are overdrawn carry no value: what is exercised is the rest of what was
-- released with value.
counted as (

    select
        source_system,
        grant_id,
        accounting_period_index,
        valued_granted_units - revoked_units as granted_units,
        valued_released_units - expired_units - revoked_units as exercised_units,
        expired_units,
        case when closing_units > 0 then 1 else 0 end
        - case when closing_units - change_units > 0 then 1 else 0 end as opened_grants
    from standing

)

select
    cohorts.source_system,
    cohorts.product_id,
    cohorts.credit_unit,
    cohorts.funding,
    cohorts.term_months,
    cohorts.grant_month,
    counted.accounting_period_index,
    cast(sum(counted.granted_units) as numeric(38, 9)) as granted_units,
    cast(sum(counted.exercised_units) as numeric(38, 9)) as exercised_units,
    cast(sum(counted.expired_units) as numeric(38, 9)) as expired_units,
    cast(sum(counted.opened_grants) as bigint) as opened_grants
from counted
inner join cohorts
    on
        counted.source_system = cohorts.source_system
        and counted.grant_id = cohorts.grant_id
group by
    cohorts.source_system,
    cohorts.product_id,
    cohorts.credit_unit,
    cohorts.funding,
    cohorts.term_months,
    cohorts.grant_month,
    counted.accounting_period_index
