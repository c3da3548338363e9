-- One row per grant, ready to value its movements: the price in lowest terms,
-- whether every product stays exact, and the disposition of the grant row.
{{ config(materialized='table') }}

with

prices as (

    select * from {{ ref('int_credit_grant_prices') }}

),

-- The absolute units bound every cumulative that will be valued.
divided as (

    select
        *,
        coalesce(absolute_units, 0) < 100000000000 as are_units_in_range,
        case
            when minor_units_numerator = 0 then nano_units_denominator
            when coalesce(absolute_units, 0) < 100000000000 then {{ greatest_common_divisor(
                'minor_units_numerator', 'nano_units_denominator'
            ) }}
        end as common_divisor,
        case when absolute_units < 100000000000 then {{ nano_units('absolute_units') }} end
            as absolute_nano
    from prices

),

reduced as (

    select
        *,
        case
            when common_divisor > 0
                then {{ integer_divide('minor_units_numerator', 'common_divisor') }}
            else 0
        end as price_numerator,
        case
            when common_divisor > 0
                then {{ integer_divide('nano_units_denominator', 'common_divisor') }}
            else 1
        end as price_denominator
    from divided

),

reasoned as (

    select
        *,
        case
            when version_reason is not null then version_reason
            when price_problem is not null then price_problem
            when presentation = 'memo' then null
            when not are_units_in_range then 'out_of_range'
            when not {{ is_in_range('absolute_nano', 'price_numerator', 'price_denominator') }}
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
        presentation,
        -- Where the books hold what is left of the grant.
        case presentation
            when 'deferred' then 'deferred_revenue'
            when 'owed' then 'customer_balance'
            when 'gross' then 'discounts'
            when 'accrued' then 'contract_asset'
        end as balance_account,
        funding <> 'overdraft' as is_capped,
        first_granted_units is not null as has_grant_entry,
        opening_period_index,
        priced_currency as currency,
        minor_unit,
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
        booked_date,
        known_interval,
        grant_debit_account,
        promotional_policy,
        overdraft_policy,
        goodwill_policy,
        plan_code,
        pool_id,
        revocation_policy,
        breakage_policy,
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
