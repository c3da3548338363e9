-- One row per obligation in a foreign currency: the rate of the day on which it
-- was first booked, which it keeps (deferred revenue is not monetary), or why
-- its entries are not translated.
{{ config(materialized='table') }}

with

postings as (

    select * from {{ ref('int_postings') }}
    where
        currency <> {{ functional_currency_value() }}
        and not is_settlement

),

days as (

    select * from {{ ref('int_fx_days') }}

),

-- The turnover of an obligation bounds each of its cumulatives.
obligations as (

    select
        source_system,
        obligation_type,
        obligation_id,
        currency,
        min(booked_date) as booked_date,
        sum(abs(value_minor)) as turnover_minor
    from postings
    group by source_system, obligation_type, obligation_id, currency

),

final as (

    select
        obligations.source_system,
        obligations.obligation_type,
        obligations.obligation_id,
        obligations.currency,
        obligations.booked_date,
        days.numerator,
        days.denominator,
        case
            when days.numerator is null then 'missing_fx_rate'
            when obligations.turnover_minor > days.most_minor then 'fx_out_of_range'
        end as fx_reason
    from obligations
    left join days
        on
            obligations.currency = days.currency
            and obligations.booked_date = days.day

)

select * from final
