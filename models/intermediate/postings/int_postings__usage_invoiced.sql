-- Dr accounts_receivable, Cr unbilled_receivable: what had accrued was invoiced, and
-- what accrues late was. Dr accounts_receivable, Cr usage_revenue: what the invoice
-- bills beyond that (or less). Where accruals are reversed by policy, the invoice
-- credits usage_revenue with all it bills. Dr credit_clearing instead where a line of
-- the invoice is in the books and has the receivable.
with

movements as (

    select * from {{ ref('int_usage_movements') }}

),

periods as (

    select * from {{ ref('int_usage_periods') }}

),

described as (

    select
        movements.*,
        periods.accrual_reversal
    from movements
    inner join periods
        on movements.usage_period_id = periods.usage_period_id

)

select
    usage_period_id,
    'usage_invoiced' as event_type,
    accounting_period_index,
    effective_period_index,
    coalesce(invoiced_on, last_date) as last_date,
    billing_account as debit_account,
    'unbilled_receivable' as credit_account,
    settled_minor as value_minor,
    0 as units,
    invoice_count as source_entry_count,
    invoice_id,
    'usage_accrual_reversal: ' || accrual_reversal as policy
from described
where accrual_reversal = 'on_invoice' and (settled_minor <> 0 or invoice_count > 0)

union all

select
    usage_period_id,
    'usage_invoice_difference' as event_type,
    accounting_period_index,
    effective_period_index,
    coalesce(invoiced_on, last_date) as last_date,
    billing_account as debit_account,
    'usage_revenue' as credit_account,
    difference_minor as value_minor,
    0 as units,
    invoice_count as source_entry_count,
    invoice_id,
    'usage_accrual_reversal: ' || accrual_reversal as policy
from described
where accrual_reversal = 'on_invoice' and difference_minor <> 0

union all

select
    usage_period_id,
    'usage_invoiced' as event_type,
    accounting_period_index,
    effective_period_index,
    invoiced_on as last_date,
    billing_account as debit_account,
    'usage_revenue' as credit_account,
    invoiced_minor as value_minor,
    0 as units,
    invoice_count as source_entry_count,
    invoice_id,
    'usage_accrual_reversal: ' || accrual_reversal as policy
from described
where accrual_reversal = 'start_of_next_period' and invoice_count > 0
