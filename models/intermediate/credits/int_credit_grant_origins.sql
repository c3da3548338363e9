-- One row per grant of the ledger: when it was first booked, from which close
-- interval on it was known, and how many units it began with.
-- What follows waits for the chart of accounts, so that a policy which names an
-- account that is not in it stops the build before anything is valued.
-- depends_on: {{ ref('dim_accounts') }}
{{ config(materialized='table') }}

with

entry_groups as (

    select * from {{ ref('int_credit_entry_groups') }}
    where row_reason is null

),

close_intervals as (

    select * from {{ ref('int_close_intervals') }}

),

known as (

    select
        source_system,
        grant_id,
        -- An overdraft grant has no row that grants it.
        coalesce(
            min(case when entry_type = 'grant' then known_interval end), min(known_interval)
        ) as known_interval,
        min(first_date) as first_date,
        sum(case when entry_type in ('grant', 'adjust') then abs(units) else 0 end)
            as absolute_units,
        sum(abs(units)) as moved_units,
        min(case when source_table = 'opening_units' then effective_period_index end)
            as opening_period_index
    from entry_groups
    group by source_system, grant_id

),

-- A whole-grant price is the price of the units that came first in book order;
-- what a grant is granted later adds units at the same cost.
posted_grants as (

    select
        entry_groups.source_system,
        entry_groups.grant_id,
        entry_groups.units,
        entry_groups.first_date,
        greatest(
            entry_groups.effective_period_index, close_intervals.first_open_period_index
        ) as posted_period_index,
        rank() over (
            partition by entry_groups.source_system, entry_groups.grant_id
            order by
                greatest(
                    entry_groups.effective_period_index, close_intervals.first_open_period_index
                ),
                entry_groups.effective_period_index
        ) as book_order
    from entry_groups
    inner join close_intervals
        on entry_groups.known_interval = close_intervals.known_interval
    where entry_groups.entry_type = 'grant'

),

first_grants as (

    select
        source_system,
        grant_id,
        sum(units) as first_granted_units,
        min(first_date) as first_date,
        min(posted_period_index) as first_posted_period_index
    from posted_grants
    where book_order = 1
    group by source_system, grant_id

),

final as (

    select
        known.source_system,
        known.grant_id,
        known.known_interval,
        coalesce(first_grants.first_date, known.first_date) as booked_date,
        known.absolute_units,
        known.moved_units,
        -- Where the books start in the middle of the grant's life.
        known.opening_period_index,
        first_grants.first_granted_units,
        first_grants.first_posted_period_index
    from known
    left join first_grants
        on
            known.source_system = first_grants.source_system
            and known.grant_id = first_grants.grant_id

)

select * from final
