-- The one scan that aggregates the events. Events that will share every fate share a
-- row here: who used what, the rate segment, the billing period, the periods of use
-- and of posting, and their own reason; of a count of distinct values the value too.
{{ config(materialized='table') }}

with

events as (

    select * from {{ ref('int_usage_events') }}

)

select
    source_system,
    source_table,
    customer_id,
    product_id,
    subscription_id,
    segment_number,
    billing_number,
    effective_period_index,
    accounting_period_index,
    counted_value,
    row_reason,
    cast(sum(quantity) as numeric(38, 9)) as quantity,
    cast(sum(abs(quantity)) as numeric(38, 9)) as turnover,
    max(quantity) as greatest_quantity,
    {{ latest_value('quantity', ['gauged_at', 'known_at', 'quantity'], 'gauged_at is not null') }}
        as latest_quantity,
    max(gauged_at) as latest_at,
    count(*) as row_count,
    max(accounting_date) as last_date,
    max(known_at) as newest_known_at,
    max(case when row_reason is not null then source_key end) as any_source_key
from events
group by
    source_system,
    source_table,
    customer_id,
    product_id,
    subscription_id,
    segment_number,
    billing_number,
    effective_period_index,
    accounting_period_index,
    counted_value,
    row_reason
