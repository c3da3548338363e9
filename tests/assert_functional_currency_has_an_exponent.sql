-- The functional currency, where there is one, is in currencies.
{{ config(group='revrec') }}

with

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

counted as (

    select count(*) as known
    from currencies
    where currency = {{ functional_currency_value() }}

)

select
    {{ functional_currency_value() }} as functional_currency,
    known
from counted
where {{ functional_currency_value() }} is not null and known <> 1
