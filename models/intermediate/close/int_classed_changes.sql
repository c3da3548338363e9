-- One row per changed entry and side (as in int_changed_entries), and the one class that
-- says why it changed: the first that fits. Corrections are what closes move; what happened
-- after the day of the build before is the passing of time, unless older entries of the
-- obligation changed with it.
with

changes as (

    select * from {{ ref('int_changed_entries') }}

),

this_build as (

    select * from {{ ref('int_this_build') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

compared as (

    select
        changes.*,
        this_build.build_id,
        this_build.build_number,
        coalesce(this_build.calendar_digest <> this_build.previous_calendar_digest, false)
            as is_other_calendar,
        coalesce(
            this_build.policy_digest <> this_build.previous_policy_digest
            or this_build.settings_digest <> this_build.previous_settings_digest
            or this_build.project_version <> this_build.previous_project_version,
            false
        ) as is_other_policy,
        coalesce(
            this_build.as_of_date <> this_build.previous_as_of_date
            and periods.ends_on
            > least(this_build.as_of_date, this_build.previous_as_of_date),
            false
        )
        and not changes.is_correction as is_of_other_days,
        bool_or(changes.is_correction) over (
            partition by
                changes.source_system, changes.obligation_type, changes.obligation_id
        ) as has_corrections
    from changes
    cross join this_build
    inner join periods
        on changes.effective_period = periods.accounting_period

),

moved as (

    select
        *,
        is_other_calendar and has_same_rows and has_corrections and not is_of_other_days
            as is_moved_by_closes
    from compared

),

aged as (

    select
        *,
        has_same_rows and is_of_other_days and bool_and(
            is_of_other_days or is_moved_by_closes
        ) over (partition by source_system, obligation_type, obligation_id)
            as is_moved_by_time
    from moved

)

select
    *,
    case
        when is_moved_by_closes then 'calendar_change'
        when is_other_policy and has_same_rows then 'policy_or_code_change'
        when is_moved_by_time then 'passage_of_time'
        when not was_booked then 'new_obligation'
        when obligation_row_change > 0 and (has_same_evidence or evidence_change > 0)
            then case when is_correction then 'late_rows' else 'new_rows' end
        when obligation_row_change < 0 and (has_same_evidence or evidence_change < 0)
            then 'deleted_rows'
        else 'edited_rows'
    end as change_class
from aged
