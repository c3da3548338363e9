-- The units that carry value are those of the grant to date: granted and adjusted,
-- never less than none; consumed, expired and revoked, never less than none and,
-- but for an overdraft, never more than granted.
with

grant_periods as (

    select * from {{ ref('fct_credit_grant_periods') }}

),

grants as (

    select * from {{ ref('dim_credit_grants') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

cumulated as (

    select
        grant_periods.source_system,
        grant_periods.grant_id,
        grants.funding,
        grant_periods.accounting_period,
        grant_periods.closing_units,
        grant_periods.valued_granted_to_date_units,
        grant_periods.valued_released_to_date_units,
        sum(grant_periods.granted_units + grant_periods.adjusted_units) over (
            partition by grant_periods.source_system, grant_periods.grant_id
            order by periods.period_index
            rows between unbounded preceding and current row
        ) as granted_to_date_units
    from grant_periods
    left join grants
        on
            grant_periods.source_system = grants.source_system
            and grant_periods.grant_id = grants.grant_id
    left join periods
        on grant_periods.accounting_period = periods.accounting_period

),

-- What was granted and does not remain was released.
bounded as (

    select
        *,
        greatest(granted_to_date_units, 0) as granted_at_least_none,
        greatest(granted_to_date_units - closing_units, 0) as released_at_least_none
    from cumulated

)

select
    source_system,
    grant_id,
    funding,
    accounting_period,
    granted_to_date_units,
    closing_units,
    valued_granted_to_date_units,
    valued_released_to_date_units
from bounded
where
    valued_granted_to_date_units <> granted_at_least_none
    or valued_released_to_date_units
    <> case
        when funding = 'overdraft' then released_at_least_none
        else least(released_at_least_none, granted_at_least_none)
    end
