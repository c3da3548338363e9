-- One row per payment, credit, void or write-off of an invoice, as the source
-- gives it, and per line that finance excludes after it was booked: what it takes
-- from the receivable (a negative amount gives back), null where it takes whatever is
-- left.
with

settlements as (

    select * from {{ ref('int_settlements') }}
    where
        settlement_reason is null
        and settlement_type in (
            'payment', 'out_of_band_payment', 'balance_applied', 'credit_applied'
        )

),

events as (

    select * from {{ ref('int_line_events_counted') }}
    where
        settlement_account = 'accounts_receivable'
        and scope_id like 'invoice %'

),

exclusion_events as (

    select * from {{ ref('int_exclusion_events') }}
    where settlement_account = 'accounts_receivable'

),

reversals as (

    select * from {{ ref('int_reversals') }}
    where event_type = 'exclusion'

),

excluded as (

    select
        source_system,
        event_id,
        cast(sum(share_minor) as bigint) as amount_minor
    from reversals
    group by source_system, event_id

)

select
    source_system,
    invoice_id,
    'payment' as kind,
    amount_minor,
    accounting_period_index,
    effective_period_index,
    effective_at
from settlements

union all

select
    source_system,
    substr(scope_id, 9) as invoice_id,
    'credit' as kind,
    case when restores_event_id is null then amount_minor else -amount_minor end
        as amount_minor,
    accounting_period_index,
    effective_period_index,
    effective_at
from events

union all

select
    exclusion_events.source_system,
    exclusion_events.invoice_id,
    'credit' as kind,
    excluded.amount_minor,
    exclusion_events.accounting_period_index,
    exclusion_events.effective_period_index,
    exclusion_events.effective_at
from exclusion_events
inner join excluded
    on
        exclusion_events.source_system = excluded.source_system
        and exclusion_events.event_id = excluded.event_id
