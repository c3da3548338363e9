-- One row per stretch of time in which one schedule rates a product: for customers
-- with a schedule of their own one line of time each, one for everyone else (customer
-- null). A customer's own schedule goes before the one for everyone.
{{ config(materialized='table') }}

with

schedules as (

    select * from {{ ref('int_usage_rate_schedules') }}
    where
        rate_schedule_id is not null
        and product_id is not null
        and effective_from < effective_to

),

timelines as (

    select distinct
        source_system,
        product_id,
        customer_id
    from schedules

),

candidates as (

    select
        timelines.source_system,
        timelines.product_id,
        timelines.customer_id,
        schedules.rate_schedule_id,
        schedules.customer_id is not null as is_own,
        schedules.effective_from,
        schedules.effective_to
    from timelines
    inner join schedules
        on
            timelines.source_system = schedules.source_system
            and timelines.product_id = schedules.product_id
            and (
                schedules.customer_id is null
                or timelines.customer_id = schedules.customer_id
            )

),

boundaries as (

    select
        source_system,
        product_id,
        customer_id,
        effective_from as starts_at
    from candidates

    union

    select
        source_system,
        product_id,
        customer_id,
        effective_to as starts_at
    from candidates

),

stretches as (

    select
        *,
        lead(starts_at) over (
            partition by source_system, product_id, customer_id order by starts_at
        ) as ends_at
    from boundaries

),

-- Schedules that overlap stop the build: of each kind one is in force.
in_force as (

    select
        stretches.source_system,
        stretches.product_id,
        stretches.customer_id,
        stretches.starts_at,
        stretches.ends_at,
        max(case when candidates.is_own then candidates.rate_schedule_id end)
            as own_schedule_id,
        max(case when not candidates.is_own then candidates.rate_schedule_id end)
            as common_schedule_id
    from stretches
    inner join candidates
        on
            stretches.source_system = candidates.source_system
            and stretches.product_id = candidates.product_id
            and (
                stretches.customer_id = candidates.customer_id
                or (stretches.customer_id is null and candidates.customer_id is null)
            )
            and stretches.starts_at >= candidates.effective_from
            and stretches.ends_at <= candidates.effective_to
    group by
        stretches.source_system,
        stretches.product_id,
        stretches.customer_id,
        stretches.starts_at,
        stretches.ends_at

),

final as (

    select
        in_force.source_system,
        in_force.product_id,
        in_force.customer_id,
        in_force.starts_at,
        in_force.ends_at,
        schedules.rate_schedule_id,
        schedules.currency,
        schedules.pricing_model,
        schedules.aggregation,
        schedules.billing_interval,
        schedules.most_price,
        schedules.schedule_problem,
        cast(row_number() over (
            order by {{ key_hash([
                'in_force.source_system', 'in_force.product_id', 'in_force.customer_id'
            ]) }}, in_force.starts_at
        ) as integer) as segment_number
    from in_force
    inner join schedules
        on
            in_force.source_system = schedules.source_system
            and coalesce(in_force.own_schedule_id, in_force.common_schedule_id)
            = schedules.rate_schedule_id

)

select * from final
