{{ config(enabled='stripe' in var('sources') | string) }}

with

source as (

    select * from {{ raw('stripe', 'invoice_line_items') }}

),

copies as (

    {{ mark_copies('source', 'id', [
        'invoice_id', 'invoice_item_id', 'price_id', 'product_id', 'description',
        'currency', 'amount', 'tax_amount', 'discount_amount', 'quantity', 'tax_inclusive',
        'period_start', 'period_end'
    ]) }}

),

renamed as (

    select
        ---------- ids and strings
        source_key,
        copy_number,
        copy_reason,
        row_key as invoice_line_id,
        {{ text_value('invoice_id') }} as invoice_id,
        {{ text_value('invoice_item_id') }} as invoice_item_id,
        {{ text_value('price_id') }} as price_id,
        {{ text_value('product_id') }} as product_id,
        {{ text_value('description') }} as description,
        upper(trim({{ text_value('currency') }})) as currency,

        ---------- numerics
        {{ parse_decimal('amount', 28, 9) }} as amount,
        {{ parse_decimal('tax_amount', 28, 9) }} as tax_amount,
        {{ parse_decimal('discount_amount', 28, 9) }} as discount_amount,
        {{ parse_decimal('quantity', 28, 9) }} as quantity,

        ---------- booleans
        {{ flag_value('tax_inclusive') }} as is_tax_inclusive,

        ---------- timestamps
        {{ parse_epoch_or_timestamp('period_start') }} as starts_at,
        {{ parse_epoch_or_timestamp('period_end') }} as ends_at,

        ---------- as it was
        amount as raw_amount,
        tax_amount as raw_tax_amount,
        discount_amount as raw_discount_amount,
        tax_inclusive as raw_tax_inclusive,
        period_start as raw_period_start,
        period_end as raw_period_end
    from copies

),

checked as (

    select
        *,
        coalesce(
            least(
                {{ decimal_problem('raw_amount', 'amount', 28, 9) }},
                {{ decimal_problem('raw_tax_amount', 'tax_amount', 28, 9) }},
                {{ decimal_problem('raw_discount_amount', 'discount_amount', 28, 9) }}
            ),
            {{ timestamp_problem('raw_period_start', 'starts_at') }},
            {{ timestamp_problem('raw_period_end', 'ends_at') }},
            {{ flag_problem('raw_tax_inclusive', 'is_tax_inclusive') }},
            case
                when amount is null then 'missing_amount'
                when currency is null then 'unknown_currency'
                when ends_at < starts_at then 'service_ends_before_start'
            end
        ) as input_problem
    from renamed

),

final as (

    select
        *,
        copy_number = 1 as is_first_copy,
        coalesce(copy_reason, input_problem) as row_reason
    from checked

)

select * from final
