-- Dunning that ends without payment writes the invoice off; a void cancels it. Credits
-- that had paid it come back in the same stroke, seconds sooner or later: what ends the
-- invoice is the last of them within a day.
{{ config(enabled='recurly' in var('sources') | string) }}

with

ended_invoices as (

    select * from {{ ref('base_recurly__invoices') }}
    where row_reason is null and not is_credit and state in ('failed', 'voided')

),

credit_payments as (

    select * from {{ ref('base_recurly__credit_payments') }}
    where copy_reason is null and voided_at is not null

),

last_voids as (

    select
        ended_invoices.invoice_id,
        max(credit_payments.voided_at) as voided_at
    from ended_invoices
    inner join credit_payments
        on
            ended_invoices.invoice_id = credit_payments.applied_to_invoice_id
            and credit_payments.voided_at < ended_invoices.ended_at + interval '1 day'
    group by ended_invoices.invoice_id

),

named as (

    select
        ended_invoices.*,
        greatest(ended_invoices.ended_at, last_voids.voided_at) as all_ended_at,
        case ended_invoices.state when 'failed' then 'uncollectible' else 'void' end
            as event_type
    from ended_invoices
    left join last_voids
        on ended_invoices.invoice_id = last_voids.invoice_id

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
        all_ended_at as effective_at
    from named

)

select * from final
