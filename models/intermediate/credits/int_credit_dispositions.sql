-- One row per raw table, grant (or pool, where no grant is known), disposition and
-- reason (the rows' own or their grant's) of ledger rows: how many raw rows they are
-- (parts of one raw row are counted as a whole, in int_service_rows), and what they
-- do to the balance by the source's own account.
with

movements as (

    select * from {{ ref('int_credit_movements') }}

),

counted as (

    select
        source_system,
        source_table,
        grant_id,
        pool_id,
        disposition,
        reason,
        coalesce(row_reason, 'zero_adjustment') <> 'zero_adjustment' as is_own_reason,
        raw_row_count,
        case
            when reason = 'duplicate' then 0
            -- The source's own balance has no part of them: opening units are net of them.
            when reason in ('in_opening_units', 'opening_units_twice') then 0
            -- Nobody knows what an unknown type or number does to the balance.
            when entry_type is null or row_reason = 'out_of_range' then 0
            else coalesce(balance_change, 0)
        end as balance_change
    from movements

),

final as (

    select
        source_system,
        source_table,
        grant_id,
        pool_id,
        disposition,
        reason,
        is_own_reason,
        sum(raw_row_count) as row_count,
        sum(balance_change) as balance_change
    from counted
    group by
        source_system,
        source_table,
        grant_id,
        pool_id,
        disposition,
        reason,
        is_own_reason

)

select * from final
