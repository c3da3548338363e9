-- One row per grant and accounting period with a movement: units and deferred
-- value by kind, each positive in its natural direction (adjusted is signed,
-- consumed is what was used or paid invoices, net of what was reversed or moved to
-- another grant; revoked also what was refunded).
with

movements as (

    select * from {{ ref('int_credit_grant_movements') }}

),

events as (

    select * from {{ ref('int_credit_event_names') }}

),

classified as (

    select
        movements.source_system,
        movements.grant_id,
        movements.accounting_period_index,
        movements.valued_units,
        events.release_sign,
        case
            when events.event_type = 'credit_granted' then 'granted'
            when events.event_type = 'credit_adjusted' then 'adjusted'
            when events.tie_out = 'T4_expired' then 'expired'
            when events.event_type in ('credit_revoked', 'credit_refunded') then 'revoked'
            else 'consumed'
        end as kind,
        events.tie_out_sign * movements.units as units,
        events.tie_out_sign
        * case when movements.presentation = 'deferred' then movements.value_minor else 0 end
            as deferred_minor
    from movements
    inner join events
        on movements.event_rank = events.event_rank

),

summed as (

    select
        source_system,
        grant_id,
        accounting_period_index,
        sum(case when kind = 'granted' then units else 0 end) as granted_units,
        sum(case when kind = 'adjusted' then units else 0 end) as adjusted_units,
        sum(case when kind = 'consumed' then units else 0 end) as consumed_units,
        sum(case when kind = 'expired' then units else 0 end) as expired_units,
        sum(case when kind = 'revoked' then units else 0 end) as revoked_units,
        sum(case release_sign when 0 then valued_units else 0 end) as valued_granted_units,
        sum(release_sign * valued_units) as valued_released_units,
        sum(case when kind = 'expired' then release_sign * valued_units else 0 end)
            as valued_expired_units,
        sum(case when kind = 'revoked' then release_sign * valued_units else 0 end)
            as valued_revoked_units,
        sum(case when kind = 'granted' then deferred_minor else 0 end) as granted_minor,
        sum(case when kind = 'adjusted' then deferred_minor else 0 end) as adjusted_minor,
        sum(case when kind = 'consumed' then deferred_minor else 0 end) as consumed_minor,
        sum(case when kind = 'expired' then deferred_minor else 0 end) as expired_minor,
        sum(case when kind = 'revoked' then deferred_minor else 0 end) as revoked_minor
    from classified
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
