-- One row per invoice of the sources that was known: as of an instant an invoice that
-- was finalised later, or of which a line became known later, is not there.
with

invoices as (

    select * from {{ ref('int_invoices_unioned') }}
    where row_reason is null

),

later_lines as (

    select * from {{ ref('int_service_lines') }}
    where is_booking_known_later

),

later_invoices as (

    select distinct
        source_system,
        invoice_id
    from later_lines

)

select invoices.*
from invoices
left join later_invoices
    on
        invoices.source_system = later_invoices.source_system
        and invoices.invoice_id = later_invoices.invoice_id
where
    later_invoices.invoice_id is null
    and not {{ is_known_later('invoices.booked_at') }}
