-- Every row of remote_credits can be read and means one thing.
{{ config(group='revrec') }}

with

remote_credits as (

    select * from {{ ref('int_remote_credits') }}

)

select *
from remote_credits
where problem is not null
