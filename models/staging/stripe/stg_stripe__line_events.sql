{{ config(enabled='stripe' in var('sources') | string) }}

with

events as (

    select * from {{ ref('stg_stripe__invoice_events') }}

    union all

    select * from {{ ref('stg_stripe__item_events') }}

    union all

    select * from {{ ref('stg_stripe__refund_events') }}

    union all

    select * from {{ ref('stg_stripe__dispute_events') }}

    union all

    select * from {{ ref('stg_stripe__credit_note_events') }}

),

final as (

    select
        *,
        'stripe' as source_system,
        'stripe_minor' as amount_scale,
        -- Stripe records these as they happen.
        effective_at as known_at
    from events

)

select * from final
