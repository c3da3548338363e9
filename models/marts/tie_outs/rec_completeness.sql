with

-- Counted on the raw tables, not on anything that was derived from them.
arrived as (

    select * from {{ ref('int_raw_row_counts') }}

),

grant_dispositions as (

    select * from {{ ref('int_credit_grant_dispositions') }}

),

ledger_dispositions as (

    select * from {{ ref('int_credit_dispositions') }}

),

service_dispositions as (

    select * from {{ ref('int_service_dispositions') }}

),

usage_dispositions as (

    select * from {{ ref('int_usage_dispositions') }}

),

disposed as (

    select
        source_system,
        source_table,
        disposition,
        count(*) as row_count
    from grant_dispositions
    group by source_system, source_table, disposition

    union all

    select
        source_system,
        source_table,
        disposition,
        sum(row_count) as row_count
    from ledger_dispositions
    group by source_system, source_table, disposition

    union all

    select
        source_system,
        source_table,
        disposition,
        sum(row_count) as row_count
    from service_dispositions
    group by source_system, source_table, disposition

    union all

    select
        source_system,
        source_table,
        disposition,
        sum(row_count) as row_count
    from usage_dispositions
    group by source_system, source_table, disposition

),

final as (

    select
        arrived.source_system,
        arrived.source_table,
        max(arrived.rows_in) as rows_in,
        cast(
            sum(case when disposed.disposition = 'journaled' then disposed.row_count else 0 end)
            as bigint
        ) as journaled,
        cast(
            sum(case when disposed.disposition = 'memo' then disposed.row_count else 0 end)
            as bigint
        ) as memo,
        cast(
            sum(case when disposed.disposition = 'terms' then disposed.row_count else 0 end)
            as bigint
        ) as terms,
        cast(
            sum(case when disposed.disposition = 'excluded' then disposed.row_count else 0 end)
            as bigint
        ) as excluded,
        cast(
            sum(case when disposed.disposition = 'exception' then disposed.row_count else 0 end)
            as bigint
        ) as exceptions,
        cast(max(arrived.rows_in) - coalesce(sum(disposed.row_count), 0) as bigint)
            as unaccounted
    from arrived
    left join disposed
        on
            arrived.source_system = disposed.source_system
            and arrived.source_table = disposed.source_table
    group by arrived.source_system, arrived.source_table

)

select * from final
