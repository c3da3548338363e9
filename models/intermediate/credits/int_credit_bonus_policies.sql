-- One row per grant of int_credit_bonus_purchases: the standalone selling price of its
-- credit unit and what policy bonus_credits says. The price is the newest in force on
-- its booking day among those known before the period was closed; 0 is none.
with

purchases as (

    select * from {{ ref('int_credit_bonus_purchases') }}

),

grants as (

    select * from {{ ref('int_credit_grants') }}

),

prices as (

    select * from {{ ref('int_standalone_selling_prices') }}

),

ranked_prices as (

    select
        purchases.source_system,
        purchases.grant_id,
        prices.unit_price_millionths,
        row_number() over (
            partition by purchases.source_system, purchases.grant_id
            order by prices.effective_from desc, prices.known_at desc, prices.unit_price asc
        ) as preference
    from purchases
    inner join prices
        on
            purchases.credit_unit = prices.product_id
            and purchases.currency = prices.currency
            and purchases.booked_date >= prices.effective_from
            and purchases.posted_period_index >= prices.known_floor_index

),

priced as (

    select
        purchases.*,
        nullif(ranked_prices.unit_price_millionths, 0) as unit_price_millionths
    from purchases
    left join ranked_prices
        on
            purchases.source_system = ranked_prices.source_system
            and purchases.grant_id = ranked_prices.grant_id
            and ranked_prices.preference = 1

),

counted as (

    select
        *,
        count(*) over (partition by purchase_key)
        = count(unit_price_millionths) over (partition by purchase_key) as has_standalone_prices
    from priced

),

described as (

    select
        grants.*,
        counted.has_standalone_prices
    from counted
    inner join grants
        on
            counted.source_system = grants.source_system
            and counted.grant_id = grants.grant_id
    where counted.purchase_key is not null

),

answers as (

    select
        source_system,
        grant_id,
        {{ bonus_credits() }} as bonus_policy
    from described

),

final as (

    select
        counted.*,
        case
            when counted.purchase_key is null then 'zero_cost'
            else answers.bonus_policy
        end as bonus_policy
    from counted
    left join answers
        on
            counted.source_system = answers.source_system
            and counted.grant_id = answers.grant_id

)

select * from final
