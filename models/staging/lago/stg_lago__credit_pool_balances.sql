-- Lago's own balance of a wallet, for a tie-out. A terminated wallet keeps the balance
-- that it had: that is none.
{{ config(enabled='lago' in var('sources') | string) }}

with

active_wallets as (

    select * from {{ ref('base_lago__wallets') }}
    where row_reason is null and status = 'active' and balance_units is not null

),

final as (

    select
        'lago' as source_system,
        'exports_wallets' as source_table,
        source_key,
        customer_id,
        credit_unit,
        wallet_id as pool_id,
        balance_units as units
    from active_wallets

)

select * from final
