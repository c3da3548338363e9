with

years as (

    {{ integers(121) }}

),

periods as (

    {{ integers(12) }}

),

anniversaries as (

    select {{ add_months(fiscal_first_day(), '12 * (n - 60)') }} as anniversary
    from years

),

-- Days since the last weekday on which fiscal years start, 0 to 6.
measured as (

    select
        anniversary,
        ({{ days_between(fiscal_first_day(), 'anniversary') }} % 7 + 7) % 7 as days_past
    from anniversaries

),

fiscal_years as (

    select
        anniversary,
        {{ year_of(add_days('anniversary', -1)) }} as ends_in_year,
        {{ add_days(
            'anniversary', 'case when days_past <= 3 then -days_past else 7 - days_past end'
        ) }} as year_starts_on
    from measured

),

named_years as (

    select
        year_starts_on,
        -- The year of the nominal end, the day before the anniversary: where
        -- years end around 1 January, the real end may be in either year.
        lead(ends_in_year) over (order by year_starts_on) as fiscal_year,
        lead(year_starts_on) over (order by year_starts_on) as next_year_starts_on
    from fiscal_years

),

starts as (

    select
        named_years.fiscal_year,
        periods.n + 1 as period_number,
        cast({{ integer_divide('periods.n', 3) }} as integer) as quarter_number,
        periods.n % 3 as month_of_quarter,
        named_years.year_starts_on
    from named_years
    cross join periods
    where named_years.next_year_starts_on is not null

),

dated as (

    select
        *,
        {{ add_days(
            'year_starts_on',
            '7 * (13 * quarter_number + case month_of_quarter when 0 then 0 when 1 then '
            ~ weeks_before(1) ~ ' else ' ~ weeks_before(2) ~ ' end)'
        ) }} as starts_on
    from starts

),

-- A 53rd week falls between P12 and the next year, so P12 takes it.
bounded as (

    select
        *,
        lead(starts_on) over (order by starts_on) as next_starts_on
    from dated

),

final as (

    select
        'FY' || cast(fiscal_year as varchar) || '-P'
        || lpad(cast(period_number as varchar), 2, '0') as accounting_period,
        cast(row_number() over (order by starts_on) as integer) as period_index,
        starts_on,
        {{ add_days('next_starts_on', -1) }} as ends_on,
        quarter_number + 1 as fiscal_quarter,
        fiscal_year
    from bounded
    where fiscal_year between 2001 and 2058

)

select * from final
