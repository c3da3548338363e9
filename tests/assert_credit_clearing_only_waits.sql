-- What stands on credit_clearing waits for its other side, invoice by invoice: the
-- closing balance is what rec_credit_clearing explains.
{{ config(group='revrec') }}

with

balances as (

    select * from {{ ref('fct_account_balances') }}
    where account = 'credit_clearing'

),

tie_outs as (

    select * from {{ ref('rec_credit_clearing') }}
    where subject_type = 'total'

),

changes as (

    select
        currency,
        sum(debit_minor - credit_minor) as closing_minor
    from balances
    group by currency

)

select
    coalesce(changes.currency, tie_outs.currency) as currency,
    changes.closing_minor,
    -tie_outs.explained as waiting_minor
from changes
full outer join tie_outs
    on changes.currency = tie_outs.currency
where coalesce(changes.closing_minor, 0) <> coalesce(-tie_outs.explained, 0)
