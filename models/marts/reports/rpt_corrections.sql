-- One row per journal entry that posts to a later period than the one it belongs to: why,
-- and when it became known. Read from the journal, nothing is recomputed.
with

entries as (

    select * from {{ ref('fct_journal_entries') }}
    where is_correction

),

reasons as (

    select * from {{ ref('int_correction_reasons') }}

),

times as (

    select * from {{ ref('int_correction_times') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

-- Nothing that is known before it can post to the period as the first that is open.
openings as (

    select
        first_open_period_index,
        min(known_from) as known_from
    from {{ ref('int_close_intervals') }}
    group by first_open_period_index

),

placed as (

    select
        entries.*,
        posted.period_index as accounting_period_index,
        effective.period_index as effective_period_index
    from entries
    inner join periods as posted
        on entries.accounting_period = posted.accounting_period
    inner join periods as effective
        on entries.effective_period = effective.accounting_period

)

select
    placed.journal_entry_id,
    placed.accounting_period,
    placed.effective_period,
    cast(placed.accounting_period_index - placed.effective_period_index as integer)
        as periods_late,
    reasons.reason,
    -- When a source rewrote what was sealed, no row says.
    case
        when placed.event_type not in ('seal_correction', 'opening')
            then coalesce(exact.known_at, nearest.known_at, openings.known_from)
    end as known_at,
    placed.entity_id,
    placed.source_system,
    placed.obligation_type,
    placed.obligation_id,
    placed.customer_id,
    placed.product_id,
    placed.invoice_id,
    placed.event_type,
    placed.entry_date,
    placed.debit_account,
    placed.credit_account,
    placed.amount_minor,
    placed.amount,
    placed.currency,
    placed.functional_amount_minor,
    placed.functional_amount,
    placed.functional_currency,
    placed.quantity,
    placed.source_entry_count,
    placed.policy
from placed
left join reasons
    on placed.event_type = reasons.event_type
left join times as exact
    on
        placed.source_system = exact.source_system
        and placed.obligation_type = exact.obligation_type
        and placed.obligation_id = exact.obligation_id
        and placed.accounting_period_index = exact.accounting_period_index
        and placed.effective_period_index = exact.effective_period_index
left join times as nearest
    on
        placed.source_system = nearest.source_system
        and placed.obligation_type = nearest.obligation_type
        and placed.obligation_id = nearest.obligation_id
        and placed.accounting_period_index = nearest.accounting_period_index
        and nearest.effective_period_index is null
left join openings
    on placed.accounting_period_index = openings.first_open_period_index
