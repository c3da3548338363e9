-- One row per entity, account, currency and period with a balance: the journal's
-- lines to date beside the closing balance.
with

lines as (

    select * from {{ ref('fct_journal_lines') }}

),

balances as (

    select * from {{ ref('fct_account_balances') }}

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

-- Summed before anything is joined: the lines are many.
summed as (

    select
        entity_id,
        account,
        currency,
        accounting_period,
        sum(debit_minor - credit_minor) as net_debit_minor
    from lines
    group by entity_id, account, currency, accounting_period

),

journal as (

    select
        summed.*,
        periods.period_index
    from summed
    inner join periods
        on summed.accounting_period = periods.accounting_period

),

final as (

    select
        balances.entity_id,
        balances.account,
        balances.currency,
        balances.accounting_period,
        max(balances.closing_minor) as actual,
        max(case accounts.normal_side when 'debit' then 1 else -1 end)
        * coalesce(sum(journal.net_debit_minor), 0) as expected
    from balances
    inner join accounts
        on balances.account = accounts.account
    inner join periods
        on balances.accounting_period = periods.accounting_period
    left join journal
        on
            balances.entity_id = journal.entity_id
            and balances.account = journal.account
            and balances.currency = journal.currency
            and periods.period_index >= journal.period_index
    group by
        balances.entity_id, balances.account, balances.currency, balances.accounting_period

)

select * from final
