{{ config(enabled='stripe' in var('sources') | string) }}

-- Stripe takes billing credits off before tax (pretax_credit_amounts): an invoice's
-- total is after them, its lines are before. The canonical total is what the lines
-- bill, so what the credits took off is added again; a void changes no total.
with

invoices as (

    select * from {{ ref('base_stripe__invoices') }}

),

applied as (

    select
        invoice_id,
        credit_unit as currency,
        sum(minor_amount) as minor_amount
    from {{ ref('stg_stripe__credit_entries') }}
    where entry_type = 'apply' and input_problem is null and copy_reason is null
    group by invoice_id, credit_unit

),

final as (

    select
        'stripe' as source_system,
        'invoices' as source_table,
        invoices.source_key,
        coalesce(
            invoices.row_reason,
            case when invoices.finalised_at is null then 'not_finalised' end
        ) as row_reason,
        invoices.invoice_id,
        invoices.invoice_number,
        invoices.customer_id,
        invoices.currency,
        'stripe_minor' as amount_scale,
        cast(invoices.total + coalesce(applied.minor_amount, 0) as numeric(28, 9)) as total,
        invoices.finalised_at as booked_at,
        cast(null as date) as booked_on,
        invoices.due_at,
        case
            when invoices.status = 'paid'
                then coalesce(invoices.paid_at, invoices.finalised_at)
        end as paid_at
    from invoices
    left join applied
        on
            invoices.invoice_id = applied.invoice_id
            and invoices.currency = applied.currency

)

select * from final
