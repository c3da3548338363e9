-- One row per foreign currency and day on which something was booked, where
-- there is a rate: the latest on or before the day that is not too old.
{{ config(materialized='table') }}

with

postings as (

    select * from {{ ref('int_postings') }}
    where currency <> {{ functional_currency_value() }}

),

conversions as (

    select * from {{ ref('int_fx_conversions') }}

),

booked_days as (

    select
        currency,
        booked_date
    from postings
    group by currency, booked_date

),

timeline as (

    select
        currency,
        booked_date as day,
        cast(null as date) as rate_date
    from booked_days

    union all

    select
        currency,
        rate_date as day,
        rate_date
    from conversions

),

-- All rows of a day see the rate of that day.
carried as (

    select
        currency,
        day,
        rate_date is null as is_booked_day,
        max(rate_date) over (partition by currency order by day) as latest_rate_date
    from timeline

),

final as (

    select
        carried.currency,
        carried.day,
        conversions.rate_date,
        conversions.numerator,
        conversions.denominator,
        conversions.most_minor
    from carried
    inner join conversions
        on
            carried.currency = conversions.currency
            and carried.latest_rate_date = conversions.rate_date
    where
        carried.is_booked_day
        and {{ days_between('carried.latest_rate_date', 'carried.day') }}
        <= {{ fx_max_age_days() }}

)

select * from final
