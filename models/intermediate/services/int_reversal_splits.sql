-- One row per part and step of an event: the part's share. A reversal takes from
-- each part in proportion to what is left of it; a restore gives back to each part
-- what the event that it undoes took from it, in proportion where it is not all (a
-- negative share). Cents go by the largest remainder. Each turn builds on what the
-- one before left, hence the recursion, the only one here: it sees no parts but
-- those whose invoice or line has an event. Beside the parts it carries what each
-- event took that is undone later (taken_by names it, share_minor is what it took),
-- or took over from another.
{{ config(materialized='table') }}

with recursive

parts as (

    select * from {{ ref('int_reversible_parts') }}

),

turns as (

    select * from {{ ref('int_line_event_turns') }}

),

targets as (

    select * from {{ ref('int_line_event_targets') }}

),

splits as (

    select
        source_system,
        scope_id,
        part_key,
        line_id,
        part_kind,
        recovery,
        amount_minor as remaining_minor,
        cast(null as varchar) as taken_by,
        cast(null as varchar) as event_id,
        cast(0 as bigint) as share_minor,
        cast(0 as bigint) as turn
    from parts

    union all

    (
        with

        turned as (

            select
                splits.*,
                turns.event_id as turn_event_id,
                turns.is_restore,
                turns.taken_over_by,
                turns.is_restore
                and turns.may_be_gain
                and splits.recovery = 'as_gains'
                or turns.taken_over_by is not null as stays_reversed,
                turns.turn as this_turn,
                case
                    when turns.is_restore then turns.restores_event_id
                    when turns.is_undone_later then turns.event_id
                end as remembered_event_id,
                coalesce(targets.line_id, '') || ' ' || coalesce(targets.part_kind, '')
                    as target_key,
                targets.amount_minor as target_minor,
                targets.event_id is null as is_left_alone,
                sum(
                    case when splits.taken_by = turns.restores_event_id then splits.share_minor end
                ) over (
                    partition by splits.source_system, splits.scope_id, splits.part_key
                ) as taken_minor
            from splits
            inner join turns
                on
                    splits.source_system = turns.source_system
                    and splits.scope_id = turns.scope_id
                    and splits.turn + 1 = turns.turn
            left join targets
                on
                    turns.source_system = targets.source_system
                    and turns.event_id = targets.event_id
                    and turns.step_number = targets.step_number
                    and splits.line_id = coalesce(targets.line_id, splits.line_id)
                    and splits.part_kind = coalesce(targets.part_kind, splits.part_kind)
                    and splits.taken_by is null

        ),

        weighed as (

            select
                *,
                cast(
                    case
                        when is_left_alone then 0
                        when is_restore then coalesce(taken_minor, 0)
                        else remaining_minor
                    end as bigint
                ) as weight
            from turned

        ),

        totalled as (

            select
                *,
                sum(weight) over (
                    partition by source_system, scope_id, is_left_alone, target_key
                ) as total_weight
            from weighed

        ),

        -- Never more than there is, never the other way.
        bounded as (

            select
                *,
                case
                    when target_minor is null then total_weight
                    when total_weight >= 0 then greatest(least(target_minor, total_weight), 0)
                    else least(greatest(target_minor, total_weight), 0)
                end as allocated_minor,
                greatest(abs(total_weight), 1) as divisor
            from totalled

        ),

        multiplied as (

            select
                *,
                {{ sign_of('total_weight') }} as direction,
                {{ sign_of('total_weight') }}
                * abs(cast(allocated_minor as {{ type_integer() }})) * weight as product
            from bounded

        ),

        divided as (

            select
                *,
                {{ floor_divide('product', 'divisor') }} as floor_minor
            from multiplied

        ),

        ranked as (

            select
                *,
                sum(floor_minor) over (
                    partition by source_system, scope_id, is_left_alone, target_key
                ) as floor_total,
                row_number() over (
                    partition by source_system, scope_id, is_left_alone, target_key
                    order by product - floor_minor * divisor desc, part_key asc
                ) as remainder_rank
            from divided

        ),

        shared as (

            select
                *,
                cast(
                    case when is_restore then -1 else 1 end * case
                        -- Also where all that is left nets to zero.
                        when target_minor is null then weight
                        else direction * (
                            floor_minor + case
                                when is_left_alone then 0
                                when remainder_rank <= abs(allocated_minor) - floor_total then 1
                                else 0
                            end
                        )
                    end as bigint
                ) as turn_share_minor
            from ranked

        )

        select
            source_system,
            scope_id,
            part_key,
            line_id,
            part_kind,
            recovery,
            remaining_minor - case when stays_reversed then 0 else turn_share_minor end
                as remaining_minor,
            taken_by,
            case when taken_by is null then turn_event_id else event_id end as event_id,
            case when taken_by is null then turn_share_minor else share_minor end as share_minor,
            this_turn as turn
        from shared

        union all

        select
            source_system,
            scope_id,
            part_key,
            line_id,
            part_kind,
            recovery,
            remaining_minor,
            remembered_event_id as taken_by,
            turn_event_id as event_id,
            turn_share_minor as share_minor,
            this_turn as turn
        from shared
        where
            taken_by is null
            and remembered_event_id is not null
            and turn_share_minor <> 0

        union all

        select
            source_system,
            scope_id,
            part_key,
            line_id,
            part_kind,
            recovery,
            remaining_minor,
            taken_over_by as taken_by,
            turn_event_id as event_id,
            -turn_share_minor as share_minor,
            this_turn as turn
        from shared
        where
            taken_by is null
            and taken_over_by is not null
            and turn_share_minor <> 0
    )

)

select
    source_system,
    part_key,
    event_id,
    share_minor
from splits
where taken_by is null and share_minor <> 0
