-- One commitment of a customer to a product, under one subscription, is in force at a
-- time.
{{ config(group='revrec') }}

with

commitments as (

    select * from {{ ref('int_usage_commitments') }}
    where problem is null

),

ordered as (

    select
        *,
        lead(effective_from) over (
            partition by customer_id, product_id, subscription_id order by effective_from
        ) as next_from
    from commitments

)

select
    commitment_id,
    customer_id,
    product_id,
    effective_to,
    next_from
from ordered
where next_from < effective_to
