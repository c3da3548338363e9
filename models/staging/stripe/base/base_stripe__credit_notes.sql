{{ config(enabled='stripe' in var('sources') | string) }}

with

source as (

    select * from {{ raw('stripe', 'credit_notes') }}

),

copies as (

    {{ mark_copies('source', 'id', [
        'invoice_id', 'currency', 'type', 'amount', 'refund_amount',
        'customer_balance_amount', 'out_of_band_amount', 'created', 'voided_at'
    ]) }}

),

renamed as (

    select
        ---------- ids and strings
        source_key,
        copy_number,
        copy_reason,
        row_key as credit_note_id,
        {{ text_value('invoice_id') }} as invoice_id,
        upper(trim({{ text_value('currency') }})) as currency,
        lower(trim({{ text_value('type') }})) as credit_note_type,

        ---------- numerics
        {{ parse_decimal('amount', 28, 9) }} as amount,
        {{ parse_decimal('refund_amount', 28, 9) }} as refund_amount,
        {{ parse_decimal('customer_balance_amount', 28, 9) }} as customer_balance_amount,
        {{ parse_decimal('out_of_band_amount', 28, 9) }} as out_of_band_amount,

        ---------- timestamps
        {{ parse_epoch_or_timestamp('created') }} as created_at,
        {{ parse_epoch_or_timestamp('voided_at') }} as voided_at,

        ---------- as it was
        amount as raw_amount,
        refund_amount as raw_refund_amount,
        customer_balance_amount as raw_balance_amount,
        out_of_band_amount as raw_out_of_band_amount,
        created as raw_created,
        voided_at as raw_voided_at
    from copies

),

checked as (

    select
        *,
        coalesce(
            least(
                {{ decimal_problem('raw_amount', 'amount', 28, 9) }},
                {{ decimal_problem('raw_refund_amount', 'refund_amount', 28, 9) }},
                {{ decimal_problem('raw_balance_amount', 'customer_balance_amount', 28, 9) }},
                {{ decimal_problem('raw_out_of_band_amount', 'out_of_band_amount', 28, 9) }}
            ),
            {{ timestamp_problem('raw_created', 'created_at') }},
            {{ timestamp_problem('raw_voided_at', 'voided_at') }},
            case
                when credit_note_type not in ('pre_payment', 'post_payment', 'mixed')
                    then 'unknown_event_type'
                when amount is null then 'missing_amount'
                when
                    least(amount, refund_amount, customer_balance_amount, out_of_band_amount) < 0
                    then 'wrong_sign'
                when
                    coalesce(refund_amount, 0) + coalesce(customer_balance_amount, 0)
                    + coalesce(out_of_band_amount, 0) > amount then 'parts_exceed_amount'
                -- Minor units, so there are no fractions of them to divide.
                when
                    amount <> trunc(amount)
                    or refund_amount <> trunc(refund_amount)
                    or customer_balance_amount <> trunc(customer_balance_amount)
                    or out_of_band_amount <> trunc(out_of_band_amount)
                    then 'precision_exceeded'
                when currency is null then 'unknown_currency'
                when created_at is null then 'missing_timestamp'
            end
        ) as input_problem
    from renamed

),

final as (

    select
        *,
        copy_number = 1 as is_first_copy,
        coalesce(copy_reason, input_problem) as row_reason
    from checked

)

select * from final
