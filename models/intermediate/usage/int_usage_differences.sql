-- One row per customer, product, currency and accounting period of each thing that the
-- report of usage sets side by side: quantities by the period of use, values by the
-- period of use and of posting, and the journal. One column a thing, 0 in the others.
with

groups as (

    select * from {{ ref('int_usage_dispositions') }}

),

periods as (

    select * from {{ ref('int_usage_periods') }}

),

steps as (

    select * from {{ ref('int_usage_step_differences') }}

),

movements as (

    select * from {{ ref('int_usage_movements') }}

),

entries as (

    select * from {{ ref('int_usage_journal_entries') }}

),

accounts as (

    select * from {{ ref('dim_accounts') }}
    where account_class = 'revenue'

),

quantities as (

    select
        groups.source_system,
        groups.customer_id,
        groups.product_id,
        periods.currency,
        groups.effective_period_index as period_index,
        case
            when groups.disposition = 'journaled' then 'metered'
            when groups.reason like 'duplicate%' then 'duplicate'
            when groups.disposition = 'exception' then 'unrated'
            else 'waiting'
        end as kind,
        groups.quantity as amount
    from groups
    left join periods
        on groups.usage_period_id = periods.usage_period_id
    where
        groups.effective_period_index is not null
        and coalesce(groups.reason, '') <> 'after_as_of_date'

    union all

    select
        periods.source_system,
        periods.customer_id,
        periods.product_id,
        periods.currency,
        groups.effective_period_index as period_index,
        'posted_later' as kind,
        groups.quantity as amount
    from groups
    inner join periods
        on groups.usage_period_id = periods.usage_period_id
    where groups.effective_period_index < groups.accounting_period_index

),

step_values as (

    select
        source_system,
        customer_id,
        product_id,
        currency,
        effective_period_index as period_index,
        'rated' as kind,
        rated as amount
    from steps

    union all

    select
        source_system,
        customer_id,
        product_id,
        currency,
        effective_period_index as period_index,
        'late' as kind,
        -rated as amount
    from steps
    where effective_period_index < accounting_period_index

    union all

    select
        source_system,
        customer_id,
        product_id,
        currency,
        accounting_period_index as period_index,
        'late' as kind,
        rated as amount
    from steps
    where effective_period_index < accounting_period_index

    union all

    select
        source_system,
        customer_id,
        product_id,
        currency,
        accounting_period_index as period_index,
        'estimated' as kind,
        estimated as amount
    from steps

    union all

    select
        source_system,
        customer_id,
        product_id,
        currency,
        accounting_period_index as period_index,
        'rounded' as kind,
        rounded as amount
    from steps

),

booked as (

    select
        periods.source_system,
        periods.customer_id,
        periods.product_id,
        periods.currency,
        movements.accounting_period_index as period_index,
        'fallen_short' as kind,
        movements.fallen_short_minor as amount
    from movements
    inner join periods
        on movements.usage_period_id = periods.usage_period_id

    union all

    select
        periods.source_system,
        periods.customer_id,
        periods.product_id,
        periods.currency,
        movements.accounting_period_index as period_index,
        'invoice_difference' as kind,
        movements.difference_minor as amount
    from movements
    inner join periods
        on movements.usage_period_id = periods.usage_period_id

    union all

    select
        entries.source_system,
        entries.customer_id,
        entries.product_id,
        entries.currency,
        entries.accounting_period_index as period_index,
        'recognised' as kind,
        case when entries.credit_account = accounts.account then 1 else -1 end
        * entries.amount_minor as amount
    from entries
    inner join accounts
        on accounts.account in (entries.debit_account, entries.credit_account)

)

select * from quantities

union all

select * from step_values

union all

select * from booked
