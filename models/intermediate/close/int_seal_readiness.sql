-- One row per accounting period that is closed and not sealed, from the first with an entry
-- on: what its seal waits for. A period is sealed once every source has recorded something
-- since its close, so that what the close holds has arrived, and after those before it.
-- Books that do not tie are not sealed: the tie-outs stand before it.
-- depends_on: {{ ref('rec_tie_outs') }}
{{ config(materialized='table') }}

with

spans as (

    select * from {{ ref('int_close_spans') }}
    where reopened_at is null and {{ keeps_seals() }}

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

entries as (

    select
        accounting_period,
        count(*) as entry_count
    from {{ ref('fct_journal_entries') }}
    group by accounting_period

),

enabled_sources as (

    select distinct source_system
    from {{ ref('rec_completeness') }}

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

judged as (

    select
        spans.accounting_period,
        spans.period_index,
        spans.closed_at,
        periods.ends_on,
        oldest_recording.newest_known_at >= spans.closed_at as has_all_sources,
        greatest(periods.ends_on, newest.ends_on) <= cast('{{ as_of_date() }}' as date)
            as is_covered,
        guard.break_count = 0 as is_guarded
    from spans
    inner join periods
        on spans.period_index = periods.period_index
    inner join first_period
        on spans.period_index >= first_period.period_index
    cross join oldest_recording
    cross join newest
    cross join guard
    left join seal_states
        on spans.period_index = seal_states.period_index
    where seal_states.seal_state is null or seal_states.seal_state <> 'in_force'

)

select
    accounting_period,
    period_index,
    closed_at,
    has_all_sources,
    is_covered,
    is_guarded,
    has_all_sources and is_covered and is_guarded as is_ready,
    min(case when has_all_sources and is_covered and is_guarded then 1 else 0 end) over (
        order by period_index rows between unbounded preceding and current row
    ) = 1 as is_sealed_now
from judged
