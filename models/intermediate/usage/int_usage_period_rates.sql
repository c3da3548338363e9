-- One row per usage period and rate segment in force in it; the first is the one in
-- force at its start, or the next to begin. It follows from the terms, not from what
-- was used, so that a late event changes none of it.
with

periods as (

    select * from {{ ref('int_usage_period_bounds') }}

),

segments as (

    select * from {{ ref('int_usage_rate_segments') }}

),

own_timelines as (

    select * from {{ ref('int_usage_own_timelines') }}

)

select
    periods.usage_period_id,
    segments.segment_number,
    segments.rate_schedule_id,
    segments.starts_at as segment_starts_at,
    segments.ends_at as segment_ends_at,
    segments.pricing_model,
    segments.most_price,
    segments.schedule_problem,
    segments.currency = periods.currency
    and segments.aggregation = periods.aggregation
    and coalesce(segments.billing_interval, periods.billing_interval) = periods.billing_interval
        as is_alike,
    row_number() over (
        partition by periods.usage_period_id order by segments.starts_at
    ) as segment_order
from periods
left join own_timelines
    on
        periods.source_system = own_timelines.source_system
        and periods.product_id = own_timelines.product_id
        and periods.customer_id = own_timelines.customer_id
inner join segments
    on
        periods.source_system = segments.source_system
        and periods.product_id = segments.product_id
        and coalesce(own_timelines.customer_id, '') = coalesce(segments.customer_id, '')
        and periods.starts_at < segments.ends_at
        and periods.ends_at > segments.starts_at
