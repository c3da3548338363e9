{{ config(enabled='stripe' in var('sources') | string) }}

with

source as (

    select * from {{ raw('stripe', 'balance_transactions') }}

),

renamed as (

    select
        ---------- ids and strings
        {{ text_value('id') }} as balance_transaction_id,
        upper(trim({{ text_value('currency') }})) as currency,

        ---------- numerics
        {{ parse_decimal('amount', 28, 9) }} as amount,
        {{ parse_decimal('fee', 28, 9) }} as fee,

        ---------- timestamps
        {{ parse_epoch_or_timestamp('created') }} as created_at,

        ---------- as it was
        amount as raw_amount,
        fee as raw_fee,
        created as raw_created
    from source

),

checked as (

    select
        *,
        coalesce(
            least(
                {{ decimal_problem('raw_amount', 'amount', 28, 9) }},
                {{ decimal_problem('raw_fee', 'fee', 28, 9) }}
            ),
            {{ timestamp_problem('raw_created', 'created_at') }},
            case
                when currency is null then 'unknown_currency'
                when created_at is null then 'missing_timestamp'
            end
        ) as input_problem
    from renamed

),

repeated as (

    select balance_transaction_id
    from checked
    where balance_transaction_id is not null
    group by balance_transaction_id
    having count(*) > 1

),

singles as (

    select
        *,
        cast(null as varchar) as row_hash,
        balance_transaction_id as source_key,
        true as is_first_copy,
        input_problem as row_reason
    from checked
    where
        balance_transaction_id is not null
        and balance_transaction_id not in (select repeated.balance_transaction_id from repeated)

),

-- Only what may be repeated is compared: the rows without an id, and those whose
-- id is there again.
suspects as (

    select
        *,
        {{ key_hash([
            "balance_transaction_id",
            "currency",
            nano_units("amount"),
            nano_units("fee"),
            epoch_microseconds("created_at")
        ]) }} as row_hash
    from checked
    where
        balance_transaction_id is null
        or balance_transaction_id in (select repeated.balance_transaction_id from repeated)

),

copies as (

    select
        *,
        coalesce(balance_transaction_id, 'row:' || row_hash) as source_key,
        row_number() over (partition by balance_transaction_id order by row_hash) = 1
            as is_first_copy,
        coalesce({{ copy_reason('balance_transaction_id') }}, input_problem) as row_reason
    from suspects

),

final as (

    select * from singles

    union all

    select * from copies

)

select * from final
