-- One row per grant whose rest expires without a ledger row of its own and accounting
-- period from which on it is otherwise than before whether it has: the source says that
-- whatever is left has expired (expire_rest), or the grant's date of expiry is past.
{{ config(materialized='table') }}

with

movements as (

    select * from {{ ref('int_credit_movements') }}
    where
        entry_type = 'expire_rest'
        and disposition in ('journaled', 'memo')
        and row_reason is null

),

versions as (

    select * from {{ ref('int_credit_expiry_versions') }}

),

rests as (

    select
        source_system,
        grant_id,
        min(accounting_period_index) as accounting_period_index,
        min(effective_period_index) as expiry_period_index,
        min(last_date) as expires_on
    from movements
    group by source_system, grant_id

),

dated as (

    select versions.*
    from versions
    where
        not exists (
            select 1
            from rests
            where
                rests.source_system = versions.source_system
                and rests.grant_id = versions.grant_id
        )

),

-- A version says it when it begins to count, or once its expiry is there.
final as (

    select
        source_system,
        grant_id,
        from_period_index as accounting_period_index,
        coalesce(posting_period_index <= from_period_index, false) as has_expired,
        expiry_period_index,
        expires_on,
        known_at,
        true as is_synthesised
    from dated

    union all

    select
        source_system,
        grant_id,
        posting_period_index as accounting_period_index,
        true as has_expired,
        expiry_period_index,
        expires_on,
        known_at,
        true as is_synthesised
    from dated
    where
        posting_period_index > from_period_index
        and (to_period_index is null or posting_period_index < to_period_index)

    union all

    select
        source_system,
        grant_id,
        accounting_period_index,
        true as has_expired,
        expiry_period_index,
        expires_on,
        cast(null as timestamp) as known_at,
        false as is_synthesised
    from rests

)

select * from final
