-- What customers did with their credits, per customer, credit unit and period;
-- expired and revoked stand apart, for they are reviewed apart. So do bonus credits that
-- were bought with paid ones and carry none of the price.
with

grant_periods as (

    select * from {{ ref('fct_credit_grant_periods') }}

),

bonus_prices as (

    select * from {{ ref('int_credit_bonus_prices') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

activity as (

    select
        grant_periods.source_system,
        grant_periods.customer_id,
        grant_periods.credit_unit,
        grant_periods.currency,
        grant_periods.accounting_period,
        cast(sum(grant_periods.granted_units) as numeric(38, 9)) as granted_units,
        cast(sum(grant_periods.adjusted_units) as numeric(38, 9)) as adjusted_units,
        cast(sum(grant_periods.consumed_units) as numeric(38, 9)) as consumed_units,
        cast(sum(grant_periods.expired_units) as numeric(38, 9)) as expired_units,
        cast(sum(grant_periods.revoked_units) as numeric(38, 9)) as revoked_units,
        cast(sum(grant_periods.granted_minor) as bigint) as granted_minor,
        cast(sum(grant_periods.adjusted_minor) as bigint) as adjusted_minor,
        cast(sum(grant_periods.consumed_minor) as bigint) as consumed_minor,
        cast(sum(grant_periods.expired_minor) as bigint) as expired_minor,
        cast(sum(grant_periods.revoked_minor) as bigint) as revoked_minor,
        cast(
            sum(
                case
                    when bonus_prices.is_bonus and bonus_prices.bonus_policy = 'zero_cost'
                        then grant_periods.granted_units
                    else 0
                end
            ) as numeric(38, 9)
        ) as bonus_units,
        cast(
            sum(
                case
                    when grant_periods.accounting_period = bonus_prices.accounting_period
                        then bonus_prices.front_loaded_minor
                    else 0
                end
            ) as bigint
        ) as front_loaded_minor
    from grant_periods
    left join bonus_prices
        on
            grant_periods.source_system = bonus_prices.source_system
            and grant_periods.grant_id = bonus_prices.grant_id
    where
        grant_periods.granted_units <> 0
        or grant_periods.adjusted_units <> 0
        or grant_periods.consumed_units <> 0
        or grant_periods.expired_units <> 0
        or grant_periods.revoked_units <> 0
    group by
        grant_periods.source_system,
        grant_periods.customer_id,
        grant_periods.credit_unit,
        grant_periods.currency,
        grant_periods.accounting_period

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
        as revoked_amount,
    {{ major_units('activity.front_loaded_minor', 'coalesce(currencies.minor_unit, 1)') }}
        as front_loaded_amount
from activity
left join currencies
    on activity.currency = currencies.currency
