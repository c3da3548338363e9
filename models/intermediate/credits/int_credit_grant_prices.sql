-- One row per grant: how it is presented, the price that values it as two
-- integers (minor units for so many 10^-9 of a credit) and what is wrong with
-- that price.
with

grants as (

    select * from {{ ref('int_credit_grants') }}

),

origins as (

    select * from {{ ref('int_credit_grant_origins') }}

),

list_prices as (

    select * from {{ ref('int_credit_grant_list_prices') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

presented as (

    select
        grants.*,
        coalesce(grants.currency, list_prices.currency) as priced_currency,
        currencies.currency is not null as is_known_currency,
        currencies.minor_units,
        currencies.minor_unit,
        origins.booked_date,
        -- An overdraft has no grant that bounds its units.
        case
            when grants.funding = 'overdraft' then origins.moved_units
            else origins.absolute_units
        end as absolute_units,
        origins.first_granted_units,
        origins.opening_period_index,
        -- What was left of a grant has its share of the price of all its units.
        case
            when origins.opening_period_index is null then origins.first_granted_units
            else coalesce(grants.granted_units, 0)
        end as priced_units,
        coalesce(list_prices.known_interval, origins.known_interval) as known_interval,
        list_prices.list_price,
        case
            when grants.funding in ('paid', 'prepayment', 'gift_card') then 'deferred'
            when grants.funding = 'on_account' then 'owed'
            when grants.funding = 'goodwill' and grants.goodwill_policy = 'at_issue'
                then 'owed'
            when grants.funding = 'promotional' and grants.promotional_policy = 'gross'
                then 'gross'
            when grants.funding = 'overdraft' and grants.overdraft_policy = 'when_used'
                then 'accrued'
            when
                grants.funding = 'recurring'
                and grants.recurring_policy = 'paid_if_priced' then 'deferred'
            else 'memo'
        end as presentation
    from grants
    left join origins
        on
            grants.source_system = origins.source_system
            and grants.grant_id = origins.grant_id
    left join list_prices
        on
            grants.source_system = list_prices.source_system
            and grants.grant_id = list_prices.grant_id
    left join currencies
        on coalesce(grants.currency, list_prices.currency) = currencies.currency

),

scaled as (

    select
        *,
        {{ price_integer('list_price') }} as list_price_integer,
        {{ price_integer('price_total') }} as price_total_integer,
        {{ price_integer('price_per_unit') }} as price_per_unit_integer,
        {{ nano_units('priced_units') }} as priced_nano
    from presented

),

problems as (

    select
        *,
        case
            when presentation = 'memo' then null
            when presentation = 'owed' and not is_known_currency then 'unknown_currency'
            when presentation = 'owed' then null
            when presentation <> 'deferred' and list_price is null then 'missing_list_price'
            when presentation <> 'deferred' then null
            when price_total is null and price_per_unit is null and funding = 'recurring'
                then 'recurring_without_cost'
            when price_total is null and price_per_unit is null then 'missing_cost_basis'
            when least(price_total, price_per_unit) < 0 then 'negative_cost'
            when not is_known_currency then 'unknown_currency'
            when price_total is null then null
            when
                not {{ agrees_with_total(
                    'price_per_unit_integer', 'price_total_integer', 'priced_nano'
                ) }}
                then 'cost_basis_conflict'
            when price_total > 0 and priced_units = 0 then 'cost_without_units'
        end as price_problem
    from scaled

),

final as (

    select
        *,
        case
            when price_problem is not null or presentation = 'memo' then null
            -- What is owed is money: a credit of one is one, whatever it cost.
            when presentation = 'owed' then cast(1000000000000 as {{ type_integer() }})
            when presentation <> 'deferred' then list_price_integer
            when price_total is not null then price_total_integer
            else price_per_unit_integer
        end * minor_units as minor_units_numerator,
        case
            when presentation = 'deferred' and price_total is not null then priced_nano
            else cast(1000000000 as {{ type_integer() }})
        end * 1000000000000 as nano_units_denominator
    from problems

)

select * from final
