-- Dunning that ends without payment writes the invoice off; a void cancels it.
{{ config(enabled='recurly' in var('sources') | string) }}

with

ended_invoices as (

    select * from {{ ref('base_recurly__invoices') }}
    where row_reason is null and not is_credit and state in ('failed', 'voided')

),

named as (

    select
        *,
        case state when 'failed' then 'uncollectible' else 'void' end as event_type
    from ended_invoices

),

final as (

    select
        'invoices' as source_table,
        source_key,
        row_reason,
        invoice_id || ':' || event_type as event_id,
        event_type,
        cast(null as varchar) as restores_event_id,
        invoice_id,
        customer_id,
        currency,
        -- Whatever is left of the invoice.
        cast(null as numeric(28, 9)) as amount,
        'accounts_receivable' as settlement_account,
        ended_at as effective_at
    from named

)

select * from final
