-- The slices of int_schedule_plugs: cumulative amounts, and of the period that is
-- cut at as_of_date each side's share.
with

spreads as (

    select * from {{ ref('int_schedule_spreads') }}
    where rounding <> 'cumulative'

),

plugs as (

    select * from {{ ref('int_schedule_plugs') }}

),

cumulated as (

    select
        *,
        cast(sum(period_minor) over (
            partition by source_system, line_id, part_number
            order by effective_period_index
            rows between unbounded preceding and current row
        ) - period_minor as bigint) as minor_before,
        cast(period_minor as bigint) as slice_minor
    from plugs

),

shared as (

    select
        spreads.*,
        cumulated.minor_before,
        cumulated.slice_minor,
        cumulated.period_weight,
        spreads.weight_before - cumulated.period_weight_before as cut_before,
        spreads.weight_after - cumulated.period_weight_before as cut_after
    from spreads
    inner join cumulated
        on
            spreads.source_system = cumulated.source_system
            and spreads.line_id = cumulated.line_id
            and spreads.part_number = cumulated.part_number
            and spreads.effective_period_index = cumulated.effective_period_index

),

final as (

    select
        source_system,
        line_id,
        part_number,
        effective_period_index,
        accounting_period_index,
        is_recognised,
        recognised_on,
        minor_before + {{ share_minor('slice_minor', 'cut_before', 'period_weight') }}
            as cumulative_before,
        minor_before + {{ share_minor('slice_minor', 'cut_after', 'period_weight') }}
            as cumulative_after
    from shared

)

select * from final
