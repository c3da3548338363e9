-- Dr unbilled_receivable, Cr usage_revenue: what was used, before it is invoiced. One
-- entry wherever something was used, also of no value.
with

movements as (

    select * from {{ ref('int_usage_movements') }}
    where row_count > 0 or accrued_minor <> 0 or quantity <> 0

),

periods as (

    select * from {{ ref('int_usage_periods') }}

)

select
    movements.usage_period_id,
    'usage_accrued' as event_type,
    movements.accounting_period_index,
    movements.effective_period_index,
    movements.last_date,
    'unbilled_receivable' as debit_account,
    'usage_revenue' as credit_account,
    movements.accrued_minor as value_minor,
    movements.quantity as units,
    movements.row_count as source_entry_count,
    cast(null as varchar) as invoice_id,
    'usage_recognition: ' || periods.recognition as policy
from movements
inner join periods
    on movements.usage_period_id = periods.usage_period_id
