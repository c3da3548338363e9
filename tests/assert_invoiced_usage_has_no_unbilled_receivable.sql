-- Once a billing period is invoiced to its end, nothing of it is unbilled.
with

usage_periods as (

    select * from {{ ref('fct_usage_periods') }}

)

select *
from usage_periods
where is_invoiced and unbilled_minor <> 0
