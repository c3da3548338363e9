-- The slices of int_schedule_plugs: of the period that is cut at as_of_date each
-- side's share, and what was earned before the line was booked caught up in its
-- period.
with

spreads as (

    select * from {{ ref('int_schedule_spreads') }}
    where rounding <> 'cumulative'

),

plugs as (

    select * from {{ ref('int_schedule_plugs') }}

),

ended_periods as (

    select * from {{ ref('int_recognition_windows') }}
    where is_recognised and is_whole_period

),

cut as (

    select
        spreads.*,
        cast(plugs.period_minor as bigint) as period_minor,
        plugs.period_weight,
        spreads.weight_before - plugs.period_weight_before as cut_before,
        spreads.weight_after - plugs.period_weight_before as cut_after,
        spreads.effective_period_index < coalesce(spreads.floor_index, 0) as is_caught_up,
        ended_periods.ends_on as floor_ends_on
    from spreads
    inner join plugs
        on
            spreads.source_system = plugs.source_system
            and spreads.line_id = plugs.line_id
            and spreads.part_number = plugs.part_number
            and spreads.effective_period_index = plugs.effective_period_index
    left join ended_periods
        on spreads.floor_index = ended_periods.period_index

),

placed as (

    select
        source_system,
        line_id,
        part_number,
        greatest(effective_period_index, coalesce(floor_index, 0)) as effective_period_index,
        greatest(effective_period_index, coalesce(floor_index, 0), schedule_floor_index)
            as accounting_period_index,
        is_recognised or is_caught_up as is_recognised,
        case
            when not is_caught_up then recognised_on
            when granularity in ('by_day', 'by_second') then greatest(recognised_on, floor_date)
            else coalesce(floor_ends_on, floor_date)
        end as recognised_on,
        {{ share_minor('period_minor', 'cut_after', 'period_weight') }}
        - {{ share_minor('period_minor', 'cut_before', 'period_weight') }} as slice_minor
    from cut

),

summed as (

    select
        source_system,
        line_id,
        part_number,
        effective_period_index,
        accounting_period_index,
        is_recognised,
        max(recognised_on) as recognised_on,
        sum(slice_minor) as slice_minor
    from placed
    group by
        source_system,
        line_id,
        part_number,
        effective_period_index,
        accounting_period_index,
        is_recognised

),

final as (

    select
        *,
        cast(sum(slice_minor) over (
            partition by source_system, line_id, part_number
            order by effective_period_index asc, is_recognised desc
            rows between unbounded preceding and current row
        ) as bigint) as cumulative_after
    from summed

)

select
    source_system,
    line_id,
    part_number,
    effective_period_index,
    accounting_period_index,
    is_recognised,
    recognised_on,
    cast(cumulative_after - slice_minor as bigint) as cumulative_before,
    cumulative_after
from final
