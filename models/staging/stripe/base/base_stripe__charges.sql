{{ config(enabled='stripe' in var('sources') | string) }}

with

source as (

    select * from {{ raw('stripe', 'charges') }}

),

renamed as (

    select
        ---------- ids and strings
        {{ text_value('id') }} as charge_id,
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
    from source

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

repeated as (

    select charge_id
    from checked
    where charge_id is not null
    group by charge_id
    having count(*) > 1

),

singles as (

    select
        *,
        cast(null as varchar) as row_hash,
        charge_id as source_key,
        true as is_first_copy,
        input_problem as row_reason
    from checked
    where
        charge_id is not null
        and charge_id not in (select repeated.charge_id from repeated)

),

-- Only what may be repeated is compared: the rows without an id, and those whose
-- id is there again.
suspects as (

    select
        *,
        {{ key_hash([
            "charge_id",
            "customer_id",
            "invoice_id",
            "balance_transaction_id",
            "description",
            "currency",
            "status",
            nano_units("amount"),
            "is_captured",
            epoch_microseconds("created_at")
        ]) }} as row_hash
    from checked
    where
        charge_id is null
        or charge_id in (select repeated.charge_id from repeated)

),

copies as (

    select
        *,
        coalesce(charge_id, 'row:' || row_hash) as source_key,
        row_number() over (partition by charge_id order by row_hash) = 1 as is_first_copy,
        coalesce({{ copy_reason('charge_id') }}, input_problem) as row_reason
    from suspects

),

final as (

    select * from singles

    union all

    select * from copies

)

select * from final
