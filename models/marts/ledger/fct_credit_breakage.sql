-- depends_on: {{ ref('rec_seal_breaks') }}
with

states as (

    select * from {{ ref('int_breakage_states') }}

),

grants as (

    select * from {{ ref('int_breakage_grants') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

)

select
    states.source_system,
    states.grant_id,
    grants.customer_id,
    grants.credit_unit,
    grants.currency,
    periods.accounting_period,
    states.has_ended,
    states.breakage_policy,
    states.constraint_policy,
    states.estimate_key,
    cast(states.estimated_rate as numeric(7, 6)) as estimated_rate,
    cast({{ fixed_point('states.rate_micro', 6) }} as numeric(7, 6)) as applied_rate,
    states.is_remote,
    states.jurisdiction,
    cast({{ fixed_point('states.share_micro', 6) }} as numeric(7, 6)) as unclaimed_share,
    states.granted_units,
    states.exercised_units,
    states.expired_units,
    cast(states.breakage_minor as bigint) as breakage_to_date_minor,
    cast(states.ahead_minor as bigint) as breakage_ahead_minor,
    cast(states.revenue_minor as bigint) as revenue_to_date_minor,
    cast(
        greatest(states.breakage_minor - states.revenue_minor - states.unclaimed_minor, 0) as bigint
    ) as held_minor,
    cast(states.unclaimed_minor as bigint) as unclaimed_to_date_minor
from states
inner join grants
    on
        states.source_system = grants.source_system
        and states.grant_id = grants.grant_id
inner join periods
    on states.period_index = periods.period_index
