{{ config(enabled='stripe' in var('sources') | string) }}

with

invoices as (

    select * from {{ ref('base_stripe__invoices') }}

),

final as (

    select
        'stripe' as source_system,
        'invoices' as source_table,
        source_key,
        coalesce(row_reason, case when finalised_at is null then 'not_finalised' end)
            as row_reason,
        invoice_id,
        invoice_number,
        customer_id,
        currency,
        'stripe_minor' as amount_scale,
        total,
        finalised_at as booked_at,
        cast(null as date) as booked_on,
        due_at,
        case when status = 'paid' then coalesce(paid_at, finalised_at) end as paid_at
    from invoices

)

select * from final
