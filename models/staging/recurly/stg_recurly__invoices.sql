{{ config(enabled='recurly' in var('sources') | string) }}

with

invoices as (

    select * from {{ ref('base_recurly__invoices') }}
    where not is_credit

),

final as (

    select
        'recurly' as source_system,
        'invoices' as source_table,
        source_key,
        row_reason,
        invoice_id,
        invoice_number,
        customer_id,
        currency,
        'major' as amount_scale,
        total,
        created_at as booked_at,
        cast(null as date) as booked_on,
        cast(null as timestamp) as due_at,
        case when state = 'paid' then ended_at end as paid_at
    from invoices

)

select * from final
