-- One row per grant of a pool and accounting period: what rows that name the grant
-- change of its units. They post as int_credit_movements says.
{{ config(materialized='table') }}

with

entries as (

    select * from {{ ref('int_credit_entries_reasoned') }}
    where grant_id is not null and row_reason is null

),

lots as (

    select * from {{ ref('int_credit_pool_lots') }}

),

close_intervals as (

    select * from {{ ref('int_close_intervals') }}

),

grouped as (

    select
        lots.pool_number,
        lots.burn_rank,
        lots.start_period_index,
        entries.entry_type = 'grant' as is_grant,
        entries.effective_period_index,
        entries.floor_period_index,
        entries.known_interval,
        sum(entries.units) as units
    from entries
    inner join lots
        on
            entries.source_system = lots.source_system
            and entries.grant_id = lots.grant_id
    group by
        lots.pool_number,
        lots.burn_rank,
        lots.start_period_index,
        entries.entry_type = 'grant',
        entries.effective_period_index,
        entries.floor_period_index,
        entries.known_interval

),

known as (

    select
        *,
        greatest(
            known_interval,
            min(case when is_grant then known_interval end)
                over (partition by pool_number, burn_rank)
        ) as posting_interval
    from grouped

),

posted as (

    select
        known.pool_number,
        known.burn_rank,
        known.start_period_index,
        known.is_grant,
        known.units,
        greatest(
            known.effective_period_index,
            close_intervals.first_open_period_index,
            coalesce(known.floor_period_index, 0)
        ) as accounting_period_index
    from known
    inner join close_intervals
        on known.posting_interval = close_intervals.known_interval

),

-- Nothing is drawn before the period that grants the credits, nor before they start.
bounded as (

    select
        *,
        greatest(
            start_period_index,
            min(case when is_grant then accounting_period_index end)
                over (partition by pool_number, burn_rank)
        ) as first_period_index,
        max(case when is_grant then 1 else 0 end)
            over (partition by pool_number, burn_rank) = 1 as is_granted
    from posted

),

final as (

    select
        pool_number,
        burn_rank,
        first_period_index,
        accounting_period_index,
        cast(sum(units) as numeric(38, 9)) as units
    from bounded
    where is_granted
    group by pool_number, burn_rank, first_period_index, accounting_period_index

)

select * from final
