-- One row per raw row and reason for which it, or a part of it, is not in the books
-- for a fault; each version of a conflicting row is listed.
with

row_reasons as (

    select * from {{ ref('int_service_row_reasons') }}
    where reason is not null

),

reasons as (

    select * from {{ ref('exception_reasons') }}

),

faults as (

    select row_reasons.*
    from row_reasons
    left join reasons
        on row_reasons.reason = reasons.reason_code
    where coalesce(reasons.kind, 'exception') = 'exception'

),

final as (

    select
        source_system,
        source_table,
        source_key,
        reason as reason_code,
        abs(quantity) as quantity,
        subject
    from faults
    where reason in ('duplicate_conflict', 'missing_id')

    union all

    select
        source_system,
        source_table,
        source_key,
        reason as reason_code,
        abs(max(quantity)) as quantity,
        min(subject) as subject
    from faults
    where reason not in ('duplicate_conflict', 'missing_id')
    group by source_system, source_table, source_key, reason

)

select * from final
