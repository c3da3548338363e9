-- Every usage event has one disposition: how many, and how much, by what became of them.
with

dispositions as (

    select * from {{ ref('int_usage_dispositions') }}

),

-- Counted on the raw table, not on anything that was derived from it.
arrived as (

    select * from {{ ref('int_raw_row_counts') }}
    where shape = 'usage_events'

),

disposed as (

    select
        source_system,
        source_table,
        disposition,
        reason,
        cast(sum(row_count) as bigint) as row_count,
        cast(coalesce(sum(quantity), 0) as numeric(38, 9)) as quantity
    from dispositions
    group by source_system, source_table, disposition, reason

),

final as (

    select
        arrived.source_system,
        arrived.source_table,
        coalesce(disposed.disposition, 'journaled') as disposition,
        disposed.reason,
        coalesce(disposed.row_count, 0) as row_count,
        coalesce(disposed.quantity, 0) as quantity,
        arrived.rows_in,
        cast(
            arrived.rows_in - coalesce(sum(disposed.row_count) over (
                partition by arrived.source_system, arrived.source_table
            ), 0) as bigint
        ) as unaccounted
    from arrived
    left join disposed
        on
            arrived.source_system = disposed.source_system
            and arrived.source_table = disposed.source_table

)

select * from final
