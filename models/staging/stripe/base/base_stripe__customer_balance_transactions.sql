{{ config(enabled='stripe' in var('sources') | string) }}

with

source as (

    select * from {{ raw('stripe', 'customer_balance_transactions') }}

),

copies as (

    {{ mark_copies('source', 'id', [
        'customer_id', 'invoice_id', 'credit_note_id', 'type', 'currency', 'amount',
        'created'
    ]) }}

),

renamed as (

    select
        ---------- ids and strings
        source_key,
        copy_number,
        copy_reason,
        row_key as balance_change_id,
        {{ text_value('customer_id') }} as customer_id,
        {{ text_value('invoice_id') }} as invoice_id,
        {{ text_value('credit_note_id') }} as credit_note_id,
        lower(trim({{ text_value('type') }})) as change_type,
        upper(trim({{ text_value('currency') }})) as currency,

        ---------- numerics
        {{ parse_decimal('amount', 28, 9) }} as amount,

        ---------- timestamps
        {{ parse_epoch_or_timestamp('created') }} as created_at,

        ---------- as it was
        amount as raw_amount,
        created as raw_created
    from copies

),

checked as (

    select
        *,
        coalesce(
            {{ decimal_problem('raw_amount', 'amount', 28, 9) }},
            {{ timestamp_problem('raw_created', 'created_at') }},
            case
                when
                    change_type is null
                    or change_type not in (
                        'applied_to_invoice', 'unapplied_from_invoice', 'invoice_too_small',
                        'invoice_too_large', 'invoice_overpaid', 'credit_note', 'adjustment',
                        'initial', 'migration', 'unspent_receiver_credit'
                    )
                    then 'unknown_event_type'
                when amount is null then 'missing_amount'
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
