-- One row per grant and accounting period in which its units or its deferred value change:
-- int_credit_grant_period_changes, with what is released ahead of expiry, is held back from
-- it and becomes unclaimed property.
with

changes as (

    select * from {{ ref('int_credit_grant_period_changes') }}

),

breakage_changes as (

    select * from {{ ref('int_breakage_changes') }}
    where recognised_minor <> 0 or held_back_minor <> 0 or unclaimed_minor <> 0

),

-- What only breakage changes has no units.
unioned as (

    select
        changes.*,
        coalesce(breakage_changes.recognised_minor, 0) as recognised_minor,
        coalesce(breakage_changes.unclaimed_minor, 0) as unclaimed_minor,
        coalesce(breakage_changes.held_back_minor, 0) as held_back_minor
    from changes
    left join breakage_changes
        on
            changes.source_system = breakage_changes.source_system
            and changes.grant_id = breakage_changes.grant_id
            and changes.accounting_period_index = breakage_changes.period_index

    union all

    select
        breakage_changes.source_system,
        breakage_changes.grant_id,
        breakage_changes.period_index as accounting_period_index,
        0 as granted_units,
        0 as adjusted_units,
        0 as consumed_units,
        0 as expired_units,
        0 as revoked_units,
        0 as valued_granted_units,
        0 as valued_released_units,
        0 as valued_expired_units,
        0 as valued_revoked_units,
        0 as granted_minor,
        0 as adjusted_minor,
        0 as consumed_minor,
        0 as expired_minor,
        0 as revoked_minor,
        0 as change_units,
        0 as change_minor,
        breakage_changes.recognised_minor,
        breakage_changes.unclaimed_minor,
        breakage_changes.held_back_minor
    from breakage_changes
    left join changes
        on
            breakage_changes.source_system = changes.source_system
            and breakage_changes.grant_id = changes.grant_id
            and breakage_changes.period_index = changes.accounting_period_index
    where changes.grant_id is null

)

select
    source_system,
    grant_id,
    accounting_period_index,
    granted_units,
    adjusted_units,
    consumed_units,
    expired_units,
    revoked_units,
    valued_granted_units,
    valued_released_units,
    granted_minor,
    adjusted_minor,
    consumed_minor,
    expired_minor - held_back_minor as expired_minor,
    revoked_minor,
    change_units,
    change_minor + held_back_minor as change_minor,
    recognised_minor,
    unclaimed_minor,
    held_back_minor
from unioned
