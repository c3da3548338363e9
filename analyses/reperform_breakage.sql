-- Breakage of one grant by hand, period by period: the units, the estimate that acted and who
-- approved it, what was expected to be used, breakage to date from them, and what of it the
-- journal had booked by then. Edit the line below, then:
-- dbt show --select reperform_breakage --limit 100
{{ config(group='revrec') }}

{%- set grant_id = 'grant_beacon_hr_01' %}

with

breakage as (

    select * from {{ ref('fct_credit_breakage') }}
    where grant_id = '{{ grant_id }}'

),

estimates as (

    select * from {{ ref('int_breakage_estimates') }}

),

entries as (

    select * from {{ ref('int_derived_entries') }}
    where
        obligation_id = '{{ grant_id }}'
        and event_type in ('credit_expired', 'credit_expiry_reversed', 'breakage_recognised')

),

booked as (

    select
        breakage.source_system,
        breakage.accounting_period,
        coalesce(sum(
            case
                when entries.credit_account = 'breakage_revenue' then entries.amount_minor
                else -entries.amount_minor
            end
        ), 0) as booked_to_date_minor
    from breakage
    left join entries
        on
            breakage.source_system = entries.source_system
            and breakage.accounting_period >= entries.accounting_period
    group by breakage.source_system, breakage.accounting_period

)

select
    breakage.accounting_period,
    breakage.breakage_policy,
    breakage.constraint_policy,
    breakage.granted_units,
    breakage.exercised_units,
    breakage.expired_units,
    estimates.estimate_source,
    estimates.approved_by,
    breakage.estimated_rate,
    breakage.applied_rate,
    greatest(
        breakage.granted_units * (1 - coalesce(breakage.applied_rate, 0)),
        breakage.exercised_units
    ) as expected_units,
    breakage.is_remote,
    breakage.breakage_to_date_minor,
    breakage.unclaimed_share,
    breakage.revenue_to_date_minor,
    breakage.revenue_to_date_minor
    - lag(breakage.revenue_to_date_minor, 1, 0) over (
        partition by breakage.source_system order by breakage.accounting_period
    ) as revenue_minor,
    booked.booked_to_date_minor,
    breakage.revenue_to_date_minor = booked.booked_to_date_minor as agrees
from breakage
inner join booked
    on
        breakage.source_system = booked.source_system
        and breakage.accounting_period = booked.accounting_period
left join estimates
    on breakage.estimate_key = estimates.estimate_key
order by breakage.source_system, breakage.accounting_period
