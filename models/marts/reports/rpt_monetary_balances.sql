-- The balances that a ledger revalues at the end of a period: what is cash, or
-- will be settled in a fixed amount of money. Deferred revenue is settled by
-- service, and a contract asset or credit clearing by an invoice: they are not.
with

balances as (

    select * from {{ ref('fct_account_balances') }}
    where
        account in (
            'cash',
            'external_asset',
            'accounts_receivable',
            'unbilled_receivable',
            'customer_balance',
            'external_customer_balance',
            'refund_liability',
            'tax_liability',
            'passthrough_fees',
            'unclaimed_property'
        )

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

)

select
    balances.entity_id,
    balances.accounting_period,
    balances.currency,
    balances.account,
    accounts.account_name,
    accounts.account_class,
    balances.closing_minor,
    balances.closing_amount,
    balances.functional_closing_minor,
    {{ major_units('balances.functional_closing_minor', 'functional.minor_unit') }}
        as functional_closing_amount,
    {{ functional_currency_value() }} as functional_currency
from balances
inner join accounts
    on balances.account = accounts.account
left join currencies as functional
    on functional.currency = {{ functional_currency_value() }}
