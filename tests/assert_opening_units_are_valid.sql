-- Every row of opening_units names a source and a grant, once, and holds units of the day
-- before the books start.
{{ config(group='revrec') }}

with

opening_units as (

    select * from {{ ref('int_opening_units') }}

)

select *
from opening_units
where problem is not null
