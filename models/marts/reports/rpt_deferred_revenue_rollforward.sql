-- Opening + billings - recognised - consumption - applied - breakage - unclaimed property -
-- revocations - reversals + adjustments + corrections of sealed periods + brought forward =
-- closing. Opening and closing are the balances of every account that holds deferred revenue; the
-- movements between them are sums of journal entries; a test asserts that the row foots.
with

account_balances as (

    select * from {{ ref('fct_account_balances') }}

),

deferred_accounts as (

    select * from {{ ref('int_deferred_accounts') }}

),

changes as (

    select * from {{ ref('int_deferred_revenue_changes') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

balances as (

    select
        account_balances.entity_id,
        account_balances.accounting_period,
        account_balances.currency,
        cast(sum(account_balances.opening_minor) as bigint) as opening_minor,
        cast(sum(account_balances.closing_minor) as bigint) as closing_minor
    from account_balances
    inner join deferred_accounts
        on account_balances.account = deferred_accounts.account
    group by
        account_balances.entity_id,
        account_balances.accounting_period,
        account_balances.currency

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
        cast(coalesce(changes.recognised_minor, 0) as bigint) as recognised_minor,
        cast(coalesce(changes.consumption_minor, 0) as bigint) as consumption_minor,
        cast(coalesce(changes.applied_minor, 0) as bigint) as applied_minor,
        cast(coalesce(changes.breakage_minor, 0) as bigint) as breakage_minor,
        cast(
            coalesce(
                changes.breakage_minor
                - changes.breakage_remote_minor
                - changes.breakage_proportional_minor,
                0
            ) as bigint
        ) as breakage_at_expiry_minor,
        cast(coalesce(changes.breakage_remote_minor, 0) as bigint) as breakage_remote_minor,
        cast(coalesce(changes.breakage_proportional_minor, 0) as bigint)
            as breakage_proportional_minor,
        cast(coalesce(changes.unclaimed_minor, 0) as bigint) as unclaimed_minor,
        cast(coalesce(changes.revocations_minor, 0) as bigint) as revocations_minor,
        cast(coalesce(changes.reversals_minor, 0) as bigint) as reversals_minor,
        cast(coalesce(changes.adjustments_minor, 0) as bigint) as adjustments_minor,
        cast(coalesce(changes.seal_corrections_minor, 0) as bigint) as seal_corrections_minor,
        cast(coalesce(changes.brought_forward_minor, 0) as bigint) as brought_forward_minor
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
    recognised_minor,
    consumption_minor,
    breakage_minor,
    revocations_minor,
    reversals_minor,
    adjustments_minor,
    closing_minor,
    applied_minor,
    seal_corrections_minor,
    brought_forward_minor,
    breakage_at_expiry_minor,
    breakage_remote_minor,
    breakage_proportional_minor,
    unclaimed_minor,
    {{ major_units('opening_minor', 'minor_unit') }} as opening_amount,
    {{ major_units('billings_minor', 'minor_unit') }} as billings_amount,
    {{ major_units('recognised_minor', 'minor_unit') }} as recognised_amount,
    {{ major_units('consumption_minor', 'minor_unit') }} as consumption_amount,
    {{ major_units('breakage_minor', 'minor_unit') }} as breakage_amount,
    {{ major_units('revocations_minor', 'minor_unit') }} as revocations_amount,
    {{ major_units('reversals_minor', 'minor_unit') }} as reversals_amount,
    {{ major_units('adjustments_minor', 'minor_unit') }} as adjustments_amount,
    {{ major_units('closing_minor', 'minor_unit') }} as closing_amount,
    {{ major_units('applied_minor', 'minor_unit') }} as applied_amount,
    {{ major_units('seal_corrections_minor', 'minor_unit') }} as seal_corrections_amount,
    {{ major_units('brought_forward_minor', 'minor_unit') }} as brought_forward_amount,
    {{ major_units('breakage_at_expiry_minor', 'minor_unit') }} as breakage_at_expiry_amount,
    {{ major_units('breakage_remote_minor', 'minor_unit') }} as breakage_remote_amount,
    {{ major_units('breakage_proportional_minor', 'minor_unit') }} as breakage_proportional_amount,
    {{ major_units('unclaimed_minor', 'minor_unit') }} as unclaimed_amount
from final
