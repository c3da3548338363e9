-- One row per grant of int_breakage_grants and accounting period with a movement: its
-- units and value to date, at cost, until the next such period; when it was last active,
-- and when units were last given. Active is what gives units (a purchase, a use that is
-- taken back) or uses them; what takes units away otherwise is not, nor is an opening.
{{ config(materialized='table') }}

with

grants as (

    select * from {{ ref('int_breakage_grants') }}

),

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
        grants.prior_units,
        grants.has_opening_units and events.event_type = 'credit_granted' as is_opening,
        {{ given_units('movements', 'events') }} as given_units,
        events.tie_out in ('T1_consumption', 'T4_applied') as is_use,
        events.tie_out = 'T4_expired' as is_expiry,
        events.tie_out in ('T4_revoked', 'T4_refunded') as is_revocation,
        events.release_sign = 0 as is_addition,
        case events.release_sign when 0 then -1 else events.release_sign end as sign,
        movements.units,
        movements.valued_units,
        movements.value_minor,
        movements.last_date
    from movements
    inner join grants
        on
            movements.source_system = grants.source_system
            and movements.grant_id = grants.grant_id
    inner join events
        on movements.event_rank = events.event_rank

),

summed as (

    select
        source_system,
        grant_id,
        accounting_period_index,
        prior_units,
        sum(
            case when is_addition or is_revocation then -sign * valued_units else 0 end
        ) as granted_units,
        sum(case when is_use then sign * valued_units else 0 end) as exercised_units,
        sum(case when is_expiry then sign * valued_units else 0 end) as expired_units,
        sum(-sign * units) as remaining_units,
        sum(case when is_addition then value_minor else 0 end) as granted_minor,
        sum(case when is_expiry then sign * value_minor else 0 end) as expired_minor,
        sum(-sign * value_minor) as remaining_minor,
        max(case when given_units <> 0 and not is_opening then last_date end) as active_on,
        max(case when is_expiry and sign = 1 then last_date end) as expired_on,
        max(case when given_units > 0 then accounting_period_index end) as given_period_index
    from classified
    group by source_system, grant_id, accounting_period_index, prior_units

),

final as (

    select
        source_system,
        grant_id,
        accounting_period_index as from_period_index,
        lead(accounting_period_index) over (
            partition by source_system, grant_id order by accounting_period_index
        ) as to_period_index,
        cast(prior_units + sum(granted_units) over to_date as numeric(28, 9)) as granted_units,
        cast(prior_units + sum(exercised_units) over to_date as numeric(28, 9))
            as exercised_units,
        cast(sum(expired_units) over to_date as numeric(28, 9)) as expired_units,
        cast(sum(remaining_units) over to_date as numeric(28, 9)) as remaining_units,
        cast(sum(granted_minor) over to_date as bigint) as granted_minor,
        cast(sum(expired_minor) over to_date as bigint) as expired_minor,
        cast(sum(remaining_minor) over to_date as bigint) as remaining_minor,
        max(active_on) over to_date as active_on,
        max(expired_on) over to_date as expired_on,
        max(given_period_index) over to_date as given_period_index
    from summed
    window to_date as (
        partition by source_system, grant_id
        order by accounting_period_index
        rows between unbounded preceding and current row
    )

)

select * from final
