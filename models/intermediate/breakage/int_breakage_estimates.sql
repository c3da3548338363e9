-- One row per row of the seed breakage_estimates, parsed, with the accounting period from
-- which it acts and what is wrong with it. A singular test stops the build where `problem`
-- is not null. An estimate acts from the period of its date on, or the first one that was
-- open when it became known: never backwards.
{{ config(materialized='table') }}

with

estimates as (

    select * from {{ raw('finance', 'breakage_estimates') }}

),

accounting_days as (

    select * from {{ ref('int_accounting_days') }}

),

known_floors as (

    select * from {{ ref('int_known_floors') }}

),

parsed as (

    select
        {{ text_value('product_id') }} as product_id,
        {{ text_value('credit_unit') }} as credit_unit,
        {{ text_value('category') }} as category,
        {{ text_value('term_months') }} as term_months,
        {{ text_value('grant_month') }} as grant_month,
        {{ parse_day("grant_month || '-01'") }} as grant_starts_on,
        {{ parse_decimal('term_months', 7, 1) }} as term_number,
        {{ parse_decimal('expected_unexercised_rate', 7, 6) }} as estimated_rate,
        {{ parse_day('effective_from') }} as effective_from,
        {{ parse_timestamp('known_at') }} as known_at,
        {{ text_value('source') }} as estimate_source,
        {{ text_value('approved_by') }} as approved_by,
        {{ text_value('memo') }} as memo
    from estimates

),

keyed as (

    select
        *,
        {{ key_hash([
            'product_id', 'credit_unit', 'category', 'term_months', 'grant_month',
            'effective_from', epoch_microseconds('known_at'),
        ]) }} as estimate_key,
        -- The most specific estimate wins: the most keys, then the first of them.
        case when product_id is null then 0 else 10016 end
        + case when credit_unit is null then 0 else 10008 end
        + case when category is null then 0 else 10004 end
        + case when term_months is null then 0 else 10002 end
        + case when grant_month is null then 0 else 10001 end as specificity
    from parsed

),

final as (

    select
        keyed.*,
        cast(keyed.estimated_rate * 1000000 as bigint) as rate_micro,
        greatest(accounting_days.period_index, known_floors.first_open_period_index)
            as posting_period_index,
        coalesce(accounting_days.is_counted, false) as is_counted,
        case
            when keyed.estimated_rate is null
                then 'expected_unexercised_rate is empty or no number of up to six decimals'
            when keyed.estimated_rate < 0 or keyed.estimated_rate >= 1
                then 'expected_unexercised_rate is not from 0 to below 1'
            when
                keyed.term_months <> 'none'
                and keyed.term_months
                <> coalesce(cast(cast(keyed.term_number as integer) as varchar), '')
                then 'term_months is not empty, none or a whole number'
            when
                keyed.grant_month is not null
                and (length(keyed.grant_month) <> 7 or keyed.grant_starts_on is null)
                then 'grant_month is not empty or a month such as 2026-01'
            when
                keyed.category is not null
                and keyed.category not in (
                    'paid', 'recurring', 'prepayment', 'gift_card', 'promotional'
                )
                then 'category is no funding of credits with value'
            when accounting_days.period_index is null then 'effective_from is empty or no day'
            when known_floors.known_interval is null then 'known_at is empty or no time'
            when count(*) over (partition by keyed.estimate_key) > 1
                then 'two estimates of one cohort with one effective_from and known_at'
        end as problem
    from keyed
    left join accounting_days
        on keyed.effective_from = accounting_days.accounting_date
    left join known_floors
        on
            cast(keyed.known_at as date) = known_floors.known_date
            and keyed.known_at >= known_floors.known_from
            and keyed.known_at < known_floors.known_to
    where not {{ is_known_later('keyed.known_at') }}

)

select * from final
