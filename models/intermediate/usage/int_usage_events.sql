-- One row per raw event: the rate segment, billing period and accounting periods that
-- it falls in and, where it cannot be rated, why. A view: it is aggregated once
-- (int_usage_groups) or filtered (evidence), never stored.
with

events as (

    select * from {{ ref('int_usage_events_keyed') }}

),

repeated as (

    select * from {{ ref('int_usage_events_repeated') }}

),

accounting_days as (

    select * from {{ ref('int_accounting_days') }}

),

known_floors as (

    select * from {{ ref('int_known_floors') }}

),

subscriptions as (

    select * from {{ ref('int_usage_subscriptions') }}

),

customer_segments as (

    select * from {{ ref('int_usage_rate_segments') }}
    where customer_id is not null

),

common_segments as (

    select * from {{ ref('int_usage_rate_segments') }}
    where customer_id is null

),

identified as (

    select
        source_system,
        source_table,
        event_key,
        customer_id,
        product_id,
        subscription_id,
        quantity,
        occurred_at,
        known_at,
        input_problem,
        case when event_id is null then 'missing_id' end as identity_reason
    from events
    where
        not exists (
            select 1
            from repeated
            where
                repeated.source_system = events.source_system
                and repeated.event_key = events.event_key
        )

    union all

    select
        source_system,
        source_table,
        event_key,
        customer_id,
        product_id,
        subscription_id,
        quantity,
        occurred_at,
        known_at,
        input_problem,
        identity_reason
    from repeated

),

located as (

    select
        identified.*,
        accounting_days.accounting_date,
        accounting_days.period_index as effective_period_index,
        accounting_days.is_counted,
        greatest(accounting_days.period_index, known_floors.first_open_period_index)
            as accounting_period_index,
        known_floors.first_open_period_index,
        subscriptions.subscription_id as known_subscription_id,
        coalesce(customer_segments.segment_number, common_segments.segment_number)
            as segment_number,
        coalesce(customer_segments.aggregation, common_segments.aggregation) as aggregation,
        case
            when customer_segments.segment_number is not null
                then customer_segments.schedule_problem
            else common_segments.schedule_problem
        end as schedule_problem,
        coalesce(
            customer_segments.billing_interval,
            common_segments.billing_interval,
            subscriptions.billing_interval,
            'month'
        ) as billing_interval,
        subscriptions.anchor_at
    from identified
    left join accounting_days
        on {{ accounting_date('identified.occurred_at') }} = accounting_days.accounting_date
    left join known_floors
        on
            cast(identified.known_at as date) = known_floors.known_date
            and identified.known_at >= known_floors.known_from
            and identified.known_at < known_floors.known_to
    left join subscriptions
        on
            identified.source_system = subscriptions.source_system
            and identified.subscription_id = subscriptions.subscription_id
            and identified.customer_id = subscriptions.customer_id
    left join customer_segments
        on
            identified.source_system = customer_segments.source_system
            and identified.product_id = customer_segments.product_id
            and identified.customer_id = customer_segments.customer_id
            and identified.occurred_at >= customer_segments.starts_at
            and identified.occurred_at < customer_segments.ends_at
    left join common_segments
        on
            identified.source_system = common_segments.source_system
            and identified.product_id = common_segments.product_id
            and identified.occurred_at >= common_segments.starts_at
            and identified.occurred_at < common_segments.ends_at

),

placed as (

    select
        *,
        coalesce(anchor_at, {{ calendar_anchor('billing_interval') }}) as billing_anchor,
        case
            when anchor_at is not null then occurred_at
            else cast(accounting_date as timestamp)
        end as billing_moment,
        case
            when identity_reason is not null then identity_reason
            when input_problem is not null then input_problem
            when customer_id is null then 'missing_customer'
            when product_id is null then 'missing_product'
            when effective_period_index is null then 'outside_calendar'
            when {{ is_known_later('known_at') }} then 'known_later'
            when first_open_period_index is null then 'invalid_timestamp'
            when not is_counted then 'after_as_of_date'
            when subscription_id is not null and known_subscription_id is null
                then 'unknown_subscription'
            when segment_number is null then 'no_rate_schedule'
            when schedule_problem is not null then 'unusable_rate_schedule'
        end as row_reason
    from located

)

select
    source_system,
    source_table,
    event_key as source_key,
    customer_id,
    product_id,
    subscription_id,
    segment_number,
    {{ billing_number('billing_anchor', 'billing_moment', 'billing_interval') }}
        as billing_number,
    effective_period_index,
    accounting_period_index,
    accounting_date,
    occurred_at,
    known_at,
    aggregation,
    quantity,
    row_reason,
    case when aggregation = 'unique' and row_reason is null then quantity end as counted_value,
    case
        when row_reason is null and aggregation in ('last_during_period', 'last_ever')
            then occurred_at
    end as gauged_at
from placed
