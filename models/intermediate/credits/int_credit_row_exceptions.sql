-- One row per raw ledger row that is an exception, for a reason of its own or
-- of its grant.
with

entries as (

    select * from {{ ref('int_credit_entries') }}

),

movements as (

    select * from {{ ref('int_credit_movements') }}

),

-- Few: so the ledger is read for these grants only.
grants_with_exceptions as (

    select
        source_system,
        coalesce(grant_id, '') as grant_key,
        max(
            case when coalesce(row_reason, 'zero_adjustment') = 'zero_adjustment' then reason end
        ) as grant_reason
    from movements
    where disposition = 'exception'
    group by source_system, coalesce(grant_id, '')

),

final as (

    select
        entries.source_system,
        entries.source_table,
        entries.source_key,
        entries.grant_id,
        case
            when entries.row_disposition = 'exception' then entries.row_reason
            else grants_with_exceptions.grant_reason
        end as reason_code,
        abs(entries.units) as quantity
    from entries
    inner join grants_with_exceptions
        on
            entries.source_system = grants_with_exceptions.source_system
            and coalesce(entries.grant_id, '') = grants_with_exceptions.grant_key
    where
        entries.row_disposition = 'exception'
        or (entries.row_disposition is null and grants_with_exceptions.grant_reason is not null)

)

select * from final
