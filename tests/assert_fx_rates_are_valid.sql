-- Every row of fx_rates can be read, names two currencies that have an exponent
-- and differ, has a rate above zero, and is the only one for its pair and day.
{{ config(group='revrec') }}

with

rates as (

    select * from {{ ref('int_fx_rates') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

counted as (

    select
        rates.*,
        from_currencies.currency is not null as is_known_from,
        to_currencies.currency is not null as is_known_to,
        count(*) over (
            partition by rates.rate_date, rates.from_currency, rates.to_currency
        ) as copies
    from rates
    left join currencies as from_currencies
        on rates.from_currency = from_currencies.currency
    left join currencies as to_currencies
        on rates.to_currency = to_currencies.currency

),

judged as (

    select
        *,
        case
            when rate_date is null then 'rate_date is empty or cannot be read'
            when not is_known_from then 'from_currency is empty or not in currencies'
            when not is_known_to then 'to_currency is empty or not in currencies'
            when from_currency = to_currency then 'the two currencies are one'
            when rate is null then 'rate is empty or cannot be read'
            when rate <= 0 then 'rate is not above zero'
            when copies > 1 then 'several rows for one pair and day'
        end as problem
    from counted

)

select
    rate_date,
    from_currency,
    to_currency,
    rate,
    problem
from judged
where problem is not null
