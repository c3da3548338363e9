-- Every grant opens at its previous closing and closes at opening + granted +
-- adjusted - consumed - expired - revoked, in units and in deferred revenue, from
-- its first period on without a gap.
with

grant_periods as (

    select * from {{ ref('fct_credit_grant_periods') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

compared as (

    select
        grant_periods.*,
        lag(grant_periods.closing_units, 1, 0) over book_order as previous_closing_units,
        lag(grant_periods.closing_deferred_minor, 1, 0) over book_order
            as previous_closing_deferred_minor,
        lag(grant_periods.granted_to_date_minor, 1, 0) over book_order
            as previous_granted_to_date_minor,
        periods.period_index,
        lag(periods.period_index) over book_order as previous_period_index
    from grant_periods
    left join periods
        on grant_periods.accounting_period = periods.accounting_period
    window book_order as (
        partition by grant_periods.source_system, grant_periods.grant_id
        order by periods.period_index
    )

)

select
    source_system,
    grant_id,
    accounting_period,
    previous_closing_units,
    opening_units,
    closing_units,
    previous_closing_deferred_minor,
    opening_deferred_minor,
    closing_deferred_minor,
    granted_to_date_minor
from compared
where
    opening_units <> previous_closing_units
    or closing_units
    <> opening_units + granted_units + adjusted_units
    - consumed_units - expired_units - revoked_units
    or opening_deferred_minor <> previous_closing_deferred_minor
    or closing_deferred_minor
    <> opening_deferred_minor + granted_minor + adjusted_minor
    - consumed_minor - expired_minor - revoked_minor
    or granted_to_date_minor <> previous_granted_to_date_minor + granted_minor + adjusted_minor
    or period_index is null
    or period_index <> previous_period_index + 1
