-- Balances are for tie-outs; this is where a bad one is listed.
{{ config(enabled='generic' in var('sources') | string) }}

with

balances as (

    select * from {{ ref('base_generic__customer_balances') }}

),

final as (

    select
        'generic' as source_system,
        'customer_balances' as source_table,
        source_key,
        row_reason
    from balances

)

select * from final
