{{ config(enabled='stripe' in var('sources') | string) }}

-- The raw invoice items, each with its state: continued by a line of a finalised invoice
-- (then it is a row of terms), pending or deleted (then it is a service line itself), or
-- with a reason why it does not count.
with

items as (

    select * from {{ ref('base_stripe__invoice_items') }}

),

invoiced_items as (

    select * from {{ ref('stg_stripe__invoiced_items') }}

),

invoices as (

    select * from {{ ref('stg_stripe__finalised_invoices') }}

),

customers as (

    select * from {{ ref('base_stripe__customers') }}
    where row_reason is null

),

final as (

    select
        items.*,
        customers.email as customer_email,
        invoiced_items.invoice_line_id is not null as is_invoiced,
        coalesce(
            items.row_reason,
            case
                when invoiced_items.invoice_line_id is not null then null
                when items.invoice_id is null or items.deleted_at is not null then null
                when invoices.invoice_id is null then 'unknown_invoice'
                -- A draft bills nothing yet.
                when invoices.invoice_reason = 'not_finalised' then null
                else coalesce(invoices.invoice_reason, 'missing_invoice_line')
            end
        ) as item_reason
    from items
    left join invoiced_items
        on items.invoice_item_id = invoiced_items.invoice_item_id
    left join invoices
        on items.invoice_id = invoices.invoice_id
    left join customers
        on items.customer_id = customers.customer_id

)

select * from final
