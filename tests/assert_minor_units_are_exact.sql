-- The minor units of one major unit, times the value of one of them, are exactly
-- one major unit in every currency.
{{ config(group='revrec') }}

with

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

)

select
    currency,
    exponent,
    minor_units,
    minor_unit
from currencies
where coalesce(minor_units * minor_unit, 0) <> 1
