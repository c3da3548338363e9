-- The groups that can be rated, with their schedule and the usage period they are of.
{{ config(materialized='table') }}

with

groups as (

    select * from {{ ref('int_usage_groups') }}
    where row_reason is null

),

segments as (

    select * from {{ ref('int_usage_rate_segments') }}

),

subscriptions as (

    select * from {{ ref('int_usage_subscriptions') }}

),

joined as (

    select
        groups.*,
        segments.starts_at as segment_starts_at,
        segments.rate_schedule_id,
        segments.currency,
        segments.aggregation,
        coalesce(segments.billing_interval, subscriptions.billing_interval, 'month')
            as billing_interval
    from groups
    inner join segments
        on groups.segment_number = segments.segment_number
    left join subscriptions
        on
            groups.source_system = subscriptions.source_system
            and groups.subscription_id = subscriptions.subscription_id

)

select
    *,
    {{ usage_period_hash() }} as usage_period_id
from joined
