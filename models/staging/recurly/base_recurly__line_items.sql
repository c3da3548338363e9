-- Only a line with an end has a period (the API says so); the end is the instant
-- at which the next period begins, so it is exclusive.
{{ config(enabled='recurly' in var('sources') | string) }}

with

source as (

    select * from {{ raw('recurly', 'line_items') }}

),

copies as (

    {{ mark_copies('source', 'id', [
        'invoice_id', 'account_id', 'plan_code', 'product_code', 'credit_reason_code',
        'description', 'currency', 'amount', 'tax', 'start_date', 'end_date', 'created_at',
        'revenue_schedule_type', 'previous_line_item_id',
    ]) }}

),

renamed as (

    select
        ---------- ids
        source_key,
        copy_reason,
        {{ text_value('invoice_id') }} as invoice_id,
        {{ text_value('account_id') }} as customer_id,
        {{ text_value('plan_code') }} as plan_code,
        {{ text_value('product_code') }} as product_code,
        {{ text_value('previous_line_item_id') }} as previous_line_id,

        ---------- strings
        {{ text_value('description') }} as description,
        nullif(lower(trim(cast(credit_reason_code as varchar))), '') as credit_reason_code,
        upper(trim({{ text_value('currency') }})) as currency,
        coalesce(nullif(lower(trim(cast(revenue_schedule_type as varchar))), ''), 'evenly')
            as schedule_type,

        ---------- numerics
        {{ parse_decimal('amount', 28, 9) }} as amount,
        {{ parse_decimal('tax', 28, 9) }} as tax_amount,

        ---------- timestamps
        {{ parse_timestamp('start_date') }} as starts_at,
        {{ parse_timestamp('end_date') }} as ends_at,
        {{ parse_timestamp('created_at') }} as created_at,

        ---------- as it was
        amount as raw_amount,
        tax as raw_tax,
        start_date as raw_start_date,
        end_date as raw_end_date,
        created_at as raw_created_at
    from copies

),

final as (

    select
        source_key,
        copy_reason,
        invoice_id,
        customer_id,
        plan_code,
        product_code,
        previous_line_id,
        description,
        credit_reason_code,
        currency,
        amount,
        coalesce(tax_amount, 0) as tax_amount,
        ends_at,
        created_at,
        starts_at as range_starts_at,
        case when ends_at is not null then starts_at end as starts_at,
        case when schedule_type <> 'evenly' then schedule_type end as recognition_hint,
        coalesce(
            {{ amount_problem('raw_amount', 'amount') }},
            {{ amount_problem('raw_tax', 'tax_amount', is_required=false) }},
            {{ timestamp_problem('raw_start_date', 'starts_at') }},
            {{ timestamp_problem('raw_end_date', 'ends_at') }},
            {{ timestamp_problem('raw_created_at', 'created_at') }},
            case
                when ends_at is not null and starts_at is null then 'incomplete_service_period'
                when ends_at < starts_at then 'service_ends_before_start'
                when
                    schedule_type not in (
                        'evenly', 'never', 'at_range_start', 'at_range_end', 'at_invoice'
                    )
                    then 'unknown_schedule_type'
            end
        ) as input_problem
    from renamed

)

select * from final
