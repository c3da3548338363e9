{{ config(enabled='stripe' in var('sources') | string) }}

with

source as (

    select * from {{ raw('stripe', 'customers') }}

),

renamed as (

    select
        ---------- ids and strings
        {{ text_value('id') }} as customer_id,
        {{ text_value('email') }} as email,
        upper(trim({{ text_value('currency') }})) as currency,

        ---------- numerics
        {{ parse_decimal('balance', 28, 9) }} as balance,

        ---------- as it was
        balance as raw_balance
    from source

),

checked as (

    select
        *,
        coalesce(
            {{ decimal_problem('raw_balance', 'balance', 28, 9) }},
            case
                when balance <> 0 and currency is null then 'unknown_currency'
            end
        ) as input_problem
    from renamed

),

repeated as (

    select customer_id
    from checked
    where customer_id is not null
    group by customer_id
    having count(*) > 1

),

singles as (

    select
        *,
        cast(null as varchar) as row_hash,
        customer_id as source_key,
        true as is_first_copy,
        input_problem as row_reason
    from checked
    where
        customer_id is not null
        and customer_id not in (select repeated.customer_id from repeated)

),

-- Only what may be repeated is compared: the rows without an id, and those whose
-- id is there again.
suspects as (

    select
        *,
        {{ key_hash([
            "customer_id",
            "email",
            "currency",
            nano_units("balance")
        ]) }} as row_hash
    from checked
    where
        customer_id is null
        or customer_id in (select repeated.customer_id from repeated)

),

copies as (

    select
        *,
        coalesce(customer_id, 'row:' || row_hash) as source_key,
        row_number() over (partition by customer_id order by row_hash) = 1 as is_first_copy,
        coalesce({{ copy_reason('customer_id') }}, input_problem) as row_reason
    from suspects

),

final as (

    select * from singles

    union all

    select * from copies

)

select * from final
