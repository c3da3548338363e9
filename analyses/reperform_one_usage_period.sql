-- One usage period by hand, from its events to each of its accruals, in book order: the
-- quantity so far, what is left of it after allowance and credits, and what the journal
-- accrued. Rate `billable_quantity` by the tiers of the schedule: that, rounded, must be
-- `accrued_so_far_minor`. Edit the line below, then:
-- dbt show --select reperform_one_usage_period --limit 500
{{ config(group='revrec') }}

{%- set usage_period_id = 'paste usage_period_id of fct_usage_periods' %}

with

steps as (

    select * from {{ ref('int_usage_recognised') }}
    where usage_period_id = '{{ usage_period_id }}'

),

segments as (

    select * from {{ ref('int_usage_rate_segments') }}

),

entries as (

    select * from {{ ref('int_usage_journal_entries') }}
    where
        usage_period_id = '{{ usage_period_id }}'
        and event_type = 'usage_accrued'

),

accrued as (

    select
        *,
        sum(case when credit_account = 'usage_revenue' then 1 else -1 end * amount_minor) over (
            order by accounting_period_index, effective_period_index
        ) as accrued_so_far_minor
    from entries

)

select
    accrued.accounting_period,
    steps.step_number,
    segments.rate_schedule_id,
    segments.pricing_model,
    steps.row_count,
    steps.metered_quantity,
    steps.covered_quantity,
    {{ units_of_nano('steps.billable_nano') }} as billable_quantity,
    steps.recognised_minor,
    accrued.journal_entry_id,
    accrued.amount_minor,
    accrued.accrued_so_far_minor
from steps
inner join segments
    on steps.segment_number = segments.segment_number
left join accrued
    on
        steps.accounting_period_index = accrued.accounting_period_index
        and steps.effective_period_index = accrued.effective_period_index
order by steps.step_number
