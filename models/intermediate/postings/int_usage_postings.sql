with

postings as (

    select * from {{ ref('int_postings__usage_accrued') }}

    union all

    select * from {{ ref('int_postings__usage_shortfalls') }}

    union all

    select * from {{ ref('int_postings__usage_invoiced') }}

    union all

    select * from {{ ref('int_postings__usage_renewed') }}

),

periods as (

    select * from {{ ref('int_usage_periods') }}

),

first_movements as (

    select
        usage_period_id,
        min(accounting_period_index) as period_index
    from {{ ref('int_usage_movements') }}
    where
        row_count > 0
        or quantity <> 0
        or invoice_count > 0
        or accrued_minor <> 0
        or fallen_short_minor <> 0
    group by usage_period_id

),

accounting_periods as (

    select * from {{ ref('dim_accounting_periods') }}

)

select
    periods.entity_id,
    periods.source_system,
    'usage' as obligation_type,
    postings.usage_period_id as obligation_id,
    periods.customer_id,
    periods.product_id,
    postings.event_type,
    postings.accounting_period_index,
    postings.effective_period_index,
    least(accounting_periods.ends_on, cast('{{ as_of_date() }}' as date)) as booked_date,
    postings.last_date,
    postings.debit_account,
    postings.credit_account,
    postings.value_minor,
    periods.currency,
    periods.minor_unit,
    postings.units,
    postings.source_entry_count,
    postings.policy,
    postings.invoice_id,
    cast(null as varchar) as settled_currency,
    cast(null as bigint) as settled_minor
from postings
inner join periods
    on postings.usage_period_id = periods.usage_period_id
inner join first_movements
    on postings.usage_period_id = first_movements.usage_period_id
inner join accounting_periods
    on first_movements.period_index = accounting_periods.period_index
