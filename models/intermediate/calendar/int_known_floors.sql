-- int_known_days with the first accounting period that was open then: a fact
-- known at that time posts to no earlier one, for closed periods form an
-- unbroken run from the first.
with

known_days as (

    select * from {{ ref('int_known_days') }}

),

close_intervals as (

    select * from {{ ref('int_close_intervals') }}

)

select
    known_days.known_date,
    known_days.known_from,
    known_days.known_to,
    known_days.known_interval,
    close_intervals.first_open_period_index
from known_days
inner join close_intervals
    on known_days.known_interval = close_intervals.known_interval
