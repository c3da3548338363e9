-- One row per grant with a ledger row that is an exception. Stored, for the
-- engine then knows how few they are and reads the ledger for them only.
{{ config(materialized='table') }}

with

movements as (

    select * from {{ ref('int_credit_movements') }}

),

final as (

    select
        source_system,
        coalesce(grant_id, '') as grant_key,
        max(
            case when coalesce(row_reason, 'zero_adjustment') = 'zero_adjustment' then reason end
        ) as grant_reason
    from movements
    where disposition = 'exception'
    group by source_system, coalesce(grant_id, '')

)

select * from final
