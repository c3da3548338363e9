-- The one scan that aggregates the ledger. Rows that will share every fate
-- share a row here: their grant, type, effective period, the close interval
-- in which they became known and their own reason.
{{ config(materialized='table') }}

with

entries as (

    select * from {{ ref('int_credit_entries') }}

),

grouped as (

    select
        source_system,
        grant_id,
        entry_type,
        effective_period_index,
        known_interval,
        row_reason,
        sum(units) as units,
        count(*) as row_count,
        min(accounting_date) as first_date,
        max(accounting_date) as last_date
    from entries
    group by
        source_system,
        grant_id,
        entry_type,
        effective_period_index,
        known_interval,
        row_reason

),

final as (

    select
        *,
        {{ row_disposition() }} as row_disposition
    from grouped

)

select * from final
