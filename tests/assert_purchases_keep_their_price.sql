-- What the grants of a purchase with bonus credits have of its price is what its paid
-- grants were sold for: to the minor unit, and nothing of it is negative.
{{ config(group='revrec') }}

with

purchases as (

    select * from {{ ref('int_credit_bonus_purchases') }}

),

bonus_prices as (

    select * from {{ ref('int_credit_bonus_prices') }}

)

select
    bonus_prices.purchase_key,
    sum(purchases.own_minor) as sold_minor,
    sum(bonus_prices.allocated_minor) as allocated_minor
from bonus_prices
inner join purchases
    on
        bonus_prices.source_system = purchases.source_system
        and bonus_prices.grant_id = purchases.grant_id
where bonus_prices.bonus_policy = 'relative_ssp' and bonus_prices.price_problem is null
group by bonus_prices.purchase_key
having
    sum(purchases.own_minor) <> sum(bonus_prices.allocated_minor)
    or count(*) <> count(bonus_prices.allocated_minor)
    or min(bonus_prices.allocated_minor) < 0
