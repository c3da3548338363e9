-- One row per invoice and period in which lines of it were billed: the receivable.
with

parts as (

    select * from {{ ref('int_service_line_parts') }}
    where
        invoice_id is not null
        and booked_date is not null
        and billing_account = 'accounts_receivable'
        and position_account is not null

)

select
    source_system,
    invoice_id,
    booked_period_index as accounting_period_index,
    booked_effective_index as effective_period_index,
    cast(sum(amount_minor) as bigint) as booked_minor
from parts
group by source_system, invoice_id, booked_period_index, booked_effective_index
