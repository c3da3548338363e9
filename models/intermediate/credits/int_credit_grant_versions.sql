-- One row per raw grant row, and whether it is the version that counts.
{{ config(materialized='table') }}

with

grants as (

    select * from {{ ref('int_credit_grants_unioned') }}

),

dated as (

    select
        *,
        -- A version whose time cannot be read may be the newest: it is not passed over.
        coalesce(
            version_at,
            case when version_problem is not null then {{ last_instant() }} end,
            {{ first_instant() }}
        ) as dated_at
    from grants

),

counted as (

    select
        *,
        count(*) over (partition by source_system, grant_id, dated_at) as copies
    from dated

),

-- Only versions with the same time are compared, so only they are hashed; a row
-- without a grant id has its hash as its key.
hashed as (

    select
        *,
        case when copies > 1 or grant_id is null then {{ grant_hash() }} end as row_hash
    from counted

),

-- Rows with the same hash are alike, so it does not matter which is first.
compared as (

    select
        *,
        coalesce(grant_id, 'row:' || row_hash) as source_key,
        dated_at = max(dated_at) over (partition by source_system, grant_id) as is_newest,
        dated_at = min(dated_at) over (partition by source_system, grant_id) as is_oldest,
        min(row_hash) over (partition by source_system, grant_id, dated_at)
        <> max(row_hash) over (partition by source_system, grant_id, dated_at) as is_conflict,
        row_number() over (
            partition by source_system, grant_id, dated_at order by row_hash
        ) as copy_number
    from hashed

),

final as (

    select
        *,
        -- The term and the units that were sold: a later version does not change them.
        max(case when is_oldest then effective_at end) over (partition by source_system, grant_id)
            as sold_from,
        max(case when is_oldest then expires_at end) over (partition by source_system, grant_id)
            as sold_until,
        max(case when is_oldest then granted_units end)
            over (partition by source_system, grant_id) as sold_units,
        case
            when grant_id is null then 'missing_grant_id'
            when not is_newest then 'superseded_version'
            when is_conflict then 'duplicate_conflict'
            when copy_number > 1 then 'duplicate'
            when input_problem is not null then input_problem
            when payment_status = 'pending' then 'payment_pending'
            when payment_status = 'failed' then 'payment_failed'
            when funding is null then 'unknown_category'
        end as version_reason,
        is_newest and copy_number = 1 and grant_id is not null as is_current
    from compared

)

select * from final
