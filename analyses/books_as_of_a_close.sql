-- Re-perform a close: what the books say at the end of each accounting period, per
-- entity and currency: its entries and debits (account 'all accounts'), then those of
-- each account and its closing balance. Run it on a build of today and on one of
-- another schema as of the close, and compare the rows up to the closed period. They
-- are the same, unless a row was edited, deleted or added with an older time since:
-- dbt build --target audit --vars '{known_as_of: "2026-02-03 18:00:00"}'
-- dbt show --select books_as_of_a_close --limit -1 --output json --target audit ...
{{ config(group='revrec') }}

with

journal_entries as (

    select * from {{ ref('fct_journal_entries') }}

),

balances as (

    select * from {{ ref('fct_account_balances') }}

),

periods as (

    select
        accounting_period,
        entity_id,
        currency,
        count(*) as entry_count,
        sum(amount_minor) as debit_minor
    from journal_entries
    group by accounting_period, entity_id, currency

),

sides as (

    select
        accounting_period,
        entity_id,
        currency,
        debit_account as account,
        journal_entry_id
    from journal_entries

    union

    select
        accounting_period,
        entity_id,
        currency,
        credit_account as account,
        journal_entry_id
    from journal_entries

),

accounts as (

    select
        accounting_period,
        entity_id,
        currency,
        account,
        count(*) as entry_count
    from sides
    group by accounting_period, entity_id, currency, account

),

final as (

    select
        accounting_period,
        entity_id,
        currency,
        'all accounts' as account,
        entry_count,
        debit_minor,
        cast(null as bigint) as closing_minor
    from periods

    union all

    select
        balances.accounting_period,
        balances.entity_id,
        balances.currency,
        balances.account,
        coalesce(accounts.entry_count, 0) as entry_count,
        balances.debit_minor,
        balances.closing_minor
    from balances
    left join accounts
        on
            balances.accounting_period = accounts.accounting_period
            and balances.entity_id = accounts.entity_id
            and balances.currency = accounts.currency
            and balances.account = accounts.account

)

select
    accounting_period,
    entity_id,
    currency,
    account,
    entry_count,
    cast(debit_minor as bigint) as debit_minor,
    cast(closing_minor as bigint) as closing_minor
from final
order by accounting_period, entity_id, currency, account
