{{ config(enabled='recurly' in var('sources') | string) }}

with

line_items as (

    select * from {{ ref('base_recurly__line_items') }}

),

invoices as (

    select * from {{ ref('base_recurly__invoices') }}
    where copy_number = 1

),

reasoned as (

    select
        line_items.*,
        invoices.created_at as invoiced_at,
        invoices.customer_id as invoice_customer_id,
        invoices.currency as invoice_currency,
        invoices.origin,
        -- Why the invoice keeps its lines out goes before what ails a line of it.
        case
            when line_items.copy_reason is not null then line_items.copy_reason
            when line_items.invoice_id is null then 'not_finalised'
            when invoices.row_reason = 'not_finalised' then invoices.row_reason
            when line_items.input_problem is not null then line_items.input_problem
            when invoices.invoice_id is null then 'unknown_invoice'
            when invoices.row_reason is not null then invoices.row_reason
            when line_items.currency <> invoices.currency then 'conflicting_invoice'
        end as row_reason
    from line_items
    left join invoices
        on line_items.invoice_id = invoices.invoice_id
    where not coalesce(invoices.is_credit, false)

),

final as (

    select
        'recurly' as source_system,
        'line_items' as source_table,
        source_key,
        row_reason,
        source_key as line_id,
        invoice_id,
        coalesce(customer_id, invoice_customer_id) as customer_id,
        cast(null as varchar) as customer_email,
        coalesce(product_code, plan_code) as product_id,
        plan_code as price_id,
        description,
        coalesce(currency, invoice_currency) as currency,
        'major' as amount_scale,
        amount,
        tax_amount,
        cast(null as numeric(28, 9)) as quantity,
        starts_at as service_starts_at,
        ends_at as service_ends_at,
        cast(null as date) as service_starts_on,
        cast(null as date) as service_ends_on,
        invoiced_at as booked_at,
        cast(null as date) as booked_on,
        invoiced_at as booked_known_at,
        cast(null as timestamp) as unbilled_at,
        greatest(created_at, invoiced_at) as known_at,
        'accounts_receivable' as billing_account,
        -- What is bought here is spent on other invoices: the grant of a prepayment
        -- holds its value, and the liability of a gift card stands until it is redeemed.
        case when origin = 'gift_card' then 'gift_card_liability' end as deferred_account,
        case
            when origin = 'prepayment' and not {{ ignore_credit_events() }}
                then 'credit_purchase'
            when origin in ('prepayment', 'gift_card') then 'never'
            else recognition_hint
        end as recognition_hint,
        cast(null as varchar) as credited_line_id,
        cast(null as varchar) as subsidiary_id
    from reasoned

)

select * from final
