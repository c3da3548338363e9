{{ config(materialized='table') }}

with

subscriptions as (

    select * from {{ ref('int_usage_subscriptions_unioned') }}
    where row_reason is null

)

select
    source_system,
    subscription_id,
    customer_id,
    billing_interval,
    anchor_at,
    started_at,
    ended_at
from subscriptions
