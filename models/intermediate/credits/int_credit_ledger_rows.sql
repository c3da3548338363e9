-- One row per ledger row (or part of one) with its disposition, its reason and the
-- movement that it belongs to. Rows without a reason of their own share the fate of
-- their movement. A view: it is filtered, never stored.
with

entries as (

    select * from {{ ref('int_credit_entries') }}

),

movements as (

    select * from {{ ref('int_credit_movements') }}

),

expiries as (

    select * from {{ ref('int_credit_expiries') }}
    where is_end

),

events as (

    select * from {{ ref('int_credit_events') }}

),

joined as (

    select
        entries.source_system,
        entries.source_table,
        entries.source_key,
        entries.raw_key,
        entries.grant_id,
        entries.invoice_id,
        entries.customer_id,
        entries.entry_type,
        entries.units,
        entries.money_minor,
        entries.accounting_date,
        entries.is_credit_event,
        entries.row_disposition,
        entries.row_reason,
        movements.disposition as movement_disposition,
        movements.reason as movement_reason,
        case
            when entries.entry_type = 'expire_rest' then expiries.units
            else abs(entries.units)
        end as quantity,
        -- Nothing was left to expire.
        entries.entry_type = 'expire_rest'
        and movements.disposition = 'journaled'
        and expiries.grant_id is null as is_idle,
        movements.accounting_period_index,
        movements.effective_period_index,
        events.posted_as as event_type
    from entries
    left join movements
        on
            entries.source_system = movements.source_system
            and entries.source_table = movements.source_table
            and entries.grant_id = movements.grant_id
            and entries.entry_type = movements.entry_type
            and entries.effective_period_index = movements.effective_period_index
            and entries.known_interval = movements.known_interval
            and coalesce(entries.floor_period_index, 0)
            = coalesce(movements.floor_period_index, 0)
            and coalesce(entries.row_reason, '') = coalesce(movements.row_reason, '')
            and entries.row_disposition is null
    left join events
        on
            entries.entry_type = events.entry_type
            and movements.disposition = 'journaled'
    left join expiries
        on
            entries.source_system = expiries.source_system
            and entries.grant_id = expiries.grant_id
            and entries.entry_type = 'expire_rest'

)

select
    source_system,
    source_table,
    source_key,
    raw_key,
    grant_id,
    invoice_id,
    customer_id,
    entry_type,
    units,
    money_minor,
    accounting_date,
    is_credit_event,
    quantity,
    accounting_period_index,
    effective_period_index,
    event_type,
    case
        when is_idle then 'memo'
        else coalesce(row_disposition, movement_disposition)
    end as disposition,
    case
        when is_idle then 'nothing_left'
        else coalesce(movement_reason, row_reason)
    end as reason
from joined
