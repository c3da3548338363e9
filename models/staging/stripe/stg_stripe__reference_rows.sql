{{ config(enabled='stripe' in var('sources') | string) }}

with

reference_rows as (

    select
        'invoice_items' as source_table,
        source_key,
        item_reason as row_reason
    from {{ ref('stg_stripe__item_states') }}
    where is_invoiced and item_reason is null

    union all

    select
        'credit_note_line_items' as source_table,
        source_key,
        line_reason as row_reason
    from {{ ref('stg_stripe__credit_note_line_states') }}

    union all

    -- Those with a fee are settlements.
    select
        'balance_transactions' as source_table,
        source_key,
        row_reason
    from {{ ref('base_stripe__balance_transactions') }}
    where coalesce(fee, 0) = 0

    union all

    select
        'customers' as source_table,
        source_key,
        row_reason
    from {{ ref('base_stripe__customers') }}

    union all

    select
        'products' as source_table,
        source_key,
        row_reason
    from {{ ref('base_stripe__products') }}

    union all

    select
        'prices' as source_table,
        source_key,
        row_reason
    from {{ ref('base_stripe__prices') }}

    union all

    select
        'billing_credit_grant_metadata' as source_table,
        source_key,
        metadata_reason as row_reason
    from {{ ref('stg_stripe__credit_grant_metadata_states') }}

),

final as (

    select
        'stripe' as source_system,
        *
    from reference_rows

)

select * from final
