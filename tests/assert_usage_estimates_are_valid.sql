-- Every row of usage_estimates can be read and says what is expected.
{{ config(group='revrec') }}

with

usage_estimates as (

    select * from {{ ref('int_usage_estimates') }}

)

select *
from usage_estimates
where problem is not null
