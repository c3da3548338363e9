-- The current row of every credit invoice that takes part.
{{ config(enabled='recurly' in var('sources') | string) }}

with

credit_invoices as (

    select * from {{ ref('base_recurly__credit_invoices') }}
    where row_reason is null

),

prepayments as (

    select * from {{ ref('base_recurly__prepayments') }}

),

final as (

    select
        'recurly' as source_system,
        'invoices' as source_table,
        credit_invoices.invoice_id as grant_id,
        credit_invoices.customer_id,
        credit_invoices.currency as credit_unit,
        credit_invoices.invoice_number as display_name,
        credit_invoices.credit_kind as funding,
        cast(-credit_invoices.total as numeric(28, 9)) as granted_units,
        cast(null as numeric(28, 12)) as price_total,
        -- Nobody paid for goodwill; of the others one unit is one of the currency.
        cast(
            case when credit_invoices.credit_kind = 'goodwill' then 0 else 1 end
            as numeric(28, 12)
        ) as price_per_unit,
        credit_invoices.currency,
        cast(null as varchar) as priority,
        cast(null as varchar) as resource_id,
        coalesce(credit_invoices.plan_code, credit_invoices.product_code) as plan_code,
        cast(null as varchar) as pool_id,
        cast(null as numeric(28, 9)) as source_order,
        upper(credit_invoices.state) as status,
        'settled' as payment_status,
        prepayments.charge_invoice_id as invoice_id,
        upper(prepayments.charge_state) as invoice_status,
        coalesce(prepayments.charge_state = 'paid', false) as is_invoice_paid,
        credit_invoices.created_at as effective_at,
        cast(null as timestamp) as expires_at,
        cast(null as timestamp) as voided_at,
        credit_invoices.created_at as known_at,
        cast(-credit_invoices.balance as numeric(28, 9)) as remaining_units,
        cast(null as numeric(28, 9)) as consumed_units,
        credit_invoices.updated_at as version_at,
        -- Which version counts was decided where copies are marked.
        cast(null as varchar) as version_problem,
        credit_invoices.input_problem,
        cast(null as varchar) as unread_values,
        credit_invoices.source_key as raw_key
    from credit_invoices
    left join prepayments
        on
            credit_invoices.invoice_id = prepayments.credit_invoice_id
            and credit_invoices.credit_kind = 'prepayment'

)

select * from final
