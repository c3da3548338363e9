{{ config(enabled='metering' in var('sources') | string) }}

with

source as (

    select * from {{ raw('metering', 'subscriptions') }}

),

copies as (

    {{ mark_copies('source', 'subscription_id', [
        'customer_id', 'billing_anchor', 'billing_interval', 'started_at', 'ended_at'
    ]) }}

),

renamed as (

    select
        source_key,
        copy_number,
        copy_reason,
        row_key as subscription_id,
        {{ text_value('customer_id') }} as customer_id,
        lower(trim({{ text_value('billing_interval') }})) as billing_interval,
        {{ parse_timestamp('billing_anchor') }} as billing_anchor,
        {{ parse_timestamp('started_at') }} as started_at,
        {{ parse_timestamp('ended_at') }} as ended_at,
        billing_anchor as raw_billing_anchor,
        started_at as raw_started_at,
        ended_at as raw_ended_at
    from copies

),

final as (

    select
        'metering' as source_system,
        'subscriptions' as source_table,
        source_key,
        subscription_id,
        customer_id,
        billing_interval,
        coalesce(billing_anchor, started_at) as anchor_at,
        started_at,
        ended_at,
        coalesce(
            copy_reason,
            {{ timestamp_problem('raw_billing_anchor', 'billing_anchor') }},
            {{ timestamp_problem('raw_started_at', 'started_at') }},
            {{ timestamp_problem('raw_ended_at', 'ended_at') }},
            case
                when customer_id is null then 'missing_customer'
                when billing_interval not in ('day', 'week', 'month', 'quarter', 'year')
                    then 'unknown_billing_interval'
            end
        ) as row_reason
    from renamed

)

select * from final
