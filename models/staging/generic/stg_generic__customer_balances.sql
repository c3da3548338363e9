{{ config(enabled='generic' in var('sources') | string) }}

with

balances as (

    select * from {{ ref('base_generic__customer_balances') }}
    where row_reason is null

),

final as (

    select
        'generic' as source_system,
        'customer_balances' as source_table,
        source_key,
        customer_id,
        currency,
        'major' as amount_scale,
        balance
    from balances

)

select * from final
