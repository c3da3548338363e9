{{ config(enabled='stripe' in var('sources') | string) }}

with

source as (

    select * from {{ raw('stripe', 'invoice_items') }}

),

copies as (

    {{ mark_copies('source', 'id', [
        'customer_id', 'invoice_id', 'description', 'currency', 'amount', 'created',
        'deleted_at', 'period_start', 'period_end'
    ]) }}

),

renamed as (

    select
        ---------- ids and strings
        source_key,
        copy_number,
        copy_reason,
        row_key as invoice_item_id,
        {{ text_value('customer_id') }} as customer_id,
        {{ text_value('invoice_id') }} as invoice_id,
        {{ text_value('description') }} as description,
        upper(trim({{ text_value('currency') }})) as currency,

        ---------- numerics
        {{ parse_decimal('amount', 28, 9) }} as amount,

        ---------- timestamps
        {{ parse_epoch_or_timestamp('created') }} as created_at,
        {{ parse_epoch_or_timestamp('deleted_at') }} as deleted_at,
        {{ parse_epoch_or_timestamp('period_start') }} as starts_at,
        {{ parse_epoch_or_timestamp('period_end') }} as ends_at,

        ---------- as it was
        amount as raw_amount,
        created as raw_created,
        deleted_at as raw_deleted_at,
        period_start as raw_period_start,
        period_end as raw_period_end
    from copies

),

checked as (

    select
        *,
        coalesce(
            {{ decimal_problem('raw_amount', 'amount', 28, 9) }},
            {{ timestamp_problem('raw_created', 'created_at') }},
            {{ timestamp_problem('raw_deleted_at', 'deleted_at') }},
            {{ timestamp_problem('raw_period_start', 'starts_at') }},
            {{ timestamp_problem('raw_period_end', 'ends_at') }},
            case
                when amount is null then 'missing_amount'
                when currency is null then 'unknown_currency'
                when created_at is null then 'missing_timestamp'
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
