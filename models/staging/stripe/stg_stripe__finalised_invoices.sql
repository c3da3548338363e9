{{ config(enabled='stripe' in var('sources') | string) }}

-- One row per invoice id: its terms for the rows that name it, and why they do not
-- count if it does not.
with

invoices as (

    select * from {{ ref('base_stripe__invoices') }}
    where is_first_copy and invoice_id is not null

),

customers as (

    select * from {{ ref('base_stripe__customers') }}
    where row_reason is null

),

final as (

    select
        invoices.invoice_id,
        invoices.customer_id,
        customers.email as customer_email,
        invoices.finalised_at,
        coalesce(
            invoices.row_reason,
            case when invoices.finalised_at is null then 'not_finalised' end
        ) as invoice_reason
    from invoices
    left join customers
        on invoices.customer_id = customers.customer_id

)

select * from final
