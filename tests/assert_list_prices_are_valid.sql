-- Every row of list_prices can be read, has a price that is not negative and a
-- time when it became known, and is the only one for its unit, currency, first
-- day and time.
{{ config(group='revrec') }}

with

list_prices as (

    select * from {{ ref('int_list_prices') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

counted as (

    select
        list_prices.*,
        currencies.currency is not null as is_known_currency,
        count(*) over (
            partition by
                list_prices.credit_unit,
                list_prices.currency,
                list_prices.effective_from,
                list_prices.known_at
        ) as copies
    from list_prices
    left join currencies
        on list_prices.currency = currencies.currency

),

judged as (

    select
        *,
        case
            when credit_unit is null or trim(credit_unit) = '' then 'credit_unit is empty'
            when not is_known_currency then 'the currency is empty or not in currencies'
            when list_price is null then 'list_price is empty or cannot be read'
            when list_price < 0 then 'list_price is negative'
            when effective_from is null then 'effective_from is empty or cannot be read'
            when known_at is null then 'known_at is empty or cannot be read'
            when known_interval is null then 'known_at is outside 1900 to 2199'
            when copies > 1 then 'several rows for one unit, currency, day and known_at'
        end as problem
    from counted

)

select
    credit_unit,
    currency,
    list_price,
    effective_from,
    known_at,
    problem
from judged
where problem is not null
