-- One row per accounting period on the close checklist, from the first entry through that of
-- as_of_date or the newest seal: whether it has ended, is closed, and is sealed by now.
with

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

-- A sealed period may have entries that are derived and not posted.
entries as (

    select accounting_period from {{ ref('fct_journal_entries') }}

    union

    select accounting_period from {{ ref('rec_seal_breaks') }}

),

as_of_period as (

    select * from {{ ref('int_as_of_period') }}

),

spans as (

    select * from {{ ref('int_close_spans') }}
    where reopened_at is null

),

seal_states as (

    select * from {{ ref('int_seal_states') }}
    where seal_state = 'in_force'

),

-- What this very build sealed; the seal is the commit mark.
written as (

    select
        seals.accounting_period,
        seals.seal_version
    from {{ ref('int_seals_to_write') }} as seals
    inner join {{ ref('fct_period_seals') }} as stored
        on seals.seal_id = stored.seal_id
    where seals.entity_id is null

),

bounds as (

    select
        min(periods.period_index) as first_index,
        max(seal_states.period_index) as sealed_index
    from periods
    inner join entries
        on periods.accounting_period = entries.accounting_period
    left join seal_states
        on periods.period_index = seal_states.period_index

),

final as (

    select
        periods.accounting_period,
        periods.period_index,
        periods.ends_on,
        periods.ends_on <= cast('{{ as_of_date() }}' as date) as has_ended,
        spans.closed_at,
        coalesce(written.seal_version, seal_states.seal_version) as seal_version
    from periods
    cross join bounds
    cross join as_of_period
    left join spans
        on periods.period_index = spans.period_index
    left join seal_states
        on periods.period_index = seal_states.period_index
    left join written
        on periods.accounting_period = written.accounting_period
    where
        periods.period_index >= bounds.first_index
        and periods.period_index
        <= greatest(as_of_period.period_index, bounds.sealed_index)

),

-- What cannot be said of one period is said of the next to be closed.
next_period as (

    select
        coalesce(
            min(case when closed_at is null then period_index end), max(period_index)
        ) as period_index
    from final

)

select
    final.*,
    final.period_index = next_period.period_index as is_next
from final
cross join next_period
