-- The minor units of one major unit, times the value of one of them, are exactly
-- one major unit in every currency; the same of Stripe's minor units.
{{ config(group='revrec') }}

with

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

)

select
    currency,
    exponent,
    minor_units,
    minor_unit,
    stripe_minor_units,
    stripe_minor_unit
from currencies
where
    coalesce(minor_units * minor_unit, 0) <> 1
    or coalesce(stripe_minor_units * stripe_minor_unit, 0) <> 1
