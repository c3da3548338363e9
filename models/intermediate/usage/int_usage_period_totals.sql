-- One row per usage period: what the meter says of it as a whole, without the order in
-- which it became known. Where one schedule rates all of it, its value is worked out
-- from the total at once, beside the steps that the postings rest on.
{{ config(materialized='table') }}

with

periods as (

    select * from {{ ref('int_usage_periods') }}
    where period_reason is null

),

uses as (

    select * from {{ ref('int_usage_uses') }}

),

carried as (

    select * from {{ ref('int_usage_carried') }}

),

coverage as (

    select * from {{ ref('int_usage_coverage') }}
    where usage_period_id is not null

),

tiers as (

    select * from {{ ref('int_usage_rate_tiers') }}

),

last_steps as (

    select
        *,
        min(segment_number) over (partition by usage_period_id) as first_segment_number,
        max(segment_number) over (partition by usage_period_id) as last_segment_number,
        row_number() over (partition by usage_period_id order by step_number desc) as back_number
    from {{ ref('int_usage_recognised') }}

),

used as (

    select
        usage_period_id,
        sum(quantity) as summed,
        max(greatest_quantity) as greatest,
        count(distinct counted_value) as distinct_values
    from uses
    group by usage_period_id

),

gauged as (

    select
        usage_period_id,
        latest_at,
        accounting_period_index,
        latest_quantity
    from uses
    where latest_at is not null

    union all

    select
        usage_period_id,
        latest_at,
        accounting_period_index,
        latest_quantity
    from carried

),

last_values as (

    select
        usage_period_id,
        latest_quantity,
        row_number() over (
            partition by usage_period_id order by latest_at desc, accounting_period_index desc
        ) as back_number
    from gauged

),

covered as (

    select
        usage_period_id,
        sum(covered_quantity) as covered_quantity
    from coverage
    group by usage_period_id

),

metered as (

    select
        periods.usage_period_id,
        periods.source_system,
        periods.opening_schedule_id,
        periods.pricing_model,
        periods.included_nano,
        cast(coalesce(covered.covered_quantity, 0) as numeric(38, 9)) as covered_quantity,
        cast(
            case periods.aggregation
                when 'sum' then used.summed
                when 'max' then greatest(used.greatest, 0)
                when 'unique' then used.distinct_values
                else last_values.latest_quantity
            end as numeric(38, 9)
        ) as metered_quantity,
        last_steps.rated_value as stepped_value,
        last_steps.recognised_value,
        last_steps.recognised_minor,
        last_steps.shortfall_minor,
        last_steps.first_segment_number = last_steps.last_segment_number
        and last_steps.last_segment_number = periods.opening_segment_number as is_rated_at_once
    from periods
    inner join last_steps
        on
            periods.usage_period_id = last_steps.usage_period_id
            and last_steps.back_number = 1
    left join used
        on periods.usage_period_id = used.usage_period_id
    left join covered
        on periods.usage_period_id = covered.usage_period_id
    left join last_values
        on
            periods.usage_period_id = last_values.usage_period_id
            and last_values.back_number = 1

),

billable as (

    select
        *,
        greatest(
            {{ nano_units('coalesce(metered_quantity, 0)') }}
            - {{ nano_units('covered_quantity') }}
            - included_nano,
            0
        ) as billable_nano
    from metered

),

valued as (

    select
        billable.usage_period_id,
        sum({{ tier_value(
            'billable.pricing_model', 'billable.billable_nano', 'tiers.lower_nano',
            'tiers.upper_nano', 'tiers.unit_price', 'tiers.flat_price', 'tiers.package_nano'
        ) }}) as value_at_once
    from billable
    inner join tiers
        on
            billable.source_system = tiers.source_system
            and billable.opening_schedule_id = tiers.rate_schedule_id
    where billable.is_rated_at_once
    group by billable.usage_period_id

)

select
    billable.*,
    coalesce(valued.value_at_once, billable.stepped_value) as rated_value
from billable
left join valued
    on billable.usage_period_id = valued.usage_period_id
