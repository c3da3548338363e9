-- Every row of usage_commitments can be read and says what is committed.
{{ config(group='revrec') }}

with

usage_commitments as (

    select * from {{ ref('int_usage_commitments') }}

)

select *
from usage_commitments
where problem is not null
