-- One row per part and period for the roundings that are not cumulative: each
-- period is rounded or cut by itself, and one period takes what is left.
with

spreads as (

    select * from {{ ref('int_schedule_spreads') }}
    where rounding <> 'cumulative'

),

-- The period of as_of_date is rounded whole.
periods as (

    select
        source_system,
        line_id,
        part_number,
        effective_period_index,
        rounding,
        amount_minor,
        total_weight,
        min(weight_before) as period_weight_before,
        max(weight_after) - min(weight_before) as period_weight,
        max(granularity) in ('by_month_even', 'by_period_even')
        or (
            (max(periods_before) > 0 or bool_or(is_first_whole))
            and (max(periods_before) < max(period_count) - 1 or bool_or(is_last_whole))
        ) as is_full
    from spreads
    group by
        source_system,
        line_id,
        part_number,
        effective_period_index,
        rounding,
        amount_minor,
        total_weight

),

rounded as (

    select
        *,
        case
            when
                rounding = 'truncate_next_to_last'
                or (rounding = 'truncate_last_full_period' and is_full)
                then {{ share_minor_cut('amount_minor', 'period_weight', 'total_weight') }}
            else {{ share_minor('amount_minor', 'period_weight', 'total_weight') }}
        end as own_minor,
        row_number() over (
            partition by source_system, line_id, part_number
            order by effective_period_index
        ) as period_number,
        count(*) over (partition by source_system, line_id, part_number) as last_number
    from periods

),

numbered as (

    select
        *,
        max(case when is_full then period_number end) over (
            partition by source_system, line_id, part_number
        ) as last_full_number
    from rounded

),

chosen as (

    select
        *,
        period_number = case rounding
            when 'plug_first' then 1
            when 'plug_last' then last_number
            when 'truncate_last_full_period' then coalesce(last_full_number, last_number)
            when 'truncate_next_to_last' then greatest(last_number - 1, 1)
        end as takes_the_rest
    from numbered

),

final as (

    select
        *,
        case
            when takes_the_rest
                then amount_minor - sum(case when takes_the_rest then 0 else own_minor end) over (
                    partition by source_system, line_id, part_number
                )
            else own_minor
        end as period_minor
    from chosen

)

select * from final
