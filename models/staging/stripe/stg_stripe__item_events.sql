{{ config(enabled='stripe' in var('sources') | string) }}

-- Pending invoice items that were deleted. A line of a finalised invoice that carries
-- the item wins: then it was not deleted before it was billed.
with

items as (

    select * from {{ ref('stg_stripe__item_states') }}
    where item_reason is null and not is_invoiced and deleted_at is not null

),

final as (

    select
        'invoice_items' as source_table,
        source_key,
        cast(null as varchar) as row_reason,
        invoice_item_id || ':deleted' as event_id,
        'item_deleted' as event_type,
        cast(null as varchar) as restores_event_id,
        cast(null as varchar) as invoice_id,
        invoice_item_id as line_id,
        cast(null as varchar) as payment_id,
        customer_id,
        currency,
        -- Whatever is left of the item.
        cast(null as numeric(28, 9)) as amount,
        'unbilled_receivable' as settlement_account,
        deleted_at as effective_at
    from items

)

select * from final
