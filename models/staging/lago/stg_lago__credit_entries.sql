-- The grants themselves, what was used and voided of them, and for each grant of a
-- terminated wallet that whatever it then has expires: Lago writes no row of that.
{{ config(enabled='lago' in var('sources') | string) }}

with

grants as (

    select * from {{ ref('base_lago__wallet_transactions') }}
    where row_reason is null and transaction_type = 'inbound'

),

uses as (

    select * from {{ ref('base_lago__uses') }}

),

-- Of credits that settled only after the wallet had ended nothing expires by itself.
expiring_grants as (

    select * from grants
    where settled_at <= wallet_ended_at

),

entries as (

    select
        'exports_wallet_transactions' as source_table,
        source_key as raw_key,
        transaction_id as entry_id,
        transaction_id as grant_id,
        customer_id,
        credit_unit,
        'grant' as entry_type,
        units,
        settled_at as effective_at,
        known_at,
        invoice_id as reference,
        cast(null as varchar) as pool_id
    from grants

    union all

    select
        'exports_wallet_transactions' as source_table,
        source_key as raw_key,
        entry_id,
        grant_id,
        customer_id,
        credit_unit,
        case transaction_status when 'invoiced' then 'consume' else 'revoke' end as entry_type,
        -units as units,
        settled_at as effective_at,
        known_at,
        invoice_id as reference,
        case when grant_id is null then wallet_id end as pool_id
    from uses

    union all

    select
        'exports_wallets' as source_table,
        wallet_id as raw_key,
        wallet_id || ':' || transaction_id || ':terminated' as entry_id,
        transaction_id as grant_id,
        customer_id,
        credit_unit,
        'expire_rest' as entry_type,
        cast(0 as numeric(28, 9)) as units,
        wallet_ended_at as effective_at,
        wallet_ended_at as known_at,
        cast(null as varchar) as reference,
        cast(null as varchar) as pool_id
    from expiring_grants

),

final as (

    select
        'lago' as source_system,
        *,
        cast(null as varchar) as feature_id,
        cast(null as varchar) as resource_id,
        cast(null as varchar) as invoice_id,
        false as is_credit_event,
        cast(null as varchar) as input_problem,
        cast(null as varchar) as unread_values
    from entries

)

select * from final
