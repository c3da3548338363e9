-- One row per accounting period: whether it is sealed as it is derived, or what its seal
-- waits for.
with

periods as (

    select * from {{ ref('int_checklist_periods') }}

),

breaks as (

    select * from {{ ref('int_checklist_breaks') }}

),

recordings as (

    select * from {{ ref('int_checklist_recordings') }}

),

readiness as (

    select * from {{ ref('int_seal_readiness') }}

),

seal_states as (

    select * from {{ ref('int_seal_states') }}
    where seal_state <> 'in_force'

),

books_start as (

    select * from {{ ref('int_books_start') }}

),

first_unsealed as (

    select * from {{ ref('int_first_unsealed_period') }}

),

judged as (

    select
        periods.*,
        recordings.late_sources,
        readiness.has_all_sources,
        readiness.is_covered,
        readiness.is_guarded,
        readiness.is_proven,
        first_unsealed.accounting_period as first_unsealed_period,
        coalesce(breaks.entry_count, 0) as entry_count,
        coalesce(breaks.open_count, 0) as open_count,
        readiness.accounting_period is not null as is_awaited,
        books_start.opening_period is not null as is_opening,
        'Sealed as version ' || cast(periods.seal_version as varchar) || ', closed at '
        || {{ shown_instant('periods.closed_at') }} || '.' as sealed_text,
        ' Entries that are derived otherwise since: ' || cast(breaks.entry_count as varchar)
        || '.' as moved_text,
        coalesce(
            'Version ' || cast(seal_states.seal_version as varchar) || ' of its seal is '
            || seal_states.seal_state || '. ',
            ''
        ) as past_text
    from periods
    inner join recordings
        on periods.accounting_period = recordings.accounting_period
    cross join first_unsealed
    left join breaks
        on periods.accounting_period = breaks.accounting_period
    left join books_start
        on periods.accounting_period = books_start.opening_period
    left join readiness
        on periods.accounting_period = readiness.accounting_period
    left join seal_states
        on periods.accounting_period = seal_states.accounting_period

)

select
    accounting_period,
    6 as check_number,
    'seal' as check_name,
    case
        when open_count > 0 and '{{ on_seal_break() }}' = 'error' then 'failed'
        when open_count > 0 then 'to_do'
        when seal_version is not null then 'ok'
        when closed_at is null and has_ended then 'to_do'
        else 'waiting'
    end as status,
    entry_count as row_count,
    cast(null as numeric(28, 4)) as amount,
    cast(null as varchar) as currency,
    case
        when open_count > 0 and '{{ on_seal_break() }}' = 'error'
            then
                'Broken. Entries that are not derived as they were sealed: '
                || cast(open_count as varchar) || '. Restore what the source rewrote, or post'
                || ' the difference (on_seal_break: correct), or reopen the period, or retire'
                || ' its seal.'
        when open_count > 0
            then
                coalesce(sealed_text, 'Nothing was sealed of it.') || moved_text
                || ' The difference posts to ' || first_unsealed_period || '.'
        when seal_version is not null and entry_count > 0
            then sealed_text || moved_text || ' Corrections that are sealed make up for it.'
        when seal_version is not null then sealed_text
        when closed_at is null and has_ended
            then past_text || 'Open: a line in period_closes closes it.'
        when closed_at is null
            then past_text || 'Open until ' || cast(ends_on as varchar) || '.'
        when not is_awaited and is_opening
            then past_text || 'Closed. It is sealed with the first close after it.'
        when not is_awaited
            then past_text || 'Closed. This build reads and writes no seals.'
        when not has_all_sources
            then past_text || 'Closed. Its seal waits for ' || late_sources || '.'
        when not is_covered
            then past_text || 'Closed. Its seal waits for an as_of_date that covers it.'
        when not is_guarded
            then past_text || 'Closed. Its seal waits until no earlier seal is broken.'
        when not is_proven
            then past_text || 'Closed. Its seal waits until all ties and nothing is unaccounted.'
        else past_text || 'Closed. Its seal waits for those of the periods before it.'
    end as detail,
    case
        when entry_count > 0
            then 'rec_seal_breaks where accounting_period = ''' || accounting_period || ''''
        when seal_version is not null
            then 'fct_period_seals where accounting_period = ''' || accounting_period || ''''
        when closed_at is null
            then 'period_closes where accounting_period = ''' || accounting_period || ''''
        else 'int_seal_readiness where accounting_period = ''' || accounting_period || ''''
    end as where_to_look
from judged
