{{ config(enabled='stripe' in var('sources') | string) }}

-- The raw invoice lines as service lines. A line made from an invoice item is that item,
-- with the amount and the days that were in the books before; what the invoice bills
-- beside (a discount, a tax that the item held, a second line) is a line of its own, which
-- begins with the invoice. So an invoice moves nothing of the months before it.
with

lines as (

    select * from {{ ref('base_stripe__invoice_line_items') }}

),

invoices as (

    select * from {{ ref('stg_stripe__finalised_invoices') }}

),

invoiced_items as (

    select * from {{ ref('stg_stripe__invoiced_items') }}

),

items as (

    select * from {{ ref('base_stripe__invoice_items') }}
    where row_reason is null

),

prices as (

    select * from {{ ref('base_stripe__prices') }}
    where row_reason is null

),

joined as (

    select
        lines.*,
        invoices.customer_id,
        invoices.customer_email,
        invoices.finalised_at,
        invoices.invoice_reason,
        invoices.invoice_id is null as is_invoice_unknown,
        invoiced_items.invoice_item_id as continued_item_id,
        items.created_at as item_created_at,
        items.amount as item_amount,
        items.starts_at as item_starts_at,
        items.ends_at as item_ends_at,
        coalesce(lines.product_id, prices.product_id) as sold_product_id
    from lines
    left join invoices
        on lines.invoice_id = invoices.invoice_id
    left join invoiced_items
        on lines.invoice_line_id = invoiced_items.invoice_line_id
    left join items
        on
            invoiced_items.invoice_item_id = items.invoice_item_id
            and lines.currency = items.currency
    left join prices
        on lines.price_id = prices.price_id

),

described as (

    select
        'invoice_line_items' as source_table,
        source_key,
        coalesce(
            row_reason,
            case when is_invoice_unknown then 'unknown_invoice' end,
            invoice_reason
        ) as row_reason,
        continued_item_id,
        invoice_line_id,
        invoice_id,
        customer_id,
        customer_email,
        sold_product_id as product_id,
        price_id,
        description,
        currency,
        item_created_at,
        item_amount,
        item_starts_at,
        item_ends_at,
        -- Stripe's amount of a line is before its discounts, and holds an inclusive tax.
        amount - coalesce(discount_amount, 0)
        - case when is_tax_inclusive then coalesce(tax_amount, 0) else 0 end as net_amount,
        coalesce(tax_amount, 0) as tax_amount,
        quantity,
        starts_at,
        ends_at,
        finalised_at,
        'accounts_receivable' as billing_account
    from joined

),

final as (

    select
        source_table,
        source_key,
        row_reason,
        coalesce(continued_item_id, invoice_line_id) as line_id,
        invoice_id,
        customer_id,
        customer_email,
        product_id,
        price_id,
        description,
        currency,
        coalesce(item_amount, net_amount) as amount,
        tax_amount,
        quantity,
        case
            when item_amount is null and ends_at > starts_at then starts_at
            when item_ends_at > item_starts_at then item_starts_at
        end as service_starts_at,
        case
            when item_amount is null and ends_at > starts_at then ends_at
            when item_ends_at > item_starts_at then item_ends_at
        end as service_ends_at,
        finalised_at as booked_at,
        finalised_at as booked_known_at,
        item_created_at as unbilled_at,
        coalesce(item_created_at, finalised_at) as known_at,
        billing_account
    from described

    union all

    select
        source_table,
        source_key,
        row_reason,
        invoice_line_id as line_id,
        invoice_id,
        customer_id,
        customer_email,
        product_id,
        price_id,
        description,
        currency,
        net_amount - item_amount as amount,
        0 as tax_amount,
        quantity,
        case when ends_at > starts_at then starts_at end as service_starts_at,
        case when ends_at > starts_at then ends_at end as service_ends_at,
        finalised_at as booked_at,
        finalised_at as booked_known_at,
        cast(null as timestamp) as unbilled_at,
        finalised_at as known_at,
        billing_account
    from described
    where row_reason is null and net_amount <> item_amount

)

select * from final
