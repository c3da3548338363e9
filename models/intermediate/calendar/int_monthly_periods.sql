with

months as (

    {{ integers(720) }}

),

bounds as (

    select
        n + 1 as period_index,
        {{ add_months("cast('2000-01-01' as date)", 'n') }} as starts_on,
        {{ add_months("cast('2000-01-01' as date)", 'n + 1') }} as next_starts_on
    from months

),

numbered as (

    select
        *,
        {{ year_of('starts_on') }} as calendar_year,
        cast(extract(month from starts_on) as integer) as month_number
    from bounds

),

final as (

    select
        cast(calendar_year as varchar) || '-'
        || lpad(cast(month_number as varchar), 2, '0') as accounting_period,
        period_index,
        starts_on,
        {{ add_days('next_starts_on', -1) }} as ends_on,
        1 + cast({{ integer_divide(
            '(month_number - ' ~ fiscal_start_month() ~ ' + 12) % 12', 3
        ) }} as integer) as fiscal_quarter,
        calendar_year + case
            when {{ fiscal_start_month() }} > 1 and month_number >= {{ fiscal_start_month() }}
                then 1
            else 0
        end as fiscal_year
    from numbered

)

select * from final
