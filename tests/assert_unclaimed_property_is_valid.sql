-- Every row of unclaimed_property can be read and means one thing.
{{ config(group='revrec') }}

with

unclaimed_property as (

    select * from {{ ref('int_unclaimed_property') }}

)

select *
from unclaimed_property
where problem is not null
