-- What was earned and not invoiced, and for how long it waits, as of as_of_date: the
-- open balance of every obligation on unbilled_receivable by the days since its billing
-- period ended (of an item without one, since it was booked).
with

entries as (

    select * from {{ ref('fct_journal_entries') }}
    where debit_account = 'unbilled_receivable' or credit_account = 'unbilled_receivable'

),

usage_periods as (

    select * from {{ ref('int_usage_periods') }}

),

as_of_period as (

    select * from {{ ref('int_as_of_period') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

balances as (

    select
        entity_id,
        source_system,
        currency,
        obligation_type,
        obligation_id,
        max(customer_id) as customer_id,
        max(product_id) as product_id,
        min(booked_date) as booked_date,
        cast(
            sum(
                case when debit_account = 'unbilled_receivable' then amount_minor else 0 end
                - case when credit_account = 'unbilled_receivable' then amount_minor else 0 end
            ) as bigint
        ) as unbilled_minor
    from entries
    group by entity_id, source_system, currency, obligation_type, obligation_id

),

waiting as (

    select
        balances.*,
        as_of_period.accounting_period,
        currencies.minor_unit,
        usage_periods.subscription_id,
        not coalesce(usage_periods.has_ended, true) as is_running,
        usage_periods.starts_on as period_starts_on,
        usage_periods.ends_on as period_ends_on,
        greatest(
            {{ days_between(
                'coalesce(usage_periods.ends_on, balances.booked_date)',
                "cast('" ~ as_of_date() ~ "' as date)"
            ) }},
            0
        ) as days_waiting
    from balances
    cross join as_of_period
    inner join currencies
        on balances.currency = currencies.currency
    left join usage_periods
        on
            balances.obligation_type = 'usage'
            and balances.obligation_id = usage_periods.usage_period_id
    where balances.unbilled_minor <> 0

)

select
    entity_id,
    source_system,
    currency,
    customer_id,
    product_id,
    subscription_id,
    obligation_type,
    obligation_id,
    accounting_period,
    booked_date,
    period_starts_on,
    period_ends_on,
    cast(days_waiting as integer) as days_waiting,
    case
        when is_running then 'running'
        when days_waiting <= 30 then '0-30'
        when days_waiting <= 60 then '31-60'
        when days_waiting <= 90 then '61-90'
        when days_waiting <= 120 then '91-120'
        else 'over 120'
    end as bucket,
    unbilled_minor,
    {{ major_units('unbilled_minor', 'minor_unit') }} as unbilled_amount
from waiting
