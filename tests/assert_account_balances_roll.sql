-- Every account opens at its previous closing balance and closes at the opening
-- plus what it gained on its natural side, in every period without a gap.
with

balances as (

    select * from {{ ref('fct_account_balances') }}

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

compared as (

    select
        balances.*,
        case accounts.normal_side when 'debit' then 1 when 'credit' then -1 end
        * (balances.debit_minor - balances.credit_minor) as change_minor,
        lag(balances.closing_minor, 1, 0) over book_order as previous_closing_minor,
        periods.period_index,
        lag(periods.period_index) over book_order as previous_period_index
    from balances
    left join accounts
        on balances.account = accounts.account
    left join periods
        on balances.accounting_period = periods.accounting_period
    window book_order as (
        partition by balances.entity_id, balances.account, balances.currency
        order by periods.period_index
    )

)

select
    entity_id,
    account,
    currency,
    accounting_period,
    previous_closing_minor,
    opening_minor,
    debit_minor,
    credit_minor,
    closing_minor
from compared
where
    opening_minor <> previous_closing_minor
    or change_minor is null
    or closing_minor <> opening_minor + change_minor
    or period_index is null
    or period_index <> previous_period_index + 1
