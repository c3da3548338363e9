-- One row per schedule, and why usage cannot be rated by it.
{{ config(materialized='table') }}

with

schedules as (

    select * from {{ ref('int_rate_schedules_unioned') }}
    where copy_number = 1

),

tiers as (

    select * from {{ ref('int_usage_rate_tiers') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

tier_counts as (

    select
        source_system,
        rate_schedule_id,
        count(*) as tier_count,
        sum(case when is_invalid then 1 else 0 end) as invalid_count,
        sum(case when has_package then 1 else 0 end) as package_count,
        max(case
            when package_nano > 0
                then unit_price + {{ wide_divide('unit_price * 1000000000', 'package_nano') }}
            else unit_price
        end) as most_price
    from tiers
    group by source_system, rate_schedule_id

),

final as (

    select
        schedules.source_system,
        schedules.source_table,
        schedules.source_key,
        schedules.rate_schedule_id,
        schedules.product_id,
        schedules.customer_id,
        schedules.currency,
        schedules.pricing_model,
        schedules.aggregation,
        schedules.billing_interval,
        schedules.effective_from,
        coalesce(schedules.effective_to, {{ last_instant() }}) as effective_to,
        tier_counts.most_price,
        case
            when schedules.row_reason is not null then schedules.row_reason
            when currencies.currency is null then 'unknown_currency'
            when coalesce(tier_counts.tier_count, 0) = 0 or tier_counts.invalid_count > 0
                then 'invalid_rate_tiers'
            when schedules.pricing_model = 'per_unit' and tier_counts.tier_count > 1
                then 'invalid_rate_tiers'
            when
                tier_counts.package_count
                <> case
                    when schedules.pricing_model = 'package' then tier_counts.tier_count
                    else 0
                end
                then 'invalid_rate_tiers'
        end as schedule_problem
    from schedules
    left join tier_counts
        on
            schedules.source_system = tier_counts.source_system
            and schedules.rate_schedule_id = tier_counts.rate_schedule_id
    left join currencies
        on schedules.currency = currencies.currency

)

select * from final
