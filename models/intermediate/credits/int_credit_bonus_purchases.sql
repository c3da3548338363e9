-- One row per grant of a purchase with bonus credits: grants with value and promotional
-- ones of one customer, on one invoice and in one currency, that post to one accounting
-- period; and per promotional grant that came to such an invoice later (purchase_key is
-- null: the price of a closed period does not move).
{{ config(materialized='table') }}

with

prices as (

    select * from {{ ref('int_credit_grant_prices') }}

),

origins as (

    select * from {{ ref('int_credit_grant_origins') }}

),

-- Few invoices, or none, have bonus credits: nothing else is read.
bonus_invoices as (

    select distinct
        source_system,
        customer_id,
        invoice_id
    from {{ ref('int_credit_grants') }}
    where funding = 'promotional' and version_reason is null

),

candidates as (

    select
        prices.source_system,
        prices.grant_id,
        prices.customer_id,
        prices.invoice_id,
        prices.credit_unit,
        prices.currency,
        prices.minor_unit,
        prices.booked_date,
        prices.minor_units_numerator,
        prices.nano_units_denominator,
        origins.known_interval,
        origins.first_posted_period_index as posted_period_index,
        prices.funding = 'promotional' as is_bonus,
        {{ nano_units('prices.priced_units') }} as priced_nano,
        {{ nano_units('prices.absolute_units') }} as absolute_nano
    from prices
    inner join bonus_invoices
        on
            prices.source_system = bonus_invoices.source_system
            and prices.customer_id = bonus_invoices.customer_id
            and prices.invoice_id = bonus_invoices.invoice_id
    inner join origins
        on
            prices.source_system = origins.source_system
            and prices.grant_id = origins.grant_id
    where
        prices.version_reason is null
        and (
            prices.funding = 'promotional'
            or (prices.presentation = 'deferred' and prices.price_problem is null)
        )
        and origins.first_posted_period_index is not null
        and prices.priced_units > 0
        and prices.absolute_units < 100000000000

),

bonuses as (

    select * from candidates
    where is_bonus

),

-- A grant that cannot be valued is an exception, and no part of a purchase.
divided as (

    select
        *,
        case
            when minor_units_numerator = 0 then nano_units_denominator
            else {{ greatest_common_divisor(
                'minor_units_numerator', 'nano_units_denominator'
            ) }}
        end as common_divisor
    from candidates
    where not is_bonus

),

reduced as (

    select
        *,
        {{ integer_divide('minor_units_numerator', 'common_divisor') }} as price_numerator,
        {{ integer_divide('nano_units_denominator', 'common_divisor') }} as price_denominator
    from divided

),

in_range as (

    select *
    from reduced
    where {{ is_in_range('absolute_nano', 'price_numerator', 'price_denominator') }}

),

valued as (

    select
        *,
        {{ value_minor('priced_nano', 'price_numerator', 'price_denominator') }} as own_minor
    from in_range

),

sold as (

    select
        source_system,
        customer_id,
        invoice_id,
        currency,
        posted_period_index,
        min(minor_unit) as minor_unit
    from valued
    group by source_system, customer_id, invoice_id, currency, posted_period_index

),

-- Credits without a currency take that of what was sold with them, if it has one only.
bought_together as (

    select
        bonuses.source_system,
        bonuses.grant_id,
        max(sold.currency) as currency,
        max(sold.minor_unit) as minor_unit
    from bonuses
    inner join sold
        on
            bonuses.source_system = sold.source_system
            and bonuses.customer_id = sold.customer_id
            and bonuses.invoice_id = sold.invoice_id
            and bonuses.posted_period_index = sold.posted_period_index
            and coalesce(bonuses.currency, sold.currency) = sold.currency
    group by bonuses.source_system, bonuses.grant_id
    having count(*) = 1

),

bonuses_placed as (

    select
        bonuses.*,
        bought_together.currency as purchase_currency,
        bought_together.minor_unit as purchase_minor_unit
    from bonuses
    left join bought_together
        on
            bonuses.source_system = bought_together.source_system
            and bonuses.grant_id = bought_together.grant_id
    where
        bought_together.grant_id is not null
        or exists (
            select 1 as is_earlier
            from sold
            where
                bonuses.source_system = sold.source_system
                and bonuses.customer_id = sold.customer_id
                and bonuses.invoice_id = sold.invoice_id
                and bonuses.posted_period_index >= sold.posted_period_index
        )

),

members as (

    select
        source_system,
        grant_id,
        customer_id,
        invoice_id,
        credit_unit,
        is_bonus,
        purchase_currency as currency,
        purchase_minor_unit as minor_unit,
        posted_period_index,
        known_interval,
        booked_date,
        priced_nano,
        cast(null as bigint) as own_minor
    from bonuses_placed

    union all

    select
        source_system,
        grant_id,
        customer_id,
        invoice_id,
        credit_unit,
        is_bonus,
        currency,
        minor_unit,
        posted_period_index,
        known_interval,
        booked_date,
        priced_nano,
        own_minor
    from valued

),

keyed as (

    select
        *,
        case
            when currency is not null then {{ key_hash([
                'source_system', 'customer_id', 'invoice_id', 'currency', 'posted_period_index'
            ]) }}
        end as purchase_key
    from members

),

final as (

    select
        *,
        max(case when is_bonus then 1 else 0 end) over (partition by purchase_key) as bonus_count
    from keyed

)

select
    source_system,
    grant_id,
    purchase_key,
    credit_unit,
    is_bonus,
    currency,
    minor_unit,
    posted_period_index,
    known_interval,
    booked_date,
    priced_nano,
    own_minor
from final
where bonus_count > 0
