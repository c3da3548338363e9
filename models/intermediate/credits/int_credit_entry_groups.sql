-- The one scan that aggregates the ledger. Rows that will share every fate
-- share a row here: their grant, type, effective period, the close interval
-- in which they became known, the period of the invoice that they pay and their
-- own reason.
{{ config(materialized='table') }}

with

entries as (

    select * from {{ ref('int_credit_entries') }}

),

grouped as (

    select
        source_system,
        source_table,
        grant_id,
        -- Rows that name their grant are of its pool.
        case when grant_id is null then pool_id end as pool_id,
        entry_type,
        effective_period_index,
        known_interval,
        floor_period_index,
        row_reason,
        sum(units) as units,
        count(*) as row_count,
        -- The others are parts of raw rows, which are counted as a whole.
        count(case when raw_key is null and invoice_id is null then 1 end) as raw_row_count,
        min(accounting_date) as first_date,
        max(accounting_date) as last_date,
        max(known_at) as newest_known_at
    from entries
    group by
        source_system,
        source_table,
        grant_id,
        case when grant_id is null then pool_id end,
        entry_type,
        effective_period_index,
        known_interval,
        floor_period_index,
        row_reason

),

final as (

    select
        *,
        {{ row_disposition() }} as row_disposition
    from grouped

)

select * from final
