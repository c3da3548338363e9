{{ config(enabled='stripe' in var('sources') | string) }}

with

source as (

    select * from {{ raw('stripe', 'refunds') }}

),

renamed as (

    select
        ---------- ids and strings
        {{ text_value('id') }} as refund_id,
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
    from source

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

repeated as (

    select refund_id
    from checked
    where refund_id is not null
    group by refund_id
    having count(*) > 1

),

singles as (

    select
        *,
        cast(null as varchar) as row_hash,
        refund_id as source_key,
        true as is_first_copy,
        input_problem as row_reason
    from checked
    where
        refund_id is not null
        and refund_id not in (select repeated.refund_id from repeated)

),

-- Only what may be repeated is compared: the rows without an id, and those whose
-- id is there again.
suspects as (

    select
        *,
        {{ key_hash([
            "refund_id",
            "charge_id",
            "currency",
            "status",
            nano_units("amount"),
            epoch_microseconds("created_at"),
            epoch_microseconds("failed_at")
        ]) }} as row_hash
    from checked
    where
        refund_id is null
        or refund_id in (select repeated.refund_id from repeated)

),

copies as (

    select
        *,
        coalesce(refund_id, 'row:' || row_hash) as source_key,
        row_number() over (partition by refund_id order by row_hash) = 1 as is_first_copy,
        coalesce({{ copy_reason('refund_id') }}, input_problem) as row_reason
    from suspects

),

final as (

    select * from singles

    union all

    select * from copies

)

select * from final
