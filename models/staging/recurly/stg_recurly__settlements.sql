-- What of a paid invoice is no longer owed was paid. Gift cards and credits that
-- paid it are told apart once credit payments are read.
{{ config(enabled='recurly' in var('sources') | string) }}

with

paid_invoices as (

    select * from {{ ref('base_recurly__invoices') }}
    where row_reason is null and state = 'paid'

),

final as (

    select
        'recurly' as source_system,
        'invoices' as source_table,
        source_key,
        row_reason,
        invoice_id || ':paid' as settlement_id,
        'payment' as settlement_type,
        invoice_id,
        customer_id,
        currency,
        'major' as amount_scale,
        cast(total - coalesce(balance, 0) as numeric(28, 9)) as amount,
        cast(null as varchar) as settled_currency,
        cast(null as varchar) as settled_scale,
        cast(null as numeric(28, 9)) as settled_amount,
        ended_at as effective_at,
        ended_at as known_at
    from paid_invoices
    where total <> coalesce(balance, 0)

)

select * from final
