-- Of a customer's own schedules of a product, and of those for everyone, one is in
-- force at a time.
{{ config(group='revrec') }}

with

schedules as (

    select * from {{ ref('int_usage_rate_schedules') }}
    where
        rate_schedule_id is not null
        and product_id is not null
        and effective_from < effective_to

),

ordered as (

    select
        *,
        lead(effective_from) over (
            partition by source_system, product_id, customer_id order by effective_from
        ) as next_from,
        lead(rate_schedule_id) over (
            partition by source_system, product_id, customer_id order by effective_from
        ) as next_schedule_id
    from schedules

)

select
    source_system,
    product_id,
    customer_id,
    rate_schedule_id,
    effective_to,
    next_schedule_id,
    next_from
from ordered
where next_from < effective_to
