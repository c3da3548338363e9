-- One row per ledger row that is an exception, for a reason of its own or of its
-- grant. (Parts of raw rows are listed by int_service_exceptions.)
with

entries as (

    select * from {{ ref('int_credit_entries') }}
    where raw_key is null and invoice_id is null

),

exception_grants as (

    select * from {{ ref('int_credit_exception_grants') }}

),

final as (

    select
        entries.source_system,
        entries.source_table,
        entries.source_key,
        entries.grant_id,
        case
            when entries.row_disposition = 'exception' then entries.row_reason
            else exception_grants.grant_reason
        end as reason_code,
        abs(entries.units) as quantity
    from entries
    inner join exception_grants
        on
            entries.source_system = exception_grants.source_system
            and coalesce(entries.grant_id, '') = exception_grants.grant_key
    where
        entries.row_disposition = 'exception'
        or (entries.row_disposition is null and exception_grants.grant_reason is not null)

)

select * from final
