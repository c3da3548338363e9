-- The last value ever, carried into each later billing period: one row per usage period
-- and fact of an earlier one. What was posted by the beginning counts from there, what
-- posts later when it posts.
with

periods as (

    select * from {{ ref('int_usage_periods') }}
    where aggregation = 'last_ever' and period_reason is null

),

rates as (

    select * from {{ ref('int_usage_period_rates') }}
    where is_alike and schedule_problem is null

),

uses as (

    select * from {{ ref('int_usage_uses') }}
    where aggregation = 'last_ever'

),

subscriptions as (

    select * from {{ ref('int_usage_subscriptions') }}

),

-- What is used or committed after the subscription's end is not carried on.
opened as (

    select
        periods.*,
        rates.segment_number,
        rates.segment_starts_at
    from periods
    inner join rates
        on
            periods.usage_period_id = rates.usage_period_id
            and periods.starts_at >= rates.segment_starts_at
    left join subscriptions
        on
            periods.source_system = subscriptions.source_system
            and periods.subscription_id = subscriptions.subscription_id
    where subscriptions.ended_at is null or periods.starts_at < subscriptions.ended_at

),

earlier as (

    select
        opened.usage_period_id,
        opened.segment_number,
        opened.segment_starts_at,
        opened.start_period_index,
        opened.starts_on,
        uses.latest_at,
        uses.latest_quantity,
        uses.accounting_period_index as used_index,
        uses.accounting_period_index > opened.start_period_index as is_late,
        case
            when uses.accounting_period_index > opened.start_period_index
                then uses.accounting_period_index
            else opened.start_period_index
        end as accounting_period_index,
        case
            when uses.accounting_period_index > opened.start_period_index
                then uses.effective_period_index
            else opened.start_period_index
        end as effective_period_index,
        uses.last_date
    from opened
    inner join uses
        on
            opened.source_system = uses.source_system
            and opened.customer_id = uses.customer_id
            and opened.product_id = uses.product_id
            and coalesce(opened.subscription_id, '') = coalesce(uses.subscription_id, '')
            and opened.billing_interval = uses.billing_interval
            and opened.currency = uses.currency
            and opened.billing_number > uses.billing_number

),

ranked as (

    select
        *,
        row_number() over (
            partition by usage_period_id, is_late
            order by latest_at desc, used_index desc
        ) as recency
    from earlier

)

select
    usage_period_id,
    segment_number,
    segment_starts_at,
    accounting_period_index,
    effective_period_index,
    latest_at,
    latest_quantity,
    case when is_late then last_date else starts_on end as last_date
from ranked
where is_late or recency = 1
