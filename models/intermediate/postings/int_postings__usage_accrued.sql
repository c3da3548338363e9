-- Dr unbilled_receivable, Cr usage_revenue: what was used, before it is invoiced. One
-- entry wherever something was used, also of no value.
with

movements as (

    select * from {{ ref('int_usage_movements') }}
    where row_count > 0 or accrued_minor <> 0 or quantity <> 0

)

select
    usage_period_id,
    'usage_accrued' as event_type,
    accounting_period_index,
    effective_period_index,
    last_date,
    'unbilled_receivable' as debit_account,
    'usage_revenue' as credit_account,
    accrued_minor as value_minor,
    quantity as units,
    row_count as source_entry_count,
    cast(null as varchar) as invoice_id
from movements
