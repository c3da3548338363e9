{{ config(enabled='netsuite' in var('sources') | string) }}

with

invoices as (

    select * from {{ ref('base_netsuite__invoices') }}

),

final as (

    select
        'netsuite' as source_system,
        'invoices' as source_table,
        source_key,
        row_reason,
        invoice_id,
        invoice_number,
        customer_id,
        currency,
        'major' as amount_scale,
        cast(null as numeric(28, 9)) as total,
        cast(null as timestamp) as booked_at,
        booked_on,
        cast(null as timestamp) as due_at,
        cast(null as timestamp) as paid_at
    from invoices

)

select * from final
