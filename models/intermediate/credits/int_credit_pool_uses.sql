-- One row per use of a pool that names no grant, with its accounting period and slot.
{{ config(materialized='table') }}

with

entries as (

    select * from {{ ref('int_credit_entries_reasoned') }}
    where grant_id is null and pool_id is not null and row_reason is null and units < 0

),

pools as (

    select * from {{ ref('int_credit_pools') }}

),

close_intervals as (

    select * from {{ ref('int_close_intervals') }}

),

slots as (

    select * from {{ ref('int_credit_pool_slots') }}

),

uses as (

    select
        pools.pool_number,
        entries.source_system,
        entries.source_table,
        entries.source_key,
        greatest(
            entries.effective_period_index,
            close_intervals.first_open_period_index,
            coalesce(entries.floor_period_index, 0)
        ) as accounting_period_index,
        entries.effective_at,
        entries.known_at,
        cast(-entries.units as numeric(28, 9)) as units
    from entries
    inner join pools
        on
            entries.source_system = pools.source_system
            and entries.pool_id = pools.pool_id
    inner join close_intervals
        on entries.known_interval = close_intervals.known_interval

),

slotted as (

    {{ uses_in_slots('uses', 'slots') }}

),

-- One number for all pools: it joins by itself.
final as (

    select
        *,
        row_number() over (
            order by
                pool_number,
                accounting_period_index,
                effective_at,
                known_at,
                {{ key_hash(['source_table', 'source_key']) }}
        ) as use_number
    from slotted

)

select * from final
