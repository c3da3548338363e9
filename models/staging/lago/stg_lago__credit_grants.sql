-- A settled inbound transaction is a grant: purchased credits at the amount that was
-- paid, granted ones without a price. Credits that come back after a voided invoice are
-- granted ones in this export, which does not say so.
{{ config(enabled='lago' in var('sources') | string) }}

with

grants as (

    select * from {{ ref('base_lago__wallet_transactions') }}
    where row_reason is null and transaction_type = 'inbound'

),

final as (

    select
        ---------- ids
        'lago' as source_system,
        'exports_wallet_transactions' as source_table,
        source_key as raw_key,
        transaction_id as grant_id,
        customer_id,
        credit_unit,
        invoice_id,
        wallet_id as pool_id,
        cast(null as varchar) as resource_id,
        cast(null as varchar) as plan_code,

        ---------- strings
        wallet_name as display_name,
        case transaction_status
            when 'purchased' then 'paid'
            when 'granted' then 'promotional'
        end as funding,
        currency,
        status,
        'settled' as payment_status,
        cast(null as varchar) as priority,
        cast(null as varchar) as invoice_status,
        cast(null as varchar) as version_problem,
        cast(null as varchar) as input_problem,
        cast(null as varchar) as unread_values,

        ---------- numerics
        units as granted_units,
        case when transaction_status = 'purchased' then cast(amount as numeric(28, 12)) end
            as price_total,
        cast(null as numeric(28, 12)) as price_per_unit,
        cast(null as numeric(28, 9)) as remaining_units,
        cast(null as numeric(28, 9)) as consumed_units,
        -- Granted before purchased, then the older first: microseconds stay below 10^18.
        cast(
            case when transaction_status = 'granted' then 0 else 1000000000000000000 end
            + {{ epoch_microseconds('coalesce(created_at, settled_at)') }} as numeric(28, 9)
        ) as source_order,

        ---------- flags
        coalesce(is_paid_when_settled, false) as is_invoice_paid,

        ---------- timestamps
        settled_at as effective_at,
        wallet_ended_at as expires_at,
        cast(null as timestamp) as voided_at,
        known_at,
        updated_at as version_at
    from grants

)

select * from final
