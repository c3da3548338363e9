-- What of a paid invoice is no longer owed was paid, and what credits did not pay was
-- cash. An amount that credits paid counts also where the books leave its row out.
{{ config(enabled='recurly' in var('sources') | string) }}

with

paid_invoices as (

    select * from {{ ref('base_recurly__invoices') }}
    where row_reason is null and not is_credit and state = 'paid'

),

credit_payments as (

    select * from {{ ref('base_recurly__credit_payments') }}
    where
        copy_reason is null
        and payment_action in ('payment', 'gift_card', 'write_off')

),

credited as (

    select
        paid_invoices.invoice_id,
        sum(credit_payments.amount) as amount
    from paid_invoices
    inner join credit_payments
        on
            paid_invoices.invoice_id = credit_payments.applied_to_invoice_id
            and paid_invoices.currency
            = coalesce(credit_payments.currency, paid_invoices.currency)
            -- A void after it was paid makes no cash.
            and (
                not credit_payments.is_voided
                or paid_invoices.ended_at < credit_payments.voided_at
            )
    group by paid_invoices.invoice_id

),

measured as (

    select
        paid_invoices.*,
        coalesce(credited.amount, 0) as credited_amount,
        paid_invoices.total
        - coalesce(paid_invoices.balance, 0)
        - coalesce(credited.amount, 0) as cash_amount
    from paid_invoices
    left join credited
        on paid_invoices.invoice_id = credited.invoice_id

),

final as (

    select
        'recurly' as source_system,
        'invoices' as source_table,
        source_key,
        -- Credits that pay more than was owed leave no cash that could be told.
        case when credited_amount > 0 and cash_amount < 0 then 'wrong_sign' end as row_reason,
        invoice_id || ':paid' as settlement_id,
        'payment' as settlement_type,
        invoice_id,
        customer_id,
        currency,
        'major' as amount_scale,
        cast(cash_amount as numeric(28, 9)) as amount,
        cast(null as varchar) as settled_currency,
        cast(null as varchar) as settled_scale,
        cast(null as numeric(28, 9)) as settled_amount,
        ended_at as effective_at,
        ended_at as known_at
    from measured
    where cash_amount <> 0

)

select * from final
