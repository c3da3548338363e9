-- One row per usage invoice and journal entry that it supports: its own amount, also
-- where what had accrued or the difference is another.
with

invoices as (

    select * from {{ ref('int_usage_invoices') }}
    where invoice_reason is null

),

entries as (

    select * from {{ ref('int_usage_journal_entries') }}
    where event_type in ('usage_invoiced', 'usage_invoice_difference')

)

select
    invoices.source_system,
    invoices.source_table,
    invoices.source_key,
    entries.journal_entry_id,
    entries.minor_unit,
    case when entries.event_type = 'usage_invoiced' then abs(invoices.amount_minor) end
        as amount_minor
from invoices
inner join entries
    on
        invoices.usage_period_id = entries.usage_period_id
        and invoices.accounting_period_index = entries.accounting_period_index
        and invoices.effective_period_index = entries.effective_period_index
