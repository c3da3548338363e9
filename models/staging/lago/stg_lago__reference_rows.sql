-- What gives terms only (wallets, and consumptions, which say whose a use is) and the
-- transactions that take no part.
{{ config(enabled='lago' in var('sources') | string) }}

with

wallets as (

    select * from {{ ref('base_lago__wallets') }}

),

idle_transactions as (

    select * from {{ ref('base_lago__wallet_transactions') }}
    where row_reason is not null

),

consumptions as (

    select * from {{ ref('base_lago__consumptions') }}

),

final as (

    select
        'lago' as source_system,
        'exports_wallets' as source_table,
        source_key,
        row_reason
    from wallets

    union all

    select
        'lago' as source_system,
        'exports_wallet_transactions' as source_table,
        source_key,
        row_reason
    from idle_transactions

    union all

    select
        'lago' as source_system,
        'exports_wallet_transaction_consumptions' as source_table,
        source_key,
        row_reason
    from consumptions

)

select * from final
