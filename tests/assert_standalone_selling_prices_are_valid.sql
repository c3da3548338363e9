-- Every row of standalone_selling_prices can be read, has a price that is not
-- negative and a time when it became known, and is the only one for its product,
-- currency, first day and time.
{{ config(group='revrec') }}

with

prices as (

    select * from {{ ref('int_standalone_selling_prices') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

counted as (

    select
        prices.*,
        currencies.currency is not null as is_known_currency,
        count(*) over (
            partition by
                prices.product_id, prices.currency, prices.effective_from, prices.known_at
        ) as copies
    from prices
    left join currencies
        on prices.currency = currencies.currency

),

judged as (

    select
        *,
        case
            when product_id is null then 'product_id is empty'
            when not is_known_currency then 'the currency is empty or not in currencies'
            when unit_price is null then 'unit_price is empty or cannot be read'
            when unit_price < 0 then 'unit_price is negative'
            when effective_from is null then 'effective_from is empty or cannot be read'
            when known_at is null then 'known_at is empty or cannot be read'
            when known_floor_index is null then 'known_at is outside 1900 to 2199'
            when copies > 1 then 'several rows for one product, currency, day and known_at'
        end as problem
    from counted

)

select
    product_id,
    currency,
    unit_price,
    effective_from,
    known_at,
    problem
from judged
where problem is not null
