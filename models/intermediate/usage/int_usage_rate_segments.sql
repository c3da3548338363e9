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

chosen as (

    select
        *,
        coalesce(own_schedule_id, common_schedule_id) as rate_schedule_id
    from in_force

),

-- A schedule of the customer's own goes on where one for everyone begins or ends.
marked as (

    select
        *,
        case
            when
                lag(ends_at) over line_of_time = starts_at
                and lag(rate_schedule_id) over line_of_time = rate_schedule_id
                then 0
            else 1
        end as is_new
    from chosen
    window line_of_time as (
        partition by source_system, product_id, customer_id order by starts_at
    )

),

numbered as (

    select
        *,
        sum(is_new) over (
            partition by source_system, product_id, customer_id
            order by starts_at
            rows between unbounded preceding and current row
        ) as stretch_number
    from marked

),

merged as (

    select
        source_system,
        product_id,
        customer_id,
        rate_schedule_id,
        min(starts_at) as starts_at,
        max(ends_at) as ends_at
    from numbered
    group by source_system, product_id, customer_id, rate_schedule_id, stretch_number

),

final as (

    select
        merged.source_system,
        merged.product_id,
        merged.customer_id,
        merged.starts_at,
        merged.ends_at,
        schedules.rate_schedule_id,
        schedules.currency,
        schedules.pricing_model,
        schedules.aggregation,
        schedules.billing_interval,
        schedules.most_price,
        schedules.schedule_problem,
        cast(row_number() over (
            order by {{ key_hash([
                'merged.source_system', 'merged.product_id', 'merged.customer_id'
            ]) }}, merged.starts_at
        ) as integer) as segment_number
    from merged
    inner join schedules
        on
            merged.source_system = schedules.source_system
            and merged.rate_schedule_id = schedules.rate_schedule_id

)

select * from final
