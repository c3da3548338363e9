{{ config(enabled='stripe' in var('sources') | string, materialized='table') }}

-- The raw credit notes, each with the reason why it does not count and its amount by
-- where the money goes; what no part names lowers the receivable.
with

credit_notes as (

    select * from {{ ref('base_stripe__credit_notes') }}

),

invoices as (

    select * from {{ ref('stg_stripe__finalised_invoices') }}

),

final as (

    select
        credit_notes.source_key,
        credit_notes.is_first_copy,
        credit_notes.credit_note_id,
        credit_notes.invoice_id,
        invoices.customer_id,
        credit_notes.currency,
        credit_notes.created_at,
        credit_notes.voided_at,
        credit_notes.amount,
        coalesce(credit_notes.refund_amount, 0) as refund_amount,
        coalesce(credit_notes.customer_balance_amount, 0) as balance_amount,
        coalesce(credit_notes.out_of_band_amount, 0) as out_of_band_amount,
        credit_notes.amount
        - coalesce(credit_notes.refund_amount, 0)
        - coalesce(credit_notes.customer_balance_amount, 0)
        - coalesce(credit_notes.out_of_band_amount, 0) as receivable_amount,
        coalesce(
            credit_notes.row_reason,
            case when invoices.invoice_id is null then 'unknown_invoice' end,
            invoices.invoice_reason,
            case when credit_notes.amount = 0 then 'zero_amount' end
        ) as credit_note_reason
    from credit_notes
    left join invoices
        on credit_notes.invoice_id = invoices.invoice_id

)

select * from final
