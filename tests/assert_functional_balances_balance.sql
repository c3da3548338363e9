-- With a functional currency the functional debits of all accounts equal their
-- credits in every entity and period, every account rolls from its opening to
-- its closing balance, and the balances hold what the journal holds.
with

balances as (

    select * from {{ ref('fct_account_balances') }}
    where {{ functional_currency_value() }} is not null

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

entries as (

    select * from {{ ref('fct_journal_entries') }}
    where functional_amount_minor is not null

),

posted as (

    select
        entity_id,
        accounting_period,
        sum(functional_amount_minor) as journal_minor
    from entries
    group by entity_id, accounting_period

),

summed as (

    select
        balances.entity_id,
        balances.accounting_period,
        sum(balances.functional_debit_minor) as debit_minor,
        sum(balances.functional_credit_minor) as credit_minor,
        sum(
            case accounts.normal_side when 'debit' then 1 else -1 end
            * balances.functional_closing_minor
        ) as net_debit_minor,
        sum(
            abs(
                balances.functional_opening_minor - balances.functional_closing_minor
                + case accounts.normal_side when 'debit' then 1 else -1 end
                * (balances.functional_debit_minor - balances.functional_credit_minor)
            )
        ) as not_rolled_minor
    from balances
    left join accounts
        on balances.account = accounts.account
    group by balances.entity_id, balances.accounting_period

)

select
    summed.*,
    posted.journal_minor
from summed
left join posted
    on
        summed.entity_id = posted.entity_id
        and summed.accounting_period = posted.accounting_period
where
    summed.debit_minor is null
    or summed.debit_minor <> summed.credit_minor
    or summed.debit_minor <> coalesce(posted.journal_minor, 0)
    or summed.net_debit_minor <> 0
    or summed.not_rolled_minor <> 0
