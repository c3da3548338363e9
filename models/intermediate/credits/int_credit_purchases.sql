-- One row per invoice whose lines sell credits: the first period that was open when
-- they became known.
with

parts as (

    select * from {{ ref('int_service_line_parts') }}
    where
        treatment = 'credit_purchase'
        and booked_date is not null
        and invoice_id is not null

)

select
    invoice_id,
    min(booked_floor_index) as known_floor_index
from parts
group by invoice_id
