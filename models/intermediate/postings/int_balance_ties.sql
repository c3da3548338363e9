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

journal as (

    select
        lines.entity_id,
        lines.account,
        lines.currency,
        periods.period_index,
        sum(lines.debit_minor - lines.credit_minor) as net_debit_minor
    from lines
    inner join periods
        on lines.accounting_period = periods.accounting_period
    group by lines.entity_id, lines.account, lines.currency, periods.period_index

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
