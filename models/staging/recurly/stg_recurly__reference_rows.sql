-- What of credits takes no part or only gives terms: invoices, lines and payments.
{{ config(enabled='recurly' in var('sources') | string) }}

with

credit_invoices as (

    select * from {{ ref('base_recurly__credit_invoices') }}
    where row_reason is not null

),

credit_lines as (

    select * from {{ ref('base_recurly__credit_line_targets') }}
    where row_reason is not null or refunded_line_id is null

),

credit_payments as (

    select * from {{ ref('base_recurly__credit_payments') }}
    where row_reason is not null

),

final as (

    select
        'recurly' as source_system,
        'invoices' as source_table,
        source_key,
        row_reason
    from credit_invoices

    union all

    select
        'recurly' as source_system,
        'line_items' as source_table,
        source_key,
        row_reason
    from credit_lines

    union all

    select
        'recurly' as source_system,
        'credit_payments' as source_table,
        source_key,
        row_reason
    from credit_payments

)

select * from final
