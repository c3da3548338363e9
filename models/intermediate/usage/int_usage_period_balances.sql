-- One row per usage period: what the journal holds of it.
{{ config(materialized='table') }}

with

entries as (

    select * from {{ ref('int_usage_journal_entries') }}

),

movements as (

    select * from {{ ref('int_usage_movements') }}

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

sides as (

    select
        usage_period_id,
        debit_account as account,
        amount_minor as debit_minor
    from entries

    union all

    select
        usage_period_id,
        credit_account as account,
        -amount_minor as debit_minor
    from entries

),

balances as (

    select
        sides.usage_period_id,
        cast(-sum(
            case when accounts.account_class = 'revenue' then sides.debit_minor else 0 end
        ) as bigint) as revenue_minor,
        cast(sum(
            case when sides.account = 'unbilled_receivable' then sides.debit_minor else 0 end
        ) as bigint) as unbilled_minor,
        cast(sum(
            case
                when sides.account in ('accounts_receivable', 'credit_clearing')
                    then sides.debit_minor
                else 0
            end
        ) as bigint) as receivable_minor
    from sides
    inner join accounts
        on sides.account = accounts.account
    group by sides.usage_period_id

),

-- A journal's quantity has no sign. Its side does not tell either: where a lower price
-- reaches back, more is used and the amount falls.
quantities as (

    select
        entries.usage_period_id,
        sum(case when movements.quantity < 0 then -1 else 1 end * entries.quantity)
            as metered_quantity
    from entries
    inner join movements
        on
            entries.usage_period_id = movements.usage_period_id
            and entries.accounting_period_index = movements.accounting_period_index
            and entries.effective_period_index = movements.effective_period_index
    where entries.event_type = 'usage_accrued'
    group by entries.usage_period_id

)

select
    balances.*,
    cast(coalesce(quantities.metered_quantity, 0) as numeric(38, 9)) as metered_quantity
from balances
left join quantities
    on balances.usage_period_id = quantities.usage_period_id
