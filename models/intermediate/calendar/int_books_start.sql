-- One row where var('books_start') is set: the first accounting period of these books,
-- the instant at which it begins, and the period before it, which holds the opening
-- entries.
with

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

final as (

    select
        first_periods.period_index,
        first_periods.accounting_period,
        first_periods.starts_on,
        {{ day_start_in_utc('first_periods.starts_on', accounting_timezone()) }} as starts_at,
        opening_periods.accounting_period as opening_period,
        opening_periods.ends_on as opening_date,
        {{ day_start_in_utc('opening_periods.ends_on', accounting_timezone()) }} as opening_at
    from periods as first_periods
    inner join periods as opening_periods
        on first_periods.period_index - 1 = opening_periods.period_index
    where
        {{ books_start_value() }} between first_periods.starts_on and first_periods.ends_on

)

select * from final
