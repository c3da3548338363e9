-- One row per number of periods and each of them, counted from 0. What lasts for
-- some periods is joined to them by equality, which engines do far faster than
-- by two bounds.
with

periods as (

    select * from {{ ref('dim_accounting_periods') }}

)

select
    spans.period_index as period_count,
    periods.period_index - 1 as period_offset
from periods as spans
inner join periods
    on spans.period_index >= periods.period_index
