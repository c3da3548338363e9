-- One row per group of ledger rows: their disposition, and for those in the
-- books their event and the accounting period to which they post. What credits pay
-- of an invoice, or pay out, is journaled whatever they cost; what an on-account
-- credit adds is posted by the reversal of the refunded line.
with

entry_groups as (

    select * from {{ ref('int_credit_entry_groups') }}

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

close_intervals as (

    select * from {{ ref('int_close_intervals') }}

),

events as (

    select * from {{ ref('int_credit_events') }}

),

placed as (

    select
        entry_groups.source_system,
        entry_groups.source_table,
        entry_groups.grant_id,
        entry_groups.pool_id,
        entry_groups.entry_type,
        entry_groups.effective_period_index,
        entry_groups.known_interval,
        entry_groups.floor_period_index,
        entry_groups.row_reason,
        entry_groups.row_disposition,
        entry_groups.row_count,
        entry_groups.raw_row_count,
        entry_groups.last_date,
        entry_groups.newest_known_at,
        entry_groups.units as balance_change,
        entry_groups.units * events.direction as units,
        events.event_rank,
        events.release_sign,
        -- The posting rule: the effective period, or the first one that was open
        -- when the fact, its grant and the invoice that it pays were known.
        greatest(
            entry_groups.effective_period_index,
            close_intervals.first_open_period_index,
            coalesce(entry_groups.floor_period_index, 0)
        ) as accounting_period_index,
        case
            when grants.grant_id is null then 'unknown_grant'
            when grants.grant_disposition <> 'terms' then grants.grant_reason
            when grants.is_capped and not grants.has_grant_entry then 'missing_grant_entry'
        end as grant_problem,
        coalesce(nullif(grants.grant_disposition, 'terms'), 'exception') as problem_disposition,
        grants.funding,
        case
            when entry_groups.entry_type in ('apply', 'apply_reversal', 'refund') then true
            when grants.funding = 'on_account' and entry_groups.entry_type = 'grant' then false
            when grants.presentation in ('deferred', 'owed') then true
            when grants.presentation = 'memo' then false
            else events.event_type in ('credit_consumed', 'credit_consumption_reversed')
        end as posts_an_entry
    from entry_groups
    left join grants
        on
            entry_groups.source_system = grants.source_system
            and entry_groups.grant_id = grants.grant_id
    left join events
        on entry_groups.entry_type = events.entry_type
    left join close_intervals
        on
            greatest(entry_groups.known_interval, coalesce(grants.known_interval, 1))
            = close_intervals.known_interval

),

final as (

    select
        source_system,
        source_table,
        grant_id,
        pool_id,
        entry_type,
        effective_period_index,
        known_interval,
        floor_period_index,
        row_reason,
        row_count,
        raw_row_count,
        last_date,
        newest_known_at,
        balance_change,
        units,
        event_rank,
        release_sign,
        accounting_period_index,
        case
            when row_disposition is not null then row_disposition
            when grant_problem is not null then problem_disposition
            when row_reason = 'zero_adjustment' then 'memo'
            when posts_an_entry then 'journaled'
            else 'memo'
        end as disposition,
        case
            when row_disposition is not null then row_reason
            when grant_problem is not null then grant_problem
            when row_reason is not null then row_reason
            when not posts_an_entry then funding
        end as reason
    from placed

)

select * from final
