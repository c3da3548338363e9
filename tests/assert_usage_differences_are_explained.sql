-- Each difference between the meter and the journal has a cause, to the last decimal.
with

reconciliation as (

    select * from {{ ref('rpt_usage_reconciliation') }}

)

select *
from reconciliation
where unexplained_minor <> 0
