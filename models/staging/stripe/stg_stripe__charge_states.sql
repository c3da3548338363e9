{{ config(enabled='stripe' in var('sources') | string, materialized='table') }}

-- The raw charges, each with the reason why it does not count, and what reached the
-- account for it.
with

charges as (

    select * from {{ ref('base_stripe__charges') }}

),

invoices as (

    select * from {{ ref('stg_stripe__finalised_invoices') }}

),

customers as (

    select * from {{ ref('base_stripe__customers') }}
    where row_reason is null

),

balance_transactions as (

    select * from {{ ref('base_stripe__balance_transactions') }}
    where row_reason is null

),

final as (

    select
        charges.*,
        customers.email as customer_email,
        balance_transactions.amount as settled_amount,
        balance_transactions.currency as settled_currency,
        -- A debit is charged days before the bank says that it succeeded.
        greatest(charges.created_at, balance_transactions.created_at) as settled_known_at,
        coalesce(
            charges.row_reason,
            case
                when charges.status = 'pending' then 'payment_pending'
                when charges.status = 'failed' then 'payment_failed'
                when not coalesce(charges.is_captured, true) then 'not_captured'
                when charges.invoice_id is not null and invoices.invoice_id is null
                    then 'unknown_invoice'
            end,
            invoices.invoice_reason
        ) as charge_reason
    from charges
    left join invoices
        on charges.invoice_id = invoices.invoice_id
    left join customers
        on charges.customer_id = customers.customer_id
    left join balance_transactions
        on charges.balance_transaction_id = balance_transactions.balance_transaction_id

)

select * from final
