-- One row per prepayment of which both invoices are there, the one that the customer
-- pays and the credit. No column links them: the first charge of an account, currency
-- and amount belongs to the first credit of the same, and so on.
{{ config(enabled='recurly' in var('sources') | string) }}

with

prepayments as (

    select * from {{ ref('base_recurly__invoices') }}
    where row_reason is null and origin = 'prepayment'

),

numbered as (

    select
        *,
        abs(total) as amount,
        row_number() over (
            partition by is_credit, customer_id, currency, abs(total)
            order by created_at, {{ key_hash(['invoice_id']) }}
        ) as prepayment_number
    from prepayments

),

final as (

    select
        credits.invoice_id as credit_invoice_id,
        charges.invoice_id as charge_invoice_id,
        charges.state as charge_state
    from numbered as credits
    inner join numbered as charges
        on
            credits.customer_id = charges.customer_id
            and credits.currency = charges.currency
            and credits.amount = charges.amount
            and credits.prepayment_number = charges.prepayment_number
    where credits.is_credit and not charges.is_credit

)

select * from final
