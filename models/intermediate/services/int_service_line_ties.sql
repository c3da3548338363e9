-- One row per scheduled part with a value: what its line says beside what the
-- journal and the schedule hold of it (S1), and what it should still defer beside
-- what the journal defers (S2).
{{ config(materialized='table') }}

with

shares as (

    select * from {{ ref('int_service_line_shares') }}

),

effects as (

    select * from {{ ref('int_service_line_effects') }}

),

slices as (

    select * from {{ ref('int_recognised_slices') }}
    where not is_recognised

),

deleted_items as (

    select
        source_system,
        line_id
    from {{ ref('int_line_events') }}
    where event_type = 'item_deleted'
    group by source_system, line_id

),

scheduled as (

    select
        source_system,
        line_id,
        part_number,
        sum(amount_minor) as scheduled_minor
    from slices
    group by source_system, line_id, part_number

),

gathered as (

    select
        shares.*,
        deleted_items.line_id is not null as is_deleted,
        coalesce(scheduled.scheduled_minor, 0) as scheduled_minor,
        coalesce(effects.deferred_minor, 0) as deferred_minor,
        coalesce(effects.recognised_minor, 0) as recognised_minor,
        coalesce(effects.reversed_deferred_minor, 0) as reversed_deferred_minor,
        coalesce(effects.deleted_contra_minor, 0) as deleted_contra_minor,
        -- What leaves the line: a gain leaves it as reversed as it was.
        coalesce(
            effects.reversed_deferred_minor
            + effects.contra_minor
            - case
                when shares.recovery = 'as_gains' then effects.restored_contra_minor
                else 0
            end,
            0
        ) as reversed_minor,
        abs(shares.amount_minor) as amount_weight,
        abs(shares.amount_minor - shares.earned_minor) as unearned_weight,
        abs(shares.unscheduled_minor) as unscheduled_weight
    from shares
    left join effects
        on
            shares.source_system = effects.source_system
            and shares.obligation_id = effects.obligation_id
    left join scheduled
        on
            shares.source_system = scheduled.source_system
            and shares.line_id = scheduled.line_id
            and shares.part_number = scheduled.part_number
    left join deleted_items
        on
            shares.source_system = deleted_items.source_system
            and shares.line_id = deleted_items.line_id

),

weighed as (

    select
        *,
        amount_minor - reversed_minor as left_minor
    from gathered

),

valued as (

    select
        *,
        {{ share_minor('left_minor', 'unearned_weight', 'amount_weight') }} as unearned_minor,
        {{ share_minor('left_minor', 'unscheduled_weight', 'amount_weight') }}
            as left_unscheduled_minor
    from weighed

),

compared as (

    select
        source_system,
        obligation_id,
        currency,
        amount_minor as billed_minor,
        -- A deleted item was never billed: what is not a contra of it never was.
        recognised_minor + scheduled_minor + reversed_deferred_minor
        + case
            when is_deleted then amount_minor - deleted_contra_minor
            else left_unscheduled_minor
        end as accounted_minor,
        case when booked_date is null then 0 else unearned_minor end as unearned_minor,
        deferred_minor,
        tolerance_minor
    from valued

),

final as (

    select
        source_system,
        obligation_id,
        currency,
        billed_minor,
        accounted_minor,
        unearned_minor,
        deferred_minor,
        case
            when abs(unearned_minor - deferred_minor) < tolerance_minor
                then unearned_minor - deferred_minor
            else 0
        end as explained_minor
    from compared

)

select * from final
