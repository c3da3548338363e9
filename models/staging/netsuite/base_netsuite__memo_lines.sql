-- A memo line is a service line of its own: the amount of the row it credits
-- with the other sign, over its own days or else over those of that row. A
-- table: memos are few, and the lines that they credit are many.
{{ config(enabled='netsuite' in var('sources') | string, materialized='table') }}

with

memo_lines as (

    select * from {{ ref('base_netsuite__credit_memo_lines') }}

),

credit_memos as (

    select * from {{ ref('base_netsuite__credit_memos') }}
    where copy_number = 1

),

invoices as (

    select * from {{ ref('base_netsuite__invoices') }}
    where copy_number = 1

),

service_lines as (

    select * from {{ ref('base_netsuite__service_lines') }}
    where copy_number = 1

),

line_discounts as (

    select * from {{ ref('base_netsuite__line_discounts') }}

),

-- What credits a discount gives back a part of the line that it reduced.
aimed as (

    select
        memo_lines.*,
        coalesce(line_discounts.line_key, memo_lines.invoice_line_id) as line_key,
        memo_lines.is_discount or line_discounts.line_key is not null as is_of_discount
    from memo_lines
    left join line_discounts
        on memo_lines.invoice_line_id = line_discounts.discount_key

),

credited as (

    select
        aimed.source_key,
        aimed.copy_reason,
        aimed.input_problem,
        aimed.invoice_line_id,
        aimed.is_of_discount,
        abs(aimed.amount) as absolute_amount,
        case when service_lines.gross_amount < 0 then 1 else -1 end
        * case when aimed.is_of_discount then -1 else 1 end as direction,
        -- Own days, else those of the credited line: both or neither.
        coalesce(aimed.starts_on, service_lines.starts_on) as starts_on,
        coalesce(aimed.ends_on, service_lines.ends_on) as ends_on,
        credit_memos.credit_memo_id,
        credit_memos.customer_id,
        credit_memos.currency,
        credit_memos.booked_on,
        credit_memos.known_at,
        credit_memos.row_reason as memo_reason,
        coalesce(credit_memos.invoice_id, service_lines.invoice_id) as invoice_id,
        service_lines.source_key as credited_line_id,
        service_lines.invoice_id as credited_invoice_id,
        service_lines.row_reason as credited_reason,
        case
            when service_lines.source_key is not null then service_lines.deferred_account
            else aimed.deferred_account
        end as deferred_account,
        case
            when aimed.is_of_discount then service_lines.item_id
            else coalesce(aimed.item_id, service_lines.item_id)
        end as item_id
    from aimed
    left join credit_memos
        on aimed.credit_memo_id = credit_memos.credit_memo_id
    left join service_lines
        on aimed.line_key = service_lines.source_key

),

final as (

    select
        credited.source_key,
        credited.invoice_id,
        credited.item_id,
        credited.starts_on,
        credited.ends_on,
        credited.deferred_account,
        credited.credited_line_id,
        credited.booked_on,
        credited.known_at,
        invoices.subsidiary_id,
        coalesce(credited.customer_id, invoices.customer_id) as customer_id,
        coalesce(credited.currency, invoices.currency) as currency,
        cast(credited.absolute_amount * credited.direction as numeric(28, 9)) as amount,
        coalesce(
            credited.copy_reason,
            credited.input_problem,
            case when credited.credit_memo_id is null then 'unknown_credit_memo' end,
            credited.memo_reason,
            case
                when credited.credited_line_id is not null then null
                when credited.invoice_line_id is not null then 'unknown_credited_line'
                when credited.is_of_discount then 'discount_without_line'
            end,
            credited.credited_reason,
            case
                when credited.invoice_id is not null and invoices.invoice_id is null
                    then 'unknown_invoice'
                when
                    credited.credited_invoice_id <> credited.invoice_id
                    or credited.currency <> invoices.currency
                    then 'conflicting_invoice'
            end,
            invoices.row_reason
        ) as row_reason
    from credited
    left join invoices
        on credited.invoice_id = invoices.invoice_id

)

select * from final
