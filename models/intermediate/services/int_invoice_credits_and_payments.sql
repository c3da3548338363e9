-- One row per payment, credit, void or write-off of an invoice, as the source
-- gives it: what it takes from the receivable (a negative amount gives back), null
-- where it takes whatever is left.
with

settlements as (

    select * from {{ ref('int_settlements') }}
    where
        settlement_reason is null
        and settlement_type in ('payment', 'out_of_band_payment', 'balance_applied')

),

events as (

    select * from {{ ref('int_line_events_placed') }}
    where
        event_reason is null
        and settlement_account = 'accounts_receivable'
        and scope_id like 'invoice %'

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
    case when event_type = 'uncollectible' then 'write_off' else 'credit' end as kind,
    case when restores_event_id is null then amount_minor else -amount_minor end
        as amount_minor,
    accounting_period_index,
    effective_period_index,
    effective_at
from events
