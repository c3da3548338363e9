-- One row per grant, ready to value its movements: the price in lowest terms,
-- whether every product stays exact, and the disposition of the grant row.
{{ config(materialized='table') }}

with

prices as (

    select * from {{ ref('int_credit_grant_prices') }}

),

bonus_prices as (

    select * from {{ ref('int_credit_bonus_prices') }}

),

-- Paid and bonus credits that share a price have their part of it for their units.
shared as (

    select
        prices.*,
        bonus_prices.bonus_policy,
        case
            when bonus_prices.bonus_policy = 'relative_ssp' then 'deferred'
            else prices.presentation
        end as presented_as,
        case
            when bonus_prices.bonus_policy = 'relative_ssp' then bonus_prices.price_problem
            else prices.price_problem
        end as problem,
        coalesce(bonus_prices.currency, prices.priced_currency) as currency_priced,
        coalesce(bonus_prices.minor_unit, prices.minor_unit) as minor_unit_priced,
        coalesce(bonus_prices.known_interval, prices.known_interval) as known_from_interval,
        coalesce(bonus_prices.allocated_minor, prices.minor_units_numerator) as minor_numerator,
        coalesce(bonus_prices.allocated_nano, prices.nano_units_denominator) as nano_denominator
    from prices
    left join bonus_prices
        on
            prices.source_system = bonus_prices.source_system
            and prices.grant_id = bonus_prices.grant_id

),

-- The absolute units bound every cumulative that will be valued.
divided as (

    select
        *,
        coalesce(absolute_units, 0) < 100000000000 as are_units_in_range,
        case
            when minor_numerator = 0 then nano_denominator
            when coalesce(absolute_units, 0) < 100000000000 then {{ greatest_common_divisor(
                'minor_numerator', 'nano_denominator'
            ) }}
        end as common_divisor,
        case when absolute_units < 100000000000 then {{ nano_units('absolute_units') }} end
            as absolute_nano
    from shared

),

reduced as (

    select
        *,
        case
            when common_divisor > 0
                then {{ integer_divide('minor_numerator', 'common_divisor') }}
            else 0
        end as price_numerator,
        case
            when common_divisor > 0
                then {{ integer_divide('nano_denominator', 'common_divisor') }}
            else 1
        end as price_denominator
    from divided

),

reasoned as (

    select
        *,
        case
            when version_reason is not null then version_reason
            when problem is not null then problem
            when presented_as = 'memo' then null
            when not are_units_in_range then 'out_of_range'
            when not {{ is_in_range('absolute_nano', 'price_numerator', 'price_denominator') }}
                then 'out_of_range'
            when
                presented_as = 'deferred'
                and breakage_policy = 'proportional'
                -- With opening units also what was used before the books start counts.
                and not {{ has_room_for_breakage(
                    '(absolute_nano + coalesce(priced_nano, 0))',
                    'price_numerator',
                    'price_denominator'
                ) }}
                then 'out_of_range'
        end as grant_reason
    from reduced

),

final as (

    select
        source_system,
        source_table,
        grant_id,
        customer_id,
        credit_unit,
        product_id,
        display_name,
        entity_id,
        funding,
        presented_as as presentation,
        -- Where the books hold what is left of the grant.
        case presented_as
            when 'deferred' then 'deferred_revenue'
            when 'owed' then 'customer_balance'
            when 'gross' then 'discounts'
            when 'accrued' then 'contract_asset'
        end as balance_account,
        funding <> 'overdraft' as is_capped,
        first_granted_units is not null as has_grant_entry,
        opening_period_index,
        currency_priced as currency,
        minor_unit_priced as minor_unit,
        price_numerator,
        price_denominator,
        granted_units,
        remaining_units,
        consumed_units,
        priority,
        invoice_id,
        is_invoice_paid,
        effective_at,
        expires_at,
        sold_from,
        sold_until,
        sold_units,
        booked_date,
        known_from_interval as known_interval,
        grant_debit_account,
        promotional_policy,
        overdraft_policy,
        goodwill_policy,
        plan_code,
        pool_id,
        revocation_policy,
        breakage_policy,
        bonus_policy,
        constraint_policy,
        cast(haircut_share * 1000000 as bigint) as haircut_micro,
        cohort_count,
        remote_after_days,
        jurisdiction,
        expiry_policy,
        refund_excess_policy,
        grant_reason,
        case
            when grant_reason is null then 'terms'
            when grant_reason in ('payment_pending', 'payment_failed') then 'excluded'
            else 'exception'
        end as grant_disposition
    from reasoned

)

select * from final
