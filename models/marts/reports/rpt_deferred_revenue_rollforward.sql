-- Opening + billings - consumption - breakage - revocations + adjustments =
-- closing. Opening and closing are the balances; the movements between them are
-- sums of journal entries; a test asserts that the row foots.
with

balances as (

    select * from {{ ref('fct_account_balances') }}
    where account = 'deferred_revenue'

),

changes as (

    select * from {{ ref('int_deferred_revenue_changes') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

currencies as (

    select * from {{ ref('int_currencies') }}

),

final as (

    select
        balances.entity_id,
        balances.accounting_period,
        balances.currency,
        currencies.minor_unit,
        balances.opening_minor,
        balances.closing_minor,
        cast(coalesce(changes.billings_minor, 0) as bigint) as billings_minor,
        cast(coalesce(changes.consumption_minor, 0) as bigint) as consumption_minor,
        cast(coalesce(changes.breakage_minor, 0) as bigint) as breakage_minor,
        cast(coalesce(changes.revocations_minor, 0) as bigint) as revocations_minor,
        cast(coalesce(changes.adjustments_minor, 0) as bigint) as adjustments_minor
    from balances
    inner join periods
        on balances.accounting_period = periods.accounting_period
    inner join currencies
        on balances.currency = currencies.currency
    left join changes
        on
            balances.entity_id = changes.entity_id
            and balances.currency = changes.currency
            and periods.period_index = changes.period_index

)

select
    entity_id,
    accounting_period,
    currency,
    opening_minor,
    billings_minor,
    consumption_minor,
    breakage_minor,
    revocations_minor,
    adjustments_minor,
    closing_minor,
    {{ major_units('opening_minor', 'minor_unit') }} as opening_amount,
    {{ major_units('billings_minor', 'minor_unit') }} as billings_amount,
    {{ major_units('consumption_minor', 'minor_unit') }} as consumption_amount,
    {{ major_units('breakage_minor', 'minor_unit') }} as breakage_amount,
    {{ major_units('revocations_minor', 'minor_unit') }} as revocations_amount,
    {{ major_units('adjustments_minor', 'minor_unit') }} as adjustments_amount,
    {{ major_units('closing_minor', 'minor_unit') }} as closing_amount
from final
