-- One row per product and customer with rate schedules of their own: their line of time
-- counts, not the one for everyone.
with

segments as (

    select * from {{ ref('int_usage_rate_segments') }}
    where customer_id is not null

)

select distinct
    source_system,
    product_id,
    customer_id
from segments
