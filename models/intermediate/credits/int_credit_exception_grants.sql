-- One row per grant with a ledger row that is an exception. They are few: the
-- ledger is read again for them only.
with

dispositions as (

    select * from {{ ref('int_credit_dispositions') }}

),

final as (

    select
        source_system,
        coalesce(grant_id, '') as grant_key,
        max(case when not is_own_reason then reason end) as grant_reason
    from dispositions
    where disposition = 'exception'
    group by source_system, coalesce(grant_id, '')

)

select * from final
