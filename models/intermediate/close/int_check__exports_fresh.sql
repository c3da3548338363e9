-- One row per accounting period: whether every source has recorded something since it was
-- closed or, while it is open, since it ended.
with

periods as (

    select * from {{ ref('int_checklist_periods') }}

),

recordings as (

    select * from {{ ref('int_checklist_recordings') }}

),

judged as (

    select
        periods.*,
        recordings.late_count,
        recordings.late_sources,
        recordings.newest_recording,
        case
            when periods.closed_at is not null
                then 'the close of ' || {{ shown_instant('periods.closed_at') }}
            else 'the period ended on ' || cast(periods.ends_on as varchar)
        end as since
    from periods
    inner join recordings
        on periods.accounting_period = recordings.accounting_period

),

told as (

    select
        accounting_period,
        case when seal_version is null then late_count else 0 end as row_count,
        case
            when seal_version is not null or (late_count = 0 and has_ended) then 'ok'
            else 'waiting'
        end as status,
        case
            when seal_version is not null
                then 'Every source had recorded something since the close when it was sealed.'
            when not has_ended
                then 'The period ends on ' || cast(ends_on as varchar) || '.'
            when late_count = 0
                then 'Every source has recorded something since ' || since || '.'
            else 'Nothing was recorded since ' || since || ' by ' || late_sources || '.'
        end
        || case
            when closed_at is null
                then
                    ' The newest recording of all is of ' || newest_recording
                    || ': closed_at is an instant after it.'
            else ''
        end as detail
    from judged

)

select
    accounting_period,
    1 as check_number,
    'exports_fresh' as check_name,
    status,
    row_count,
    cast(null as numeric(28, 4)) as amount,
    cast(null as varchar) as currency,
    detail,
    'int_source_recordings' as where_to_look
from told
