{{ config(enabled='stripe' in var('sources') | string) }}

with

invoiced_lines as (

    select * from {{ ref('stg_stripe__invoiced_lines') }}

),

items as (

    select * from {{ ref('stg_stripe__item_states') }}
    where not is_invoiced or item_reason is not null

),

standalone_charges as (

    select * from {{ ref('stg_stripe__charge_states') }}
    where invoice_id is null

),

lines as (

    select
        source_table,
        source_key,
        row_reason,
        line_id,
        invoice_id,
        customer_id,
        customer_email,
        product_id,
        price_id,
        description,
        currency,
        amount,
        tax_amount,
        quantity,
        service_starts_at,
        service_ends_at,
        booked_at,
        booked_known_at,
        unbilled_at,
        known_at,
        billing_account
    from invoiced_lines

    union all

    select
        'invoice_items' as source_table,
        source_key,
        item_reason as row_reason,
        invoice_item_id as line_id,
        cast(null as varchar) as invoice_id,
        customer_id,
        customer_email,
        cast(null as varchar) as product_id,
        cast(null as varchar) as price_id,
        description,
        currency,
        amount,
        0 as tax_amount,
        cast(null as numeric(28, 9)) as quantity,
        case when ends_at > starts_at then starts_at end as service_starts_at,
        case when ends_at > starts_at then ends_at end as service_ends_at,
        cast(null as timestamp) as booked_at,
        cast(null as timestamp) as booked_known_at,
        created_at as unbilled_at,
        created_at as known_at,
        'accounts_receivable' as billing_account
    from items

    union all

    select
        'charges' as source_table,
        source_key,
        charge_reason as row_reason,
        charge_id as line_id,
        cast(null as varchar) as invoice_id,
        customer_id,
        customer_email,
        cast(null as varchar) as product_id,
        cast(null as varchar) as price_id,
        description,
        currency,
        amount,
        0 as tax_amount,
        cast(null as numeric(28, 9)) as quantity,
        cast(null as timestamp) as service_starts_at,
        cast(null as timestamp) as service_ends_at,
        created_at as booked_at,
        created_at as booked_known_at,
        cast(null as timestamp) as unbilled_at,
        created_at as known_at,
        'cash' as billing_account
    from standalone_charges

),

final as (

    select
        *,
        'stripe' as source_system,
        'stripe_minor' as amount_scale,
        cast(null as date) as service_starts_on,
        cast(null as date) as service_ends_on,
        cast(null as date) as booked_on,
        cast(null as varchar) as deferred_account,
        cast(null as varchar) as recognition_hint,
        cast(null as varchar) as credited_line_id,
        cast(null as varchar) as subsidiary_id
    from lines

)

select * from final
