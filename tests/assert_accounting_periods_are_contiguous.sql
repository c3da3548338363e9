-- The calendar has no gap and no overlap: every period begins the day after the
-- one before it ends, and they are numbered from 1.
with

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

compared as (

    select
        *,
        row_number() over (order by starts_on) as expected_period_index,
        lag(ends_on) over (order by starts_on) as previous_ends_on
    from periods

)

select
    accounting_period,
    period_index,
    previous_ends_on,
    starts_on,
    ends_on
from compared
where
    period_index <> expected_period_index
    or ends_on < starts_on
    or starts_on <> {{ add_days('previous_ends_on', 1) }}
