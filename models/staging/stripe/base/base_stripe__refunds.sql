{{ config(enabled='stripe' in var('sources') | string) }}

with

source as (

    select * from {{ raw('stripe', 'refunds') }}

),

copies as (

    {{ mark_copies('source', 'id', [
        'charge_id', 'currency', 'status', 'amount', 'created', 'failed_at'
    ]) }}

),

renamed as (

    select
        ---------- ids and strings
        source_key,
        copy_number,
        copy_reason,
        row_key as refund_id,
        {{ text_value('charge_id') }} as charge_id,
        upper(trim({{ text_value('currency') }})) as currency,
        lower(trim({{ text_value('status') }})) as status,

        ---------- numerics
        {{ parse_decimal('amount', 28, 9) }} as amount,

        ---------- timestamps
        {{ parse_epoch_or_timestamp('created') }} as created_at,
        {{ parse_epoch_or_timestamp('failed_at') }} as failed_at,

        ---------- as it was
        amount as raw_amount,
        created as raw_created,
        failed_at as raw_failed_at
    from copies

),

checked as (

    select
        *,
        coalesce(
            {{ decimal_problem('raw_amount', 'amount', 28, 9) }},
            {{ timestamp_problem('raw_created', 'created_at') }},
            {{ timestamp_problem('raw_failed_at', 'failed_at') }},
            case
                when
                    status is null
                    or status not in (
                        'succeeded', 'pending', 'failed', 'canceled', 'requires_action'
                    )
                    then 'unknown_status'
                when amount is null then 'missing_amount'
                when amount < 0 then 'wrong_sign'
                when currency is null then 'unknown_currency'
                when created_at is null then 'missing_timestamp'
                when status = 'failed' and failed_at is null then 'missing_timestamp'
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
