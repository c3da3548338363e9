-- One row per credit on account and invoice of which it refunds lines: the customer
-- is owed what is reversed.
{{ config(enabled='recurly' in var('sources') | string) }}

with

credit_lines as (

    select * from {{ ref('base_recurly__credit_line_targets') }}
    where row_reason is null and refunded_line_id is not null

),

credited as (

    select
        credit_invoice_id,
        refunded_invoice_id,
        customer_id,
        currency,
        credited_at,
        sum(amount + tax_amount) as amount
    from credit_lines
    group by credit_invoice_id, refunded_invoice_id, customer_id, currency, credited_at

),

final as (

    select
        'invoices' as source_table,
        credit_invoice_id as source_key,
        cast(null as varchar) as row_reason,
        credit_invoice_id || ':' || refunded_invoice_id as event_id,
        'credit_note' as event_type,
        cast(null as varchar) as restores_event_id,
        refunded_invoice_id as invoice_id,
        customer_id,
        currency,
        cast(amount as numeric(28, 9)) as amount,
        'customer_balance' as settlement_account,
        credited_at as effective_at
    from credited

)

select * from final
