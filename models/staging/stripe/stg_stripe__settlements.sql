{{ config(enabled='stripe' in var('sources') | string) }}

with

payments as (

    select * from {{ ref('stg_stripe__charge_states') }}
    where invoice_id is not null

),

paid_elsewhere as (

    select * from {{ ref('base_stripe__invoices') }}
    where
        row_reason is null
        and finalised_at is not null
        and is_paid_out_of_band
        and paid_at is not null

),

balance_changes as (

    select * from {{ ref('stg_stripe__balance_changes') }}

),

fees as (

    select * from {{ ref('base_stripe__balance_transactions') }}
    where fee <> 0

),

settlements as (

    select
        'charges' as source_table,
        source_key,
        charge_reason as row_reason,
        charge_id as settlement_id,
        'payment' as settlement_type,
        invoice_id,
        customer_id,
        currency,
        amount,
        settled_currency,
        settled_amount,
        created_at as effective_at,
        settled_known_at as known_at
    from payments

    union all

    select
        'invoices' as source_table,
        source_key,
        cast(null as varchar) as row_reason,
        invoice_id || ':out_of_band' as settlement_id,
        'out_of_band_payment' as settlement_type,
        invoice_id,
        customer_id,
        currency,
        -- Whatever is receivable.
        cast(null as numeric(28, 9)) as amount,
        cast(null as varchar) as settled_currency,
        cast(null as numeric(28, 9)) as settled_amount,
        paid_at as effective_at,
        paid_at as known_at
    from paid_elsewhere

    union all

    select
        source_table,
        source_key,
        row_reason,
        settlement_id,
        settlement_type,
        invoice_id,
        customer_id,
        currency,
        amount,
        cast(null as varchar) as settled_currency,
        cast(null as numeric(28, 9)) as settled_amount,
        effective_at,
        effective_at as known_at
    from balance_changes

    union all

    select
        'balance_transactions' as source_table,
        source_key,
        row_reason,
        balance_transaction_id as settlement_id,
        'processing_fee' as settlement_type,
        cast(null as varchar) as invoice_id,
        cast(null as varchar) as customer_id,
        currency,
        fee as amount,
        cast(null as varchar) as settled_currency,
        cast(null as numeric(28, 9)) as settled_amount,
        created_at as effective_at,
        created_at as known_at
    from fees

),

final as (

    select
        *,
        'stripe' as source_system,
        'stripe_minor' as amount_scale,
        case when settled_amount is not null then 'stripe_minor' end as settled_scale
    from settlements

)

select * from final
