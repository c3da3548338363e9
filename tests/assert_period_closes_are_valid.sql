-- Every row of period_closes names a period of the calendar, can be read, and
-- closes the period after its end and before it is reopened.
{{ config(group='revrec') }}

with

closes as (

    select * from {{ ref('int_period_closes') }}

)

select
    accounting_period,
    closed_at,
    reopened_at,
    closed_by,
    problem
from closes
where problem is not null
