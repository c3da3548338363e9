-- What the schedule shows as recognised is in the journal: the same sum of every
-- source, currency, effective period and accounting period.
{{ config(group='revrec') }}

with

schedule as (

    select * from {{ ref('fct_revenue_schedule') }}
    where status = 'recognised'

),

entries as (

    select * from {{ ref('int_derived_entries') }}
    where event_type = 'service_recognised'

),

scheduled as (

    select
        source_system,
        currency,
        effective_period,
        accounting_period,
        sum(amount_minor) as amount_minor
    from schedule
    group by source_system, currency, effective_period, accounting_period

),

journaled as (

    select
        source_system,
        currency,
        effective_period,
        accounting_period,
        sum(case when credit_account = 'service_revenue' then amount_minor else -amount_minor end)
            as amount_minor
    from entries
    group by source_system, currency, effective_period, accounting_period

)

select
    coalesce(scheduled.source_system, journaled.source_system) as source_system,
    coalesce(scheduled.currency, journaled.currency) as currency,
    coalesce(scheduled.effective_period, journaled.effective_period) as effective_period,
    coalesce(scheduled.accounting_period, journaled.accounting_period) as accounting_period,
    scheduled.amount_minor as scheduled_minor,
    journaled.amount_minor as journaled_minor
from scheduled
full outer join journaled
    on
        scheduled.source_system = journaled.source_system
        and scheduled.currency = journaled.currency
        and scheduled.effective_period = journaled.effective_period
        and scheduled.accounting_period = journaled.accounting_period
where coalesce(scheduled.amount_minor, 0) <> coalesce(journaled.amount_minor, 0)
