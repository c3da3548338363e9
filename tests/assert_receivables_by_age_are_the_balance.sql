-- The receivables by age sum to the closing balance of accounts_receivable.
{{ config(group='revrec') }}

with

aging as (

    select * from {{ ref('rpt_accounts_receivable_aging') }}

),

balances as (

    select * from {{ ref('fct_account_balances') }}
    where account = 'accounts_receivable'

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

numbered as (

    select
        balances.*,
        row_number() over (
            partition by balances.entity_id, balances.currency
            order by periods.period_index desc
        ) as number_from_last
    from balances
    inner join periods
        on balances.accounting_period = periods.accounting_period

),

closing as (

    select
        entity_id,
        currency,
        closing_minor
    from numbered
    where number_from_last = 1

),

aged as (

    select
        entity_id,
        currency,
        sum(receivable_minor) as receivable_minor
    from aging
    group by entity_id, currency

)

select
    coalesce(closing.entity_id, aged.entity_id) as entity_id,
    coalesce(closing.currency, aged.currency) as currency,
    closing.closing_minor,
    aged.receivable_minor
from closing
full outer join aged
    on
        closing.entity_id = aged.entity_id
        and closing.currency = aged.currency
where coalesce(closing.closing_minor, 0) <> coalesce(aged.receivable_minor, 0)
