-- One row per accounting period and unbroken time for which it is or was closed when the
-- run began: from the close that began it to the reopening that ended it.
with

intervals as (

    select * from {{ ref('int_close_intervals') }}
    where known_from <= {{ run_start() }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

closed_through as (

    select max(first_open_period_index) as first_open_period_index
    from intervals

),

states as (

    select
        periods.accounting_period,
        periods.period_index,
        intervals.known_from,
        intervals.first_open_period_index > periods.period_index as is_closed,
        lag(intervals.first_open_period_index > periods.period_index, 1, false) over (
            partition by periods.period_index order by intervals.known_from
        ) as was_closed
    from periods
    inner join closed_through
        on periods.period_index < closed_through.first_open_period_index
    cross join intervals

),

turns as (

    select
        *,
        lead(known_from) over (partition by period_index order by known_from) as ended_at
    from states
    where is_closed <> was_closed

)

select
    accounting_period,
    period_index,
    known_from as closed_at,
    ended_at as reopened_at
from turns
where is_closed
