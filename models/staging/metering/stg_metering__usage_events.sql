{{ config(enabled='metering' in var('sources') | string) }}

with

source as (

    select * from {{ raw('metering', 'usage_events') }}

),

renamed as (

    select
        'metering' as source_system,
        'usage_events' as source_table,
        {{ text_value('event_id') }} as event_id,
        {{ text_value('customer_id') }} as customer_id,
        {{ text_value('product_id') }} as product_id,
        {{ text_value('subscription_id') }} as subscription_id,
        {{ text_value('idempotency_key') }} as idempotency_key,
        {{ parse_decimal('quantity', 28, 9) }} as quantity,
        {{ parse_timestamp('occurred_at') }} as occurred_at,
        {{ parse_timestamp('recorded_at') }} as recorded_at,
        quantity as raw_quantity,
        occurred_at as raw_occurred_at,
        recorded_at as raw_recorded_at
    from source

),

checked as (

    select
        *,
        coalesce(
            {{ decimal_problem('raw_quantity', 'quantity', 28, 9) }},
            case
                when quantity is null then 'missing_amount'
                when abs(quantity) >= 100000000000 then 'out_of_range'
            end,
            {{ timestamp_problem('raw_occurred_at', 'occurred_at') }},
            {{ timestamp_problem('raw_recorded_at', 'recorded_at') }},
            case when occurred_at is null then 'missing_timestamp' end
        ) as input_problem
    from renamed

),

final as (

    select
        source_system,
        source_table,
        event_id,
        customer_id,
        product_id,
        subscription_id,
        idempotency_key,
        quantity,
        occurred_at,
        coalesce(recorded_at, occurred_at) as known_at,
        input_problem,
        case
            when input_problem is not null
                then {{ key_hash(['raw_quantity', 'raw_occurred_at', 'raw_recorded_at']) }}
        end as unread_values
    from checked

)

select * from final
