-- One row per group of ledger rows: their disposition, and for those in the
-- books their event and the accounting period to which they post.
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

final as (

    select
        entry_groups.source_system,
        entry_groups.grant_id,
        entry_groups.entry_type,
        entry_groups.effective_period_index,
        entry_groups.known_interval,
        entry_groups.row_reason,
        entry_groups.row_count,
        entry_groups.last_date,
        entry_groups.units as balance_change,
        entry_groups.units * events.direction as units,
        events.event_rank,
        -- The posting rule: the effective period, or the first one that was
        -- open when the fact and its grant were known, where that is later.
        greatest(
            entry_groups.effective_period_index, close_intervals.first_open_period_index
        ) as accounting_period_index,
        case
            when entry_groups.row_disposition is not null then entry_groups.row_disposition
            when grants.grant_id is null then 'exception'
            when grants.grant_disposition <> 'terms' then grants.grant_disposition
            when grants.is_capped and not grants.has_grant_entry then 'exception'
            when entry_groups.row_reason = 'zero_adjustment' then 'memo'
            when grants.presentation = 'deferred' then 'journaled'
            when grants.presentation <> 'memo' and events.event_rank in (3, 4) then 'journaled'
            else 'memo'
        end as disposition,
        case
            when entry_groups.row_disposition is not null then entry_groups.row_reason
            when grants.grant_id is null then 'unknown_grant'
            when grants.grant_disposition <> 'terms' then grants.grant_reason
            when grants.is_capped and not grants.has_grant_entry then 'missing_grant_entry'
            when entry_groups.row_reason is not null then entry_groups.row_reason
            when grants.presentation = 'deferred' then null
            when grants.presentation <> 'memo' and events.event_rank in (3, 4) then null
            else grants.funding
        end as reason
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

)

select * from final
