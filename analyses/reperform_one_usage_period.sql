-- One usage period by hand, from the quantities of its events to each of its accruals,
-- in book order: what was metered so far, what of it is billable, what the schedule asks
-- for that at once, rounded half away from zero. At the last step of an entry that must
-- be what the journal accrued so far. For periods of one schedule that are recognised as
-- they may be invoiced. Edit the three lines below, then:
-- dbt show --select reperform_one_usage_period --limit 500
{{ config(group='revrec') }}

{%- set customer_id = 'cus_harborline' %}
{%- set product_id = 'api-calls' %}
{%- set starts_on = '2026-03-31' %}

with

periods as (

    select * from {{ ref('int_usage_periods') }}
    where
        customer_id = '{{ customer_id }}'
        and product_id = '{{ product_id }}'
        and starts_on = cast('{{ starts_on }}' as date)

),

steps as (

    select * from {{ ref('int_usage_steps') }}

),

tiers as (

    select * from {{ ref('int_usage_rate_tiers') }}

),

entries as (

    select * from {{ ref('int_usage_journal_entries') }}
    where event_type = 'usage_accrued'

),

accrued as (

    select
        *,
        sum(case when credit_account = 'usage_revenue' then 1 else -1 end * amount_minor) over (
            partition by usage_period_id
            order by accounting_period_index, effective_period_index
        ) as accrued_minor
    from entries

),

rated as (

    select
        periods.usage_period_id,
        periods.opening_schedule_id,
        periods.minor_units,
        steps.step_number,
        steps.accounting_period_index,
        steps.effective_period_index,
        steps.row_count,
        steps.metered_quantity,
        steps.covered_quantity,
        steps.billable_nano,
        sum({{ tier_value(
            'periods.pricing_model', 'steps.billable_nano', 'tiers.lower_nano',
            'tiers.upper_nano', 'tiers.unit_price', 'tiers.flat_price', 'tiers.package_nano'
        ) }}) as rated_value
    from periods
    inner join steps
        on periods.usage_period_id = steps.usage_period_id
    inner join tiers
        on
            periods.source_system = tiers.source_system
            and periods.opening_schedule_id = tiers.rate_schedule_id
    group by
        periods.usage_period_id,
        periods.opening_schedule_id,
        periods.minor_units,
        steps.step_number,
        steps.accounting_period_index,
        steps.effective_period_index,
        steps.row_count,
        steps.metered_quantity,
        steps.covered_quantity,
        steps.billable_nano

),

by_hand as (

    select
        *,
        {{ rated_minor('rated_value', 'minor_units') }} as rated_minor,
        lead(step_number) over (
            partition by usage_period_id, accounting_period_index, effective_period_index
            order by step_number
        ) is null as is_last_of_entry
    from rated

)

select
    accrued.accounting_period,
    by_hand.step_number,
    by_hand.opening_schedule_id as rate_schedule_id,
    by_hand.row_count,
    by_hand.metered_quantity,
    by_hand.covered_quantity,
    {{ units_of_nano('by_hand.billable_nano') }} as billable_quantity,
    by_hand.rated_minor,
    accrued.journal_entry_id,
    accrued.amount_minor,
    accrued.accrued_minor,
    case when by_hand.is_last_of_entry then by_hand.rated_minor = accrued.accrued_minor end
        as agrees
from by_hand
left join accrued
    on
        by_hand.usage_period_id = accrued.usage_period_id
        and by_hand.accounting_period_index = accrued.accounting_period_index
        and by_hand.effective_period_index = accrued.effective_period_index
order by by_hand.step_number
