{{ config(materialized='table') }}

with

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

-- The longest period has six weeks.
day_numbers as (

    {{ integers(42) }}

),

final as (

    select
        periods.period_index,
        {{ add_days('periods.starts_on', 'day_numbers.n') }} as accounting_date,
        {{ add_days('periods.starts_on', 'day_numbers.n') }}
        <= cast('{{ as_of_date() }}' as date) as is_counted
    from periods
    inner join day_numbers
        on day_numbers.n <= {{ days_between('periods.starts_on', 'periods.ends_on') }}

)

select * from final
