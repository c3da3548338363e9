{{ config(enabled='stripe' in var('sources') | string) }}

with

customers as (

    select * from {{ ref('base_stripe__customers') }}
    where row_reason is null and balance is not null and currency is not null

),

final as (

    select
        'stripe' as source_system,
        'customers' as source_table,
        source_key,
        customer_id,
        currency,
        'stripe_minor' as amount_scale,
        -- Stripe's balance is what the customer owes.
        -balance as balance
    from customers

)

select * from final
