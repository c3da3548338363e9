-- One row per grant and accounting period in which something is released otherwise than
-- the movements do at cost: how much of what expires is revenue, what is recognised ahead
-- of expiry (negative where an estimate falls, or a use or a revocation takes it back) and
-- what becomes unclaimed property.
{{ config(materialized='table') }}

with

states as (

    select * from {{ ref('int_breakage_states') }}

),

changed as (

    select
        source_system,
        grant_id,
        period_index,
        breakage_policy,
        constraint_policy,
        jurisdiction,
        seen_on,
        expired_minor - lag(expired_minor, 1, 0) over book_order as at_cost_minor,
        revenue_minor - lag(revenue_minor, 1, 0) over book_order as revenue_minor,
        unclaimed_minor - lag(unclaimed_minor, 1, 0) over book_order as unclaimed_minor
    from states
    window book_order as (partition by source_system, grant_id order by period_index)

),

-- What expires takes first what is new; the rest of its cost was recognised ahead.
split as (

    select
        *,
        case
            when at_cost_minor >= 0 then least(greatest(revenue_minor, 0), at_cost_minor)
            else greatest(least(revenue_minor, 0), at_cost_minor)
        end as expired_minor
    from changed

),

final as (

    select
        source_system,
        grant_id,
        period_index,
        breakage_policy,
        constraint_policy,
        jurisdiction,
        seen_on,
        cast(at_cost_minor as bigint) as at_cost_minor,
        cast(expired_minor as bigint) as expired_minor,
        cast(revenue_minor - expired_minor as bigint) as recognised_minor,
        cast(unclaimed_minor as bigint) as unclaimed_minor,
        cast(at_cost_minor - revenue_minor - unclaimed_minor as bigint) as held_back_minor
    from split

)

select * from final
