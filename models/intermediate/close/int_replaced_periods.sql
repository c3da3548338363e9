-- One row per accounting period through the newest seal whose derived entries are not all
-- that was sealed: what is posted of it comes from the seal. Found by digests, so that the
-- sealed entries themselves are read of such periods only.
{{ config(materialized='table') }}

with

entries as (

    select * from {{ ref('int_books_entries') }}

),

seal_states as (

    select * from {{ ref('int_seal_states') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

newest as (

    select max(period_index) as period_index
    from seal_states
    where seal_state = 'in_force'

),

-- What was retired or reopened is derived again.
sealed_periods as (

    select
        periods.accounting_period,
        seal_states.entries_digest
    from periods
    inner join newest
        on periods.period_index <= newest.period_index
    left join seal_states
        on periods.period_index = seal_states.period_index
    where seal_states.seal_state is null or seal_states.seal_state = 'in_force'

),

derived as (

    select
        sealed_periods.accounting_period,
        {{ digest_of_all(entry_digest('entries')) }} as entries_digest
    from sealed_periods
    inner join entries
        on sealed_periods.accounting_period = entries.accounting_period
    group by sealed_periods.accounting_period

),

nothing as (

    select {{ digest_of_all('cast(null as varchar)') }} as entries_digest

),

compared as (

    select
        sealed_periods.accounting_period,
        coalesce(sealed_periods.entries_digest, nothing.entries_digest) as sealed_digest,
        coalesce(derived.entries_digest, nothing.entries_digest) as derived_digest
    from sealed_periods
    cross join nothing
    left join derived
        on sealed_periods.accounting_period = derived.accounting_period

)

select accounting_period
from compared
where sealed_digest <> derived_digest
