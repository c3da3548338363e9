{{ config(enabled='stripe' in var('sources') | string) }}

with

source as (

    select * from {{ raw('stripe', 'customers') }}

),

copies as (

    {{ mark_copies('source', 'id', [
        'email', 'currency', 'balance'
    ]) }}

),

renamed as (

    select
        ---------- ids and strings
        source_key,
        copy_number,
        copy_reason,
        row_key as customer_id,
        {{ text_value('email') }} as email,
        upper(trim({{ text_value('currency') }})) as currency,

        ---------- numerics
        {{ parse_decimal('balance', 28, 9) }} as balance,

        ---------- as it was
        balance as raw_balance
    from copies

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

final as (

    select
        *,
        copy_number = 1 as is_first_copy,
        coalesce(copy_reason, input_problem) as row_reason
    from checked

)

select * from final
