-- What the journal added to deferred revenue for a grant is the price of the
-- units granted; where it is the whole price, to the minor unit as the source
-- has it, or its part of the price of credits that were bought with bonus credits.
{{ config(group='revrec') }}

with

entries as (

    select * from {{ ref('int_derived_entries') }}
    where event_type in ('credit_granted', 'credit_adjusted')

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

terms as (

    select * from {{ ref('int_credit_grants') }}

),

origins as (

    select * from {{ ref('int_credit_grant_origins') }}

),

bonus_prices as (

    select * from {{ ref('int_credit_bonus_prices') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

added as (

    select
        source_system,
        obligation_id as grant_id,
        sum(case credit_account when 'deferred_revenue' then 1 else -1 end * amount_minor)
            as added_minor,
        sum(case credit_account when 'deferred_revenue' then 1 else -1 end * quantity)
            as added_units
    from entries
    group by source_system, obligation_id

),

priced as (

    select
        added.source_system,
        added.grant_id,
        grants.currency,
        added.added_units,
        added.added_minor,
        2 * {{ nano_units('added.added_units') }} * grants.price_numerator as twice_the_price,
        (2 * cast(added.added_minor as {{ type_integer() }}) - 1) * grants.price_denominator
            as twice_the_least,
        (2 * cast(added.added_minor as {{ type_integer() }}) + 1) * grants.price_denominator
            as twice_the_most,
        case
            when
                added.added_units = origins.first_granted_units
                and origins.opening_period_index is null
                then coalesce(
                    bonus_prices.allocated_minor,
                    round(terms.price_total * currencies.minor_units, 0)
                )
        end as whole_price_minor
    from added
    left join grants
        on
            added.source_system = grants.source_system
            and added.grant_id = grants.grant_id
    left join terms
        on
            added.source_system = terms.source_system
            and added.grant_id = terms.grant_id
    left join origins
        on
            added.source_system = origins.source_system
            and added.grant_id = origins.grant_id
    left join bonus_prices
        on
            added.source_system = bonus_prices.source_system
            and added.grant_id = bonus_prices.grant_id
    left join currencies
        on grants.currency = currencies.currency

)

-- amount - 1/2 <= units x price < amount + 1/2, all times twice the denominator.
select
    source_system,
    grant_id,
    currency,
    added_units,
    added_minor,
    whole_price_minor
from priced
where
    twice_the_price is null
    or twice_the_price < twice_the_least
    or twice_the_price >= twice_the_most
    or added_minor <> whole_price_minor
