-- One row per invoice, customer, product, subscription and period: an invoice with
-- usage of two products has two.
{{ config(enabled='metering' in var('sources') | string) }}

with

source as (

    select * from {{ raw('metering', 'usage_invoices') }}

),

named as (

    select
        *,
        case
            when {{ text_value('invoice_id') }} is not null
                then
                    {{ text_value('invoice_id') }}
                    || coalesce(':' || {{ text_value('product_id') }}, '')
                    || coalesce(':' || {{ text_value('subscription_id') }}, '')
                    || coalesce(':' || cast({{ parse_day('period_start') }} as varchar), '')
        end as invoice_line_id
    from source

),

copies as (

    {{ mark_copies('named', 'invoice_line_id', [
        'customer_id', 'period_start', 'period_end', 'quantity', 'amount', 'currency',
        'finalized_at'
    ]) }}

),

renamed as (

    select
        source_key,
        copy_reason,
        {{ text_value('invoice_id') }} as invoice_id,
        {{ text_value('customer_id') }} as customer_id,
        {{ text_value('product_id') }} as product_id,
        {{ text_value('subscription_id') }} as subscription_id,
        upper(trim({{ text_value('currency') }})) as currency,
        {{ parse_decimal('quantity', 28, 9) }} as quantity,
        {{ parse_decimal('amount', 28, 9) }} as amount,
        {{ parse_timestamp('period_start') }} as period_start,
        {{ parse_timestamp('period_end') }} as period_end,
        {{ parse_timestamp('finalized_at') }} as finalised_at,
        quantity as raw_quantity,
        amount as raw_amount,
        period_start as raw_period_start,
        period_end as raw_period_end,
        finalized_at as raw_finalised_at
    from copies

),

final as (

    select
        'metering' as source_system,
        'usage_invoices' as source_table,
        source_key,
        invoice_id,
        customer_id,
        product_id,
        subscription_id,
        currency,
        'major' as amount_scale,
        quantity,
        amount,
        period_start,
        period_end,
        finalised_at,
        coalesce(
            copy_reason,
            {{ amount_problem('raw_amount', 'amount') }},
            {{ decimal_problem('raw_quantity', 'quantity', 28, 9) }},
            {{ timestamp_problem('raw_period_start', 'period_start') }},
            {{ timestamp_problem('raw_period_end', 'period_end') }},
            {{ timestamp_problem('raw_finalised_at', 'finalised_at') }},
            case
                when finalised_at is null then 'invoice_draft'
                when customer_id is null then 'missing_customer'
                when product_id is null then 'missing_product'
                when period_start is null then 'missing_timestamp'
                when period_end <= period_start then 'service_ends_before_start'
            end
        ) as row_reason
    from renamed

)

select * from final
