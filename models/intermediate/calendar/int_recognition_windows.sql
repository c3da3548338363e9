-- One row per accounting period; two for the period that holds as_of_date: what
-- is recognised through that day, and what is still to come.
with

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

cut as (

    select
        period_index,
        starts_on,
        least(ends_on, cast('{{ as_of_date() }}' as date)) as ends_on,
        ends_on as period_ends_on,
        true as is_recognised
    from periods
    where starts_on <= cast('{{ as_of_date() }}' as date)

    union all

    select
        period_index,
        greatest(starts_on, {{ add_days("cast('" ~ as_of_date() ~ "' as date)", 1) }})
            as starts_on,
        ends_on,
        ends_on as period_ends_on,
        false as is_recognised
    from periods
    where ends_on > cast('{{ as_of_date() }}' as date)

),

bounded as (

    select
        *,
        {{ add_days('ends_on', 1) }} as next_starts_on,
        ends_on = period_ends_on as is_last_of_period,
        count(*) over (partition by period_index) = 1 as is_whole_period
    from cut

),

final as (

    select
        *,
        {{ epoch_seconds(day_start_in_utc('starts_on', accounting_timezone())) }}
            as starts_second,
        {{ epoch_seconds(day_start_in_utc('next_starts_on', accounting_timezone())) }}
            as next_starts_second
    from bounded

)

select * from final
