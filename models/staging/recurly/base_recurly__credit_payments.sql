-- One row per raw row of `credit_payments`, that is per version: a payment that was
-- voided in place is a newer version of itself. A write-off of an invoice that
-- failed (or was voided) is booked with that invoice.
{{ config(enabled='recurly' in var('sources') | string, materialized='table') }}

with

source as (

    select * from {{ raw('recurly', 'credit_payments') }}

),

charge_invoices as (

    select * from {{ ref('base_recurly__invoices') }}
    where copy_number = 1 and not is_credit

),

copies as (

    {{ mark_copies('source', 'id', [
        'account_id', 'action', 'amount', 'currency', 'original_invoice_id',
        'applied_to_invoice_id', 'original_credit_payment_id', 'refund_transaction_id',
        'created_at', 'updated_at', 'voided_at',
    ], version='updated_at') }}

),

renamed as (

    select
        ---------- ids
        source_key,
        copy_reason,
        {{ text_value('account_id') }} as customer_id,
        {{ text_value('original_invoice_id') }} as credit_invoice_id,
        {{ text_value('applied_to_invoice_id') }} as applied_to_invoice_id,
        {{ text_value('refund_transaction_id') }} as refund_transaction_id,

        ---------- strings
        lower(trim(cast(action as varchar))) as payment_action,
        upper(trim({{ text_value('currency') }})) as currency,

        ---------- numerics
        {{ parse_decimal('amount', 28, 9) }} as amount,

        ---------- booleans
        coalesce(trim(cast(voided_at as varchar)) <> '', false) as is_voided,

        ---------- timestamps
        {{ parse_timestamp('created_at') }} as created_at,
        {{ parse_timestamp('updated_at') }} as updated_at,
        {{ parse_timestamp('voided_at') }} as voided_at,

        ---------- as it was
        amount as raw_amount,
        created_at as raw_created_at,
        updated_at as raw_updated_at,
        voided_at as raw_voided_at
    from copies

),

checked as (

    select
        *,
        {{ amount_problem('raw_amount', 'amount') }} as amount_problem,
        coalesce(
            {{ timestamp_problem('raw_created_at', 'created_at') }},
            {{ timestamp_problem('raw_updated_at', 'updated_at') }},
            {{ timestamp_problem('raw_voided_at', 'voided_at') }}
        ) as time_problem
    from renamed

),

final as (

    select
        checked.source_key,
        checked.copy_reason,
        checked.customer_id,
        checked.credit_invoice_id,
        checked.applied_to_invoice_id,
        checked.refund_transaction_id,
        checked.payment_action,
        checked.currency,
        charge_invoices.currency as charge_currency,
        checked.amount,
        checked.amount_problem,
        checked.is_voided,
        checked.created_at,
        checked.voided_at,
        checked.time_problem,
        coalesce(
            checked.copy_reason,
            case
                when {{ ignore_credit_events() }} then 'credit_events_ignored'
                when
                    checked.payment_action = 'write_off'
                    and charge_invoices.state in ('failed', 'voided')
                    then 'booked_with_invoice'
            end
        ) as row_reason
    from checked
    left join charge_invoices
        on checked.applied_to_invoice_id = charge_invoices.invoice_id

)

select * from final
