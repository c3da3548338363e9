-- One row per group of events that are not in the books for a fault: who used what in
-- which accounting period. An event alone is named; what became of each is in
-- fct_journal_evidence.
with

faults as (

    select * from {{ ref('int_usage_dispositions') }}
    where disposition = 'exception'

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

grouped as (

    select
        source_system,
        source_table,
        customer_id,
        product_id,
        effective_period_index,
        reason,
        sum(quantity) as quantity,
        sum(row_count) as row_count,
        max(any_source_key) as any_source_key
    from faults
    group by
        source_system,
        source_table,
        customer_id,
        product_id,
        effective_period_index,
        reason

)

select
    grouped.source_system,
    grouped.source_table,
    case
        when grouped.row_count = 1 and grouped.any_source_key is not null
            then grouped.any_source_key
        else 'group:' || {{ key_hash([
            'grouped.source_system', 'grouped.customer_id', 'grouped.product_id',
            'periods.accounting_period', 'grouped.reason',
        ]) }}
    end as source_key,
    grouped.reason as reason_code,
    abs(grouped.quantity) as quantity,
    cast(grouped.row_count as varchar) || ' events of '
    || coalesce(grouped.product_id, 'no product') || ' by '
    || coalesce(grouped.customer_id, 'no customer')
    || coalesce(' in ' || periods.accounting_period, '') as subject
from grouped
left join periods
    on grouped.effective_period_index = periods.period_index
