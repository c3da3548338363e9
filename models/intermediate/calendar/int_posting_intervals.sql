-- One row per accounting period and close interval: the last interval up to
-- which a fact of that period still posts as it does when known in this one.
-- While a period is open it makes no difference when a fact became known, so
-- the ledger needs one group for all of them.
with

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

close_intervals as (

    select * from {{ ref('int_close_intervals') }}

),

grid as (

    select
        periods.period_index,
        close_intervals.known_interval,
        close_intervals.first_open_period_index <= periods.period_index as is_open
    from periods
    cross join close_intervals

),

-- Read from the last interval back, the closed interval met last is the next.
bounded as (

    select
        *,
        min(case when not is_open then known_interval end) over (
            partition by period_index
            order by known_interval desc
            rows between unbounded preceding and current row
        ) as next_closed_interval,
        max(known_interval) over (partition by period_index) as last_interval
    from grid

)

select
    period_index,
    known_interval,
    case
        when is_open then coalesce(next_closed_interval - 1, last_interval)
        else known_interval
    end as posting_interval
from bounded
