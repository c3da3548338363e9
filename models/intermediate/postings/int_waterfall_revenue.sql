-- One row per entity, currency, booked day and accounting period: revenue less
-- contra revenue of all obligations. Summed by account pair first, so that the
-- journal is read once.
with

entries as (

    select * from {{ ref('fct_journal_entries') }}

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

-- Credits raise revenue, debits of contra revenue take from it: the same sign.
revenue_accounts as (

    select account
    from accounts
    where account_class in ('revenue', 'contra_revenue')

),

pairs as (

    select
        entity_id,
        currency,
        booked_date,
        accounting_period,
        debit_account,
        credit_account,
        sum(amount_minor) as amount_minor
    from entries
    group by
        entity_id, currency, booked_date, accounting_period, debit_account, credit_account

),

sides as (

    select
        entity_id,
        currency,
        booked_date,
        accounting_period,
        credit_account as account,
        amount_minor as revenue_minor
    from pairs

    union all

    select
        entity_id,
        currency,
        booked_date,
        accounting_period,
        debit_account as account,
        -amount_minor as revenue_minor
    from pairs

)

select
    sides.entity_id,
    sides.currency,
    sides.booked_date,
    sides.accounting_period,
    sum(sides.revenue_minor) as recognised_minor
from sides
inner join revenue_accounts
    on sides.account = revenue_accounts.account
group by sides.entity_id, sides.currency, sides.booked_date, sides.accounting_period
