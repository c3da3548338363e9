-- What a credit payment takes from its credit, and what comes back where it was
-- voided in place (the invoice that it paid failed, as a rule). A row that cannot be
-- read takes nothing and gives nothing back.
{{ config(enabled='recurly' in var('sources') | string) }}

with

payments as (

    select * from {{ ref('base_recurly__credit_payments') }}
    where row_reason is null and coalesce(payment_action, '') <> 'write_off'

),

credit_invoices as (

    select * from {{ ref('base_recurly__credit_invoices') }}
    where copy_number = 1

),

typed as (

    select
        payments.*,
        payments.credit_invoice_id as grant_id,
        payments.created_at as effective_at,
        credit_invoices.currency as credit_currency,
        credit_invoices.row_reason as credit_reason,
        case payments.payment_action
            when 'payment' then 'apply'
            when 'gift_card' then 'apply'
            when 'reduction' then 'revoke'
            when 'refund' then 'refund'
        end as entry_type,
        case
            when payments.payment_action in ('payment', 'gift_card')
                then payments.applied_to_invoice_id
        end as invoice_id,
        cast(null as varchar) as pool_id
    from payments
    left join credit_invoices
        on payments.credit_invoice_id = credit_invoices.invoice_id

),

checked as (

    select
        *,
        coalesce(
            {{ entry_input_problem() }},
            case
                when amount < 0 then 'wrong_sign'
                when currency <> credit_currency then 'currency_mismatch'
                when entry_type = 'refund' and refund_transaction_id is null
                    then 'missing_refund_transaction'
                -- What is unknown of the credit is unknown of what it pays.
                when
                    credit_reason in (
                        'unknown_credit_kind', 'unknown_invoice_state', 'duplicate_conflict'
                    )
                    then credit_reason
            end
        ) as input_problem
    from typed

),

final as (

    select
        source_key,
        source_key as entry_id,
        grant_id,
        customer_id,
        coalesce(currency, credit_currency) as credit_unit,
        entry_type,
        -amount as units,
        effective_at,
        applied_to_invoice_id as reference,
        invoice_id,
        input_problem
    from checked

    union all

    -- A voided refund gives units back only if its cash came back, which no row says.
    select
        source_key,
        source_key || ':voided' as entry_id,
        grant_id,
        customer_id,
        coalesce(currency, credit_currency) as credit_unit,
        case entry_type
            when 'apply' then 'apply_reversal'
            when 'revoke' then 'revoke_reversal'
            else entry_type
        end as entry_type,
        amount as units,
        voided_at as effective_at,
        applied_to_invoice_id as reference,
        invoice_id,
        case when entry_type = 'refund' then 'voided_refund' end as input_problem
    from checked
    where is_voided and input_problem is null

)

select * from final
