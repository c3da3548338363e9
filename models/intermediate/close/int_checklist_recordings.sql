-- One row per accounting period on the close checklist: which sources have recorded nothing
-- since its close or, while it is open, since its end; and the newest recording of all.
with

periods as (

    select * from {{ ref('int_checklist_periods') }}

),

sources as (

    select distinct source_system
    from {{ ref('rec_completeness') }}

),

recordings as (

    select * from {{ ref('int_source_recordings') }}

),

newest as (

    select max(newest_known_at) as newest_known_at
    from recordings

),

judged as (

    select
        periods.accounting_period,
        sources.source_system,
        recordings.newest_known_at,
        newest.newest_known_at as newest_of_all,
        case
            when recordings.newest_known_at is null then true
            when periods.closed_at is not null
                then recordings.newest_known_at < periods.closed_at
            else {{ accounting_date('recordings.newest_known_at') }} <= periods.ends_on
        end as is_late
    from periods
    cross join sources
    cross join newest
    left join recordings
        on sources.source_system = recordings.source_system

)

select
    accounting_period,
    count(case when is_late then 1 end) as late_count,
    string_agg(
        case
            when is_late
                then
                    source_system
                    || coalesce(' (newest ' || {{ shown_instant('newest_known_at') }} || ')', '')
        end,
        ', ' order by source_system
    ) as late_sources,
    {{ shown_instant('max(newest_of_all)') }} as newest_recording
from judged
group by accounting_period
