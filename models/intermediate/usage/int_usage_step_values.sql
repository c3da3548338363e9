-- What each step adds by the schedule in force for it: what the schedule asks for the
-- quantity after the step less what it asks for the quantity before. The sum of all
-- steps is what the invoice will say. In 10^-21 of a major unit.
{{ config(materialized='table') }}

with

steps as (

    select * from {{ ref('int_usage_steps') }}

),

segments as (

    select * from {{ ref('int_usage_rate_segments') }}

),

tiers as (

    select * from {{ ref('int_usage_rate_tiers') }}

),

changed as (

    select
        steps.usage_period_id,
        steps.step_number,
        steps.billable_nano_before,
        steps.billable_nano,
        segments.source_system,
        segments.rate_schedule_id,
        segments.pricing_model
    from steps
    inner join segments
        on steps.segment_number = segments.segment_number
    where steps.billable_nano <> steps.billable_nano_before

)

select
    changed.usage_period_id,
    changed.step_number,
    sum(
        {{ tier_value(
            'changed.pricing_model', 'changed.billable_nano', 'tiers.lower_nano',
            'tiers.upper_nano', 'tiers.unit_price', 'tiers.flat_price', 'tiers.package_nano'
        ) }}
        - {{ tier_value(
            'changed.pricing_model', 'changed.billable_nano_before', 'tiers.lower_nano',
            'tiers.upper_nano', 'tiers.unit_price', 'tiers.flat_price', 'tiers.package_nano'
        ) }}
    ) as step_value
from changed
inner join tiers
    on
        changed.source_system = tiers.source_system
        and changed.rate_schedule_id = tiers.rate_schedule_id
group by changed.usage_period_id, changed.step_number
