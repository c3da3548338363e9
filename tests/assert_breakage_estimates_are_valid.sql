-- Every row of breakage_estimates can be read and means one thing.
{{ config(group='revrec') }}

with

breakage_estimates as (

    select * from {{ ref('int_breakage_estimates') }}

)

select *
from breakage_estimates
where problem is not null
