-- Every row of credit_conversions can be read and says how much usage a credit pays.
{{ config(group='revrec') }}

with

credit_conversions as (

    select * from {{ ref('int_credit_conversions') }}

)

select *
from credit_conversions
where problem is not null
