{{ config(enabled='stripe' in var('sources') | string, materialized='table') }}

-- One row per invoice item that a line of a finalised invoice carries: the line that
-- continues it. An item of several lines (tiers) lives on in the first, if there is one
-- with the amount of the item, in that.
with

lines as (

    select * from {{ ref('base_stripe__invoice_line_items') }}
    where row_reason is null and invoice_item_id is not null

),

invoices as (

    select * from {{ ref('stg_stripe__finalised_invoices') }}
    where invoice_reason is null

),

items as (

    select * from {{ ref('base_stripe__invoice_items') }}
    where row_reason is null

),

numbered as (

    select
        lines.invoice_item_id,
        lines.invoice_line_id,
        row_number() over (
            partition by lines.invoice_item_id
            order by
                case when lines.amount = items.amount then 0 else 1 end,
                invoices.finalised_at,
                {{ key_hash(['lines.invoice_line_id']) }}
        ) as line_number
    from lines
    inner join invoices
        on lines.invoice_id = invoices.invoice_id
    left join items
        on lines.invoice_item_id = items.invoice_item_id

),

final as (

    select
        invoice_item_id,
        invoice_line_id
    from numbered
    where line_number = 1

)

select * from final
