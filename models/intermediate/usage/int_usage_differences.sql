-- What the report of usage sets side by side, one row per thing that happened: quantities
-- and values by the period of use, their differences and the journal by the period of
-- posting. A column that a thing does not concern is null.
with

groups as (

    select * from {{ ref('int_usage_dispositions') }}
    where
        effective_period_index is not null
        and coalesce(reason, '') not in ('after_as_of_date', 'known_later')

),

periods as (

    select * from {{ ref('int_usage_periods') }}

),

steps as (

    select * from {{ ref('int_usage_step_differences') }}

),

movements as (

    select * from {{ ref('int_usage_movements') }}
    where fallen_short_minor <> 0 or difference_minor <> 0

),

entries as (

    select * from {{ ref('int_usage_journal_entries') }}

),

revenue_accounts as (

    select * from {{ ref('dim_accounts') }}
    where account_class = 'revenue'

)

select
    groups.source_system,
    groups.customer_id,
    groups.product_id,
    periods.currency,
    groups.effective_period_index as period_index,
    case when groups.disposition = 'journaled' then groups.quantity end as metered,
    case
        when
            groups.disposition = 'journaled'
            and groups.effective_period_index < groups.accounting_period_index
            then groups.quantity
    end as posted_later,
    case
        when groups.disposition = 'excluded' and groups.reason not like 'duplicate%'
            then groups.quantity
    end as waiting,
    case
        when groups.disposition = 'exception' and groups.reason not like 'duplicate%'
            then groups.quantity
    end as unrated,
    case when groups.reason like 'duplicate%' then groups.quantity end as duplicate,
    cast(null as numeric(38, 9)) as billable,
    cast(null as numeric(38, 9)) as rated,
    cast(null as numeric(38, 9)) as late,
    cast(null as numeric(38, 9)) as estimated,
    cast(null as numeric(38, 9)) as rounded,
    cast(null as bigint) as fallen_short,
    cast(null as bigint) as invoice_difference,
    cast(null as bigint) as recognised
from groups
left join periods
    on groups.usage_period_id = periods.usage_period_id

union all

select
    source_system,
    customer_id,
    product_id,
    currency,
    accounting_period_index as period_index,
    null as metered,
    null as posted_later,
    null as waiting,
    null as unrated,
    null as duplicate,
    case when effective_period_index = accounting_period_index then billable end as billable,
    case when effective_period_index = accounting_period_index then rated end as rated,
    case when effective_period_index < accounting_period_index then rated end as late,
    estimated,
    rounded,
    null as fallen_short,
    null as invoice_difference,
    null as recognised
from steps

union all

-- What posts later is missing in the period of its use.
select
    source_system,
    customer_id,
    product_id,
    currency,
    effective_period_index as period_index,
    null as metered,
    null as posted_later,
    null as waiting,
    null as unrated,
    null as duplicate,
    billable,
    rated,
    -rated as late,
    null as estimated,
    null as rounded,
    null as fallen_short,
    null as invoice_difference,
    null as recognised
from steps
where effective_period_index < accounting_period_index

union all

select
    periods.source_system,
    periods.customer_id,
    periods.product_id,
    periods.currency,
    movements.accounting_period_index as period_index,
    null as metered,
    null as posted_later,
    null as waiting,
    null as unrated,
    null as duplicate,
    null as billable,
    null as rated,
    null as late,
    null as estimated,
    null as rounded,
    movements.fallen_short_minor as fallen_short,
    movements.difference_minor as invoice_difference,
    null as recognised
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
    null as metered,
    null as posted_later,
    null as waiting,
    null as unrated,
    null as duplicate,
    null as billable,
    null as rated,
    null as late,
    null as estimated,
    null as rounded,
    null as fallen_short,
    null as invoice_difference,
    case when entries.credit_account = revenue_accounts.account then 1 else -1 end
    * entries.amount_minor as recognised
from entries
inner join revenue_accounts
    on revenue_accounts.account in (entries.debit_account, entries.credit_account)
