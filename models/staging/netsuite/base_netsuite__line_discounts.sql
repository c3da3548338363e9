-- The line that a discount reduces is the last one before it on the invoice
-- that is no discount itself. Only invoices with discounts are sorted. A table:
-- it is small, and what reads it would sort the lines again.
{{ config(enabled='netsuite' in var('sources') | string, materialized='table') }}

with

invoice_lines as (

    select * from {{ ref('base_netsuite__invoice_lines') }}
    where copy_number = 1

),

-- The same view a second time: the engine reads two columns for it.
discounts as (

    select * from {{ ref('base_netsuite__invoice_lines') }}
    where copy_number = 1 and is_discount

),

ordered as (

    select
        source_key,
        invoice_id,
        amount,
        is_discount,
        coalesce(copy_reason, amount_problem, item_reason) as row_problem,
        count(case when not is_discount then 1 end) over (
            partition by invoice_id
            order by line_number, {{ key_hash(['source_key']) }}
            rows between unbounded preceding and current row
        ) as service_number
    from invoice_lines
    where
        line_number is not null
        and invoice_id in (select discounts.invoice_id from discounts)

),

final as (

    select
        discounted.source_key as discount_key,
        services.source_key as line_key,
        -- It takes from the line, whatever sign the export gives it.
        case
            when services.amount < 0 then abs(discounted.amount)
            else -abs(discounted.amount)
        end as amount,
        discounted.row_problem
    from ordered as discounted
    inner join ordered as services
        on
            discounted.invoice_id = services.invoice_id
            and discounted.service_number = services.service_number
            and not services.is_discount
    where discounted.is_discount

)

select * from final
