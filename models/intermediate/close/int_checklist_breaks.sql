-- One row per accounting period with entries that are no longer derived as they were sealed:
-- how many there are, and how many no correction makes up for.
with

breaks as (

    select * from {{ ref('rec_seal_breaks') }}

)

select
    accounting_period,
    count(*) as entry_count,
    count(case when not is_corrected then 1 end) as open_count
from breaks
group by accounting_period
