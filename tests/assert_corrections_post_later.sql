-- An entry posts to its own period or a later one, is a correction only where the
-- two differ, and is dated within the period to which it posts.
with

entries as (

    select * from {{ ref('fct_journal_entries') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

)

select
    entries.journal_entry_id,
    entries.obligation_id,
    entries.event_type,
    entries.effective_period,
    entries.accounting_period,
    entries.is_correction,
    entries.entry_date
from entries
left join periods as posted
    on entries.accounting_period = posted.accounting_period
left join periods as effective
    on entries.effective_period = effective.accounting_period
where
    posted.period_index is null
    or effective.period_index is null
    or posted.period_index < effective.period_index
    or entries.is_correction <> (posted.period_index > effective.period_index)
    or entries.entry_date < posted.starts_on
    or entries.entry_date > posted.ends_on
