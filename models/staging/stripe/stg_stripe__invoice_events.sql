{{ config(enabled='stripe' in var('sources') | string) }}

-- Invoices that end unpaid: voided, or marked uncollectible.
with

invoices as (

    select * from {{ ref('base_stripe__invoices') }}
    where row_reason is null and finalised_at is not null

),

events as (

    select
        *,
        'void' as event_type,
        voided_at as effective_at
    from invoices
    where voided_at is not null

    union all

    select
        *,
        'uncollectible' as event_type,
        uncollectible_at as effective_at
    from invoices
    where uncollectible_at is not null

),

final as (

    select
        'invoices' as source_table,
        source_key,
        cast(null as varchar) as row_reason,
        invoice_id || ':' || event_type as event_id,
        event_type,
        cast(null as varchar) as restores_event_id,
        invoice_id,
        cast(null as varchar) as line_id,
        cast(null as varchar) as payment_id,
        customer_id,
        currency,
        -- Whatever is left of the invoice.
        cast(null as numeric(28, 9)) as amount,
        'accounts_receivable' as settlement_account,
        effective_at
    from events

)

select * from final
