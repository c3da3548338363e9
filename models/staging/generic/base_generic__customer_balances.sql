{{ config(enabled='generic' in var('sources') | string) }}

with

source as (

    select * from {{ raw('generic', 'customer_balances') }}

),

-- A customer has one balance per currency.
copies as (

    {{ mark_copies(
        'source',
        "nullif(cast(customer_id as varchar), '') || ':'"
        " || nullif(upper(trim(cast(currency as varchar))), '')",
        ['customer_id', 'currency', 'balance']
    ) }}

),

renamed as (

    select
        source_key,
        copy_reason,
        {{ text_value('customer_id') }} as customer_id,
        upper(trim({{ text_value('currency') }})) as currency,
        {{ parse_decimal('balance', 28, 9) }} as balance,
        balance as raw_balance
    from copies

),

final as (

    select
        source_key,
        customer_id,
        currency,
        balance,
        coalesce(copy_reason, {{ amount_problem('raw_balance', 'balance') }}) as row_reason
    from renamed

)

select * from final
