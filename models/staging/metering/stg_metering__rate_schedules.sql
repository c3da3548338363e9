{{ config(enabled='metering' in var('sources') | string) }}

with

source as (

    select * from {{ raw('metering', 'rate_schedules') }}

),

copies as (

    {{ mark_copies('source', 'rate_schedule_id', [
        'product_id', 'customer_id', 'currency', 'model', 'aggregation', 'billing_interval',
        'effective_from', 'effective_to'
    ]) }}

),

renamed as (

    select
        source_key,
        copy_number,
        copy_reason,
        row_key as rate_schedule_id,
        {{ text_value('product_id') }} as product_id,
        {{ text_value('customer_id') }} as customer_id,
        upper(trim({{ text_value('currency') }})) as currency,
        lower(trim({{ text_value('model') }})) as pricing_model,
        lower(trim({{ text_value('aggregation') }})) as aggregation,
        lower(trim({{ text_value('billing_interval') }})) as billing_interval,
        {{ parse_timestamp('effective_from') }} as effective_from,
        {{ parse_timestamp('effective_to') }} as effective_to,
        effective_from as raw_effective_from,
        effective_to as raw_effective_to
    from copies

),

final as (

    select
        'metering' as source_system,
        'rate_schedules' as source_table,
        source_key,
        copy_number,
        rate_schedule_id,
        product_id,
        customer_id,
        currency,
        pricing_model,
        aggregation,
        billing_interval,
        effective_from,
        effective_to,
        coalesce(
            copy_reason,
            {{ timestamp_problem('raw_effective_from', 'effective_from') }},
            {{ timestamp_problem('raw_effective_to', 'effective_to') }},
            case
                when product_id is null then 'missing_product'
                when effective_from is null or effective_to <= effective_from
                    then 'invalid_schedule_dates'
                when
                    coalesce(pricing_model, '')
                    not in ('per_unit', 'graduated', 'volume', 'package')
                    then 'unknown_pricing_model'
                when
                    coalesce(aggregation, '') not in (
                        'sum', 'max', 'last_during_period', 'last_ever', 'unique'
                    )
                    then 'unknown_aggregation'
                when billing_interval not in ('day', 'week', 'month', 'quarter', 'year')
                    then 'unknown_billing_interval'
            end
        ) as row_reason
    from renamed

)

select * from final
