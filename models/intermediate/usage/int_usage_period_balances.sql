-- One row per usage period: what the journal holds of it.
{{ config(materialized='table') }}

with

entries as (

    select * from {{ ref('int_usage_journal_entries') }}

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

sides as (

    select
        usage_period_id,
        debit_account as account,
        amount_minor as debit_minor,
        case when event_type = 'usage_accrued' then quantity else 0 end as quantity
    from entries

    union all

    select
        usage_period_id,
        credit_account as account,
        -amount_minor as debit_minor,
        0 as quantity
    from entries

)

select
    sides.usage_period_id,
    cast(-sum(
        case when accounts.account_class = 'revenue' then sides.debit_minor else 0 end
    ) as bigint) as revenue_minor,
    cast(sum(
        case when sides.account = 'unbilled_receivable' then sides.debit_minor else 0 end
    ) as bigint) as unbilled_minor,
    cast(sum(
        case when sides.account = 'accounts_receivable' then sides.debit_minor else 0 end
    ) as bigint) as receivable_minor,
    -- A credit of unbilled_receivable by an accrual is a swapped entry.
    cast(sum(
        case when sides.account = 'unbilled_receivable' then sides.quantity
            else -sides.quantity
        end
    ) as numeric(38, 9)) as metered_quantity
from sides
inner join accounts
    on sides.account = accounts.account
group by sides.usage_period_id
