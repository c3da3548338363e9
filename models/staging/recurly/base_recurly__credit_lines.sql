-- One row per raw line of a credit invoice, and what ails the line itself. What it
-- credits is below zero. Stored, for its invoice and its own reading both need it.
{{ config(enabled='recurly' in var('sources') | string, materialized='table') }}

with

line_items as (

    select * from {{ ref('base_recurly__line_items') }}

),

credit_invoices as (

    select * from {{ ref('base_recurly__invoices') }}
    where copy_number = 1 and is_credit

),

final as (

    select
        line_items.source_key,
        line_items.invoice_id,
        line_items.plan_code,
        line_items.product_code,
        line_items.previous_line_id,
        line_items.credit_reason_code,
        line_items.amount,
        line_items.tax_amount,
        line_items.range_starts_at,
        credit_invoices.currency,
        coalesce(line_items.customer_id, credit_invoices.customer_id) as customer_id,
        coalesce(line_items.created_at, credit_invoices.created_at) as created_at,
        line_items.copy_reason,
        coalesce(
            line_items.copy_reason,
            line_items.input_problem,
            case
                when line_items.currency <> credit_invoices.currency then 'conflicting_invoice'
                when line_items.amount > 0 or line_items.tax_amount > 0 then 'wrong_sign'
            end
        ) as line_problem
    from line_items
    inner join credit_invoices
        on line_items.invoice_id = credit_invoices.invoice_id

)

select * from final
