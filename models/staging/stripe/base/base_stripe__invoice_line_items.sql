{{ config(enabled='stripe' in var('sources') | string) }}

with

source as (

    select * from {{ raw('stripe', 'invoice_line_items') }}

),

renamed as (

    select
        ---------- ids and strings
        {{ text_value('id') }} as invoice_line_id,
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
    from source

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

repeated as (

    select invoice_line_id
    from checked
    where invoice_line_id is not null
    group by invoice_line_id
    having count(*) > 1

),

singles as (

    select
        *,
        cast(null as varchar) as row_hash,
        invoice_line_id as source_key,
        true as is_first_copy,
        input_problem as row_reason
    from checked
    where
        invoice_line_id is not null
        and invoice_line_id not in (select repeated.invoice_line_id from repeated)

),

-- Only what may be repeated is compared: the rows without an id, and those whose
-- id is there again.
suspects as (

    select
        *,
        {{ key_hash([
            "invoice_line_id",
            "invoice_id",
            "invoice_item_id",
            "price_id",
            "product_id",
            "description",
            "currency",
            nano_units("amount"),
            nano_units("tax_amount"),
            nano_units("discount_amount"),
            nano_units("quantity"),
            "is_tax_inclusive",
            epoch_microseconds("starts_at"),
            epoch_microseconds("ends_at")
        ]) }} as row_hash
    from checked
    where
        invoice_line_id is null
        or invoice_line_id in (select repeated.invoice_line_id from repeated)

),

copies as (

    select
        *,
        coalesce(invoice_line_id, 'row:' || row_hash) as source_key,
        row_number() over (partition by invoice_line_id order by row_hash) = 1 as is_first_copy,
        coalesce({{ copy_reason('invoice_line_id') }}, input_problem) as row_reason
    from suspects

),

final as (

    select * from singles

    union all

    select * from copies

)

select * from final
