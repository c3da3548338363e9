-- What customers did with their credits, per customer, credit unit and period;
-- expired and revoked stand apart, for they are reviewed apart.
with

grant_periods as (

    select * from {{ ref('fct_credit_grant_periods') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

activity as (

    select
        source_system,
        customer_id,
        credit_unit,
        currency,
        accounting_period,
        cast(sum(granted_units) as numeric(38, 9)) as granted_units,
        cast(sum(adjusted_units) as numeric(38, 9)) as adjusted_units,
        cast(sum(consumed_units) as numeric(38, 9)) as consumed_units,
        cast(sum(expired_units) as numeric(38, 9)) as expired_units,
        cast(sum(revoked_units) as numeric(38, 9)) as revoked_units,
        cast(sum(granted_minor) as bigint) as granted_minor,
        cast(sum(adjusted_minor) as bigint) as adjusted_minor,
        cast(sum(consumed_minor) as bigint) as consumed_minor,
        cast(sum(expired_minor) as bigint) as expired_minor,
        cast(sum(revoked_minor) as bigint) as revoked_minor
    from grant_periods
    where
        granted_units <> 0
        or adjusted_units <> 0
        or consumed_units <> 0
        or expired_units <> 0
        or revoked_units <> 0
    group by source_system, customer_id, credit_unit, currency, accounting_period

)

-- Credits that were given away may have no currency, and no amounts.
select
    activity.*,
    {{ major_units('activity.granted_minor', 'coalesce(currencies.minor_unit, 1)') }}
        as granted_amount,
    {{ major_units('activity.adjusted_minor', 'coalesce(currencies.minor_unit, 1)') }}
        as adjusted_amount,
    {{ major_units('activity.consumed_minor', 'coalesce(currencies.minor_unit, 1)') }}
        as consumed_amount,
    {{ major_units('activity.expired_minor', 'coalesce(currencies.minor_unit, 1)') }}
        as expired_amount,
    {{ major_units('activity.revoked_minor', 'coalesce(currencies.minor_unit, 1)') }}
        as revoked_amount
from activity
left join currencies
    on activity.currency = currencies.currency
