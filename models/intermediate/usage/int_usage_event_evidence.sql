-- One row per raw usage event: what became of it and the accrual that it supports. An
-- event has no value of its own: what it adds depends on what was used before it.
with

events as (

    select * from {{ ref('int_usage_events') }}

),

uses as (

    select * from {{ ref('int_usage_uses') }}

),

periods as (

    select * from {{ ref('int_usage_periods') }}

),

reasons as (

    select * from {{ ref('exception_reasons') }}

),

accruals as (

    select * from {{ ref('int_usage_journal_entries') }}
    where event_type = 'usage_accrued'

),

-- Where the accrual of a group of events stands: not before it may be recognised.
placed as (

    select
        uses.source_system,
        uses.customer_id,
        uses.product_id,
        uses.subscription_id,
        uses.segment_number,
        uses.billing_number,
        uses.effective_period_index,
        uses.accounting_period_index,
        uses.counted_value,
        uses.usage_period_id,
        periods.period_reason,
        greatest(uses.accounting_period_index, periods.recognised_from_index)
            as booked_period_index,
        case
            when uses.accounting_period_index < periods.recognised_from_index
                then periods.recognised_from_index
            else uses.effective_period_index
        end as booked_effective_index
    from uses
    inner join periods
        on uses.usage_period_id = periods.usage_period_id

),

disposed as (

    select
        events.source_system,
        events.source_table,
        events.source_key,
        abs(events.quantity) as quantity,
        coalesce(events.row_reason, placed.period_reason) as reason,
        placed.usage_period_id,
        placed.booked_period_index,
        placed.booked_effective_index
    from events
    left join placed
        on
            events.row_reason is null
            and events.source_system = placed.source_system
            and events.customer_id = placed.customer_id
            and events.product_id = placed.product_id
            and coalesce(events.subscription_id, '') = coalesce(placed.subscription_id, '')
            and events.segment_number = placed.segment_number
            and events.billing_number = placed.billing_number
            and events.effective_period_index = placed.effective_period_index
            and events.accounting_period_index = placed.accounting_period_index
            and coalesce(events.counted_value, 0) = coalesce(placed.counted_value, 0)

)

select
    disposed.source_system,
    disposed.source_table,
    disposed.source_key,
    case
        when disposed.reason is null then 'journaled'
        else coalesce(reasons.kind, 'exception')
    end as disposition,
    disposed.reason,
    accruals.journal_entry_id,
    cast(disposed.quantity as numeric(28, 9)) as quantity
from disposed
left join reasons
    on disposed.reason = reasons.reason_code
left join accruals
    on
        disposed.reason is null
        and disposed.usage_period_id = accruals.usage_period_id
        and disposed.booked_period_index = accruals.accounting_period_index
        and disposed.booked_effective_index = accruals.effective_period_index
