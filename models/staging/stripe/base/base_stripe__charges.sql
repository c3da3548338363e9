{{ config(enabled='stripe' in var('sources') | string) }}

with

source as (

    select * from {{ raw('stripe', 'charges') }}

),

copies as (

    {{ mark_copies('source', 'id', [
        'customer_id', 'invoice_id', 'balance_transaction_id', 'description', 'currency',
        'status', 'amount', 'captured', 'created'
    ]) }}

),

renamed as (

    select
        ---------- ids and strings
        source_key,
        copy_number,
        copy_reason,
        row_key as charge_id,
        {{ text_value('customer_id') }} as customer_id,
        {{ text_value('invoice_id') }} as invoice_id,
        {{ text_value('balance_transaction_id') }} as balance_transaction_id,
        {{ text_value('description') }} as description,
        upper(trim({{ text_value('currency') }})) as currency,
        lower(trim({{ text_value('status') }})) as status,

        ---------- numerics
        {{ parse_decimal('amount', 28, 9) }} as amount,

        ---------- booleans
        {{ flag_value('captured') }} as is_captured,

        ---------- timestamps
        {{ parse_epoch_or_timestamp('created') }} as created_at,

        ---------- as it was
        amount as raw_amount,
        captured as raw_captured,
        created as raw_created
    from copies

),

checked as (

    select
        *,
        coalesce(
            {{ decimal_problem('raw_amount', 'amount', 28, 9) }},
            {{ timestamp_problem('raw_created', 'created_at') }},
            {{ flag_problem('raw_captured', 'is_captured') }},
            case
                when status is null or status not in ('succeeded', 'pending', 'failed')
                    then 'unknown_status'
                when amount is null then 'missing_amount'
                when amount < 0 then 'wrong_sign'
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
