-- One row per accounting period that is closed and not sealed, from the first with an entry
-- on: what its seal waits for. A period is sealed once every source has recorded something
-- since its close, so that what the close holds has arrived, and after those before it.
-- Books that do not tie or have lost a row are not sealed. The period of the opening entries
-- is sealed with the first after it, for finance reconciles them first.
{{ config(materialized='table') }}

with

spans as (

    select * from {{ ref('int_close_spans') }}
    where reopened_at is null and not {{ rebuilds_the_past() }}

),

seal_states as (

    select * from {{ ref('int_seal_states') }}

),

seals_before as (

    select * from {{ ref('int_seals_before') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

recordings as (

    select * from {{ ref('int_source_recordings') }}

),

breaks as (

    select * from {{ ref('rec_seal_breaks') }}
    where not is_corrected and '{{ on_seal_break() }}' = 'error'

),

books_start as (

    select * from {{ ref('int_books_start') }}

),

tie_outs as (

    select * from {{ ref('rec_tie_outs') }}
    where is_tied is null or not is_tied

),

completeness as (

    select * from {{ ref('rec_completeness') }}

),

entries as (

    select distinct accounting_period
    from {{ ref('fct_journal_entries') }}

    union

    select accounting_period
    from seals_before

),

enabled_sources as (

    select distinct source_system
    from completeness

),

first_period as (

    select min(periods.period_index) as period_index
    from entries
    inner join periods
        on entries.accounting_period = periods.accounting_period

),

-- The newest seal of all: books of a day before it neither read nor write seals.
newest as (

    select max(periods.ends_on) as ends_on
    from seals_before
    inner join periods
        on seals_before.accounting_period = periods.accounting_period
    where not seals_before.is_retired

),

oldest_recording as (

    select
        min(
            coalesce(recordings.newest_known_at, {{ first_instant() }})
        ) as newest_known_at
    from enabled_sources
    left join recordings
        on enabled_sources.source_system = recordings.source_system

),

guard as (

    select count(*) as break_count
    from breaks

),

untied as (

    select count(*) as tie_out_count
    from tie_outs

),

unaccounted as (

    select coalesce(sum(unaccounted), 0) as row_count
    from completeness

),

newest_close as (

    select max(period_index) as period_index
    from spans

),

judged as (

    select
        spans.accounting_period,
        spans.period_index,
        spans.closed_at,
        periods.ends_on,
        oldest_recording.newest_known_at >= spans.closed_at as has_all_sources,
        greatest(periods.ends_on, newest.ends_on) <= cast('{{ as_of_date() }}' as date)
            as is_covered,
        guard.break_count = 0 as is_guarded,
        untied.tie_out_count = 0 and unaccounted.row_count = 0 as is_proven
    from spans
    inner join periods
        on spans.period_index = periods.period_index
    inner join first_period
        on spans.period_index >= first_period.period_index
    cross join oldest_recording
    cross join newest
    cross join guard
    cross join untied
    cross join unaccounted
    cross join newest_close
    left join seal_states
        on spans.period_index = seal_states.period_index
    left join books_start
        on
            spans.accounting_period = books_start.opening_period
            and spans.period_index = newest_close.period_index
    where
        (seal_states.seal_state is null or seal_states.seal_state <> 'in_force')
        and books_start.opening_period is null

)

select
    *,
    min(
        case when has_all_sources and is_covered and is_guarded and is_proven then 1 else 0 end
    ) over (
        order by period_index rows between unbounded preceding and current row
    ) = 1 as is_sealed_now
from judged
