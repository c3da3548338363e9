{{ config(enabled='netsuite' in var('sources') | string) }}

with

invoice_lines as (

    select * from {{ ref('base_netsuite__invoice_lines') }}
    where not is_discount

),

invoices as (

    select * from {{ ref('base_netsuite__invoices') }}
    where copy_number = 1

),

line_discounts as (

    select
        line_key,
        sum(amount) as amount,
        count(row_problem) as unread_count
    from {{ ref('base_netsuite__line_discounts') }}
    group by line_key

),

final as (

    select
        invoice_lines.source_key,
        invoice_lines.invoice_id,
        invoice_lines.item_id,
        invoice_lines.description,
        invoice_lines.amount as gross_amount,
        invoice_lines.starts_on,
        invoice_lines.ends_on,
        invoice_lines.deferred_account,
        invoice_lines.copy_number,
        invoices.customer_id,
        invoices.subsidiary_id,
        invoices.currency,
        invoices.booked_on,
        invoices.known_at,
        cast(
            case
                when invoice_lines.amount_problem is null
                    then invoice_lines.amount + coalesce(line_discounts.amount, 0)
            end as numeric(28, 9)
        ) as amount,
        coalesce(
            invoice_lines.copy_reason,
            invoice_lines.amount_problem,
            invoice_lines.period_problem,
            invoice_lines.item_reason,
            case when invoices.invoice_id is null then 'unknown_invoice' end,
            invoices.row_reason,
            case when line_discounts.unread_count > 0 then 'unread_discount' end
        ) as row_reason
    from invoice_lines
    left join invoices
        on invoice_lines.invoice_id = invoices.invoice_id
    left join line_discounts
        on invoice_lines.source_key = line_discounts.line_key

)

select * from final
