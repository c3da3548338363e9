-- One row: the accounting period after the newest seal in force, to which corrections of
-- sealed periods post. Without a seal the first of the calendar, to which none does.
with

seal_states as (

    select * from {{ ref('int_seal_states') }}
    where seal_state = 'in_force'

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

newest as (

    select coalesce(max(period_index), 0) as period_index
    from seal_states

)

select
    periods.accounting_period,
    periods.starts_on
from newest
inner join periods
    on newest.period_index + 1 = periods.period_index
