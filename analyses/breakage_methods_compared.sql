-- What would breakage be under each method? One row per currency and fiscal quarter: credit
-- revenue from use, which no method changes, and breakage under `at_expiry`, `remote` and
-- `proportional`, as if policy breakage_timing answered so for every grant. Whatever the
-- method, a grant that has ended has released the same.
--
-- It reads the units of fct_credit_grant_periods, the estimates of breakage_estimates and
-- the days of policy remote_after_days; it builds nothing. Left out: the constraint, flags of
-- remote_credits, shares of unclaimed property, what was used before the books start, units
-- that are overdrawn, and a period that has not ended.
--
--     dbt show --select breakage_methods_compared --limit 100
{{ config(group='revrec') }}

with

grant_periods as (

    select * from {{ ref('fct_credit_grant_periods') }}

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}
    where presentation = 'deferred' and grant_disposition = 'terms'

),

movements as (

    select * from {{ ref('int_credit_grant_movements') }}

),

events as (

    select * from {{ ref('int_credit_event_names') }}

),

cohorts as (

    select * from {{ ref('int_breakage_cohorts') }}

),

cohort_rates as (

    select * from {{ ref('int_breakage_cohort_rates') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}
    where ends_on <= cast('{{ as_of_date() }}' as date)

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

-- Units and values to date at cost, whatever the books' own method.
to_date as (

    select
        grant_periods.source_system,
        grant_periods.grant_id,
        grant_periods.currency,
        periods.period_index,
        periods.ends_on,
        periods.fiscal_year,
        periods.fiscal_quarter,
        grant_periods.consumed_minor,
        grant_periods.closing_units,
        grant_periods.closing_deferred_minor + grant_periods.released_ahead_to_date_minor
            as remaining_minor,
        sum(grant_periods.expired_minor) over book_order
        - grant_periods.released_ahead_to_date_minor as expired_minor,
        sum(
            grant_periods.granted_units + grant_periods.adjusted_units
            - grant_periods.revoked_units
        ) over book_order as granted_units,
        sum(grant_periods.consumed_units) over book_order as consumed_units
    from grant_periods
    inner join periods
        on grant_periods.accounting_period = periods.accounting_period
    window book_order as (
        partition by grant_periods.source_system, grant_periods.grant_id
        order by periods.period_index
        rows between unbounded preceding and current row
    )

),

activity as (

    select
        movements.source_system,
        movements.grant_id,
        movements.accounting_period_index,
        max(case when {{ given_units('movements', 'events') }} <> 0 then movements.last_date end)
            as active_on,
        max(
            case
                when {{ given_units('movements', 'events') }} > 0
                    then movements.accounting_period_index
            end
        ) as given_period_index
    from movements
    inner join events
        on movements.event_rank = events.event_rank
    group by
        movements.source_system, movements.grant_id, movements.accounting_period_index

),

described as (

    select
        to_date.*,
        grants.price_numerator,
        grants.price_denominator,
        grants.remote_after_days,
        cohorts.sold_on,
        cohort_rates.rate_micro,
        max(activity.active_on) over book_order as active_on,
        max(activity.given_period_index) over book_order as given_period_index,
        {{ nano_units('to_date.granted_units') }} as granted_nano,
        {{ nano_units('to_date.consumed_units') }} as consumed_nano
    from to_date
    inner join grants
        on
            to_date.source_system = grants.source_system
            and to_date.grant_id = grants.grant_id
    inner join cohorts
        on
            to_date.source_system = cohorts.source_system
            and to_date.grant_id = cohorts.grant_id
    left join activity
        on
            to_date.source_system = activity.source_system
            and to_date.grant_id = activity.grant_id
            and to_date.period_index = activity.accounting_period_index
    left join cohort_rates
        on
            cohorts.cohort_key = cohort_rates.cohort_key
            and to_date.period_index >= cohort_rates.from_period_index
            and to_date.period_index
            < coalesce(cohort_rates.to_period_index, to_date.period_index + 1)
    window book_order as (
        partition by to_date.source_system, to_date.grant_id
        order by to_date.period_index
        rows between unbounded preceding and current row
    )

),

measured as (

    select
        *,
        closing_units > 0
        and {{ add_days('coalesce(active_on, sold_on)', 'remote_after_days') }} <= ends_on
            as is_inactive
    from described

),

methods as (

    select
        *,
        expired_minor as at_expiry_minor,
        expired_minor
        + case
            when
                max(case when is_inactive then 1 else 0 end) over (
                    partition by source_system, grant_id, given_period_index
                    order by period_index
                    rows between unbounded preceding and current row
                ) = 1
                then remaining_minor
            else 0
        end as remote_minor,
        expired_minor
        + case
            when rate_micro is null then 0
            else {{ breakage_ahead_minor(
                'consumed_nano', 'granted_nano', 'rate_micro', 'price_numerator', 'price_denominator',
                'expired_minor', 'remaining_minor'
            ) }}
        end as proportional_minor
    from measured

),

changed as (

    select
        currency,
        fiscal_year,
        fiscal_quarter,
        consumed_minor,
        at_expiry_minor - lag(at_expiry_minor, 1, 0) over book_order as at_expiry_minor,
        remote_minor - lag(remote_minor, 1, 0) over book_order as remote_minor,
        proportional_minor - lag(proportional_minor, 1, 0) over book_order
            as proportional_minor
    from methods
    window book_order as (partition by source_system, grant_id order by period_index)

),

summed as (

    select
        currency,
        fiscal_year,
        fiscal_quarter,
        cast(sum(consumed_minor) as bigint) as used_minor,
        cast(sum(at_expiry_minor) as bigint) as at_expiry_minor,
        cast(sum(remote_minor) as bigint) as remote_minor,
        cast(sum(proportional_minor) as bigint) as proportional_minor
    from changed
    group by currency, fiscal_year, fiscal_quarter

)

select
    summed.currency,
    summed.fiscal_year,
    summed.fiscal_quarter,
    {{ major_units('summed.used_minor', 'currencies.minor_unit') }} as used_amount,
    {{ major_units('summed.at_expiry_minor', 'currencies.minor_unit') }} as breakage_at_expiry,
    {{ major_units('summed.remote_minor', 'currencies.minor_unit') }} as breakage_remote,
    {{ major_units('summed.proportional_minor', 'currencies.minor_unit') }}
        as breakage_proportional
from summed
inner join currencies
    on summed.currency = currencies.currency
order by summed.currency, summed.fiscal_year, summed.fiscal_quarter
