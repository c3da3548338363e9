-- One row per grant and accounting period with a movement: units and deferred
-- value by kind, each positive in its natural direction (adjusted is signed,
-- consumed net of what was reversed or moved to another grant).
with

movements as (

    select
        *,
        case when presentation = 'deferred' then value_minor else 0 end as deferred_minor
    from {{ ref('int_credit_grant_movements') }}

),

summed as (

    select
        source_system,
        grant_id,
        accounting_period_index,
        sum(case event_rank when 1 then units else 0 end) as granted_units,
        sum(case event_rank when 2 then units else 0 end) as adjusted_units,
        sum(case event_rank when 3 then units when 4 then -units else 0 end) as consumed_units,
        sum(case event_rank when 5 then units else 0 end) as expired_units,
        sum(case event_rank when 6 then units else 0 end) as revoked_units,
        sum(case when event_rank in (1, 2) then valued_units else 0 end)
            as valued_granted_units,
        sum(
            case
                when event_rank in (1, 2) then 0
                when event_rank = 4 then -valued_units
                else valued_units
            end
        ) as valued_released_units,
        sum(case when event_rank = 1 then deferred_minor else 0 end) as granted_minor,
        sum(case when event_rank = 2 then deferred_minor else 0 end) as adjusted_minor,
        sum(case event_rank when 3 then deferred_minor when 4 then -deferred_minor else 0 end)
            as consumed_minor,
        sum(case when event_rank = 5 then deferred_minor else 0 end) as expired_minor,
        sum(case when event_rank = 6 then deferred_minor else 0 end) as revoked_minor
    from movements
    group by source_system, grant_id, accounting_period_index

),

final as (

    select
        *,
        granted_units + adjusted_units - consumed_units - expired_units - revoked_units
            as change_units,
        granted_minor + adjusted_minor - consumed_minor - expired_minor - revoked_minor
            as change_minor
    from summed

)

select * from final
