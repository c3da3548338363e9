-- In every period the debits of all accounts equal their credits, and so do the
-- balances to date: no account is left out.
with

balances as (

    select * from {{ ref('fct_account_balances') }}

),

accounts as (

    select * from {{ ref('dim_accounts') }}

)

select
    balances.entity_id,
    balances.currency,
    balances.accounting_period,
    sum(balances.debit_minor) as debit_minor,
    sum(balances.credit_minor) as credit_minor,
    sum(
        case accounts.normal_side when 'debit' then 1 else -1 end * balances.closing_minor
    ) as closing_net_debit_minor
from balances
left join accounts
    on balances.account = accounts.account
group by balances.entity_id, balances.currency, balances.accounting_period
having
    sum(balances.debit_minor) <> sum(balances.credit_minor)
    or sum(
        case accounts.normal_side when 'debit' then 1 else -1 end * balances.closing_minor
    ) <> 0
