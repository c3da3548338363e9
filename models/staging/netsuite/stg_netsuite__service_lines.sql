{{ config(enabled='netsuite' in var('sources') | string) }}

with

service_lines as (

    select * from {{ ref('base_netsuite__service_lines') }}

),

memo_lines as (

    select * from {{ ref('base_netsuite__memo_lines') }}

),

-- Both tables have ids of their own: those of memo lines get a prefix.
united as (

    select
        'invoice_lines' as source_table,
        source_key,
        row_reason,
        source_key as line_id,
        invoice_id,
        customer_id,
        item_id,
        description,
        currency,
        amount,
        starts_on,
        ends_on,
        booked_on,
        known_at,
        deferred_account,
        cast(null as varchar) as credited_line_id,
        subsidiary_id
    from service_lines

    union all

    select
        'credit_memo_lines' as source_table,
        source_key,
        row_reason,
        'cm:' || source_key as line_id,
        invoice_id,
        customer_id,
        item_id,
        cast(null as varchar) as description,
        currency,
        amount,
        starts_on,
        ends_on,
        booked_on,
        known_at,
        deferred_account,
        credited_line_id,
        subsidiary_id
    from memo_lines

),

final as (

    select
        'netsuite' as source_system,
        source_table,
        source_key,
        row_reason,
        line_id,
        invoice_id,
        customer_id,
        cast(null as varchar) as customer_email,
        item_id as product_id,
        cast(null as varchar) as price_id,
        description,
        currency,
        'major' as amount_scale,
        amount,
        cast(0 as numeric(28, 9)) as tax_amount,
        cast(null as numeric(28, 9)) as quantity,
        cast(null as timestamp) as service_starts_at,
        cast(null as timestamp) as service_ends_at,
        starts_on as service_starts_on,
        ends_on as service_ends_on,
        cast(null as timestamp) as booked_at,
        booked_on,
        known_at as booked_known_at,
        cast(null as timestamp) as unbilled_at,
        known_at,
        'accounts_receivable' as billing_account,
        deferred_account,
        cast(null as varchar) as recognition_hint,
        credited_line_id,
        subsidiary_id
    from united

)

select * from final
