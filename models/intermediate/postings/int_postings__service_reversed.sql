-- Dr deferred_revenue (or tax_liability, ...) for what was not recognised yet, Dr the
-- contra account of the event for what was recognised in earlier periods, Cr the
-- account on the other side (cash, accounts_receivable, ...): refunds, disputes,
-- credit notes, voids, write-offs. What gives back swaps the sides, or by policy
-- recovery is Cr recoverables.
with

effects as (

    select * from {{ ref('int_reversal_effects') }}

),

events as (

    select * from {{ ref('int_line_events') }}

),

names as (

    select * from {{ ref('int_service_event_names') }}

),

parts as (

    select * from {{ ref('int_reversible_parts') }}

),

payments as (

    select * from {{ ref('int_settlements') }}
    where settlement_type = 'payment' and amount_minor <> 0

),

-- A refund leaves at the rate at which its payment came.
settled as (

    select
        effects.*,
        events.event_type,
        events.effective_on,
        events.effective_period_index,
        events.accounting_period_index,
        payments.settled_currency,
        payments.settled_minor,
        payments.amount_minor as payment_minor,
        abs(effects.value_minor) as value_weight
    from effects
    inner join events
        on
            effects.source_system = events.source_system
            and effects.event_id = events.event_id
    left join payments
        on
            effects.source_system = payments.source_system
            and events.payment_id = payments.settlement_id
            and effects.credit_account = 'cash'

),

valued as (

    select
        *,
        {{ sign_of('value_minor') }}
        * {{ share_minor('settled_minor', 'value_weight', 'payment_minor') }} as settled_share
    from settled

),

summed as (

    select
        valued.source_system,
        valued.obligation_id,
        names.entry_type,
        valued.debit_account,
        valued.credit_account,
        valued.effective_period_index,
        valued.accounting_period_index,
        max(valued.effective_on) as last_date,
        cast(sum(valued.value_minor) as bigint) as value_minor,
        case
            when
                count(valued.settled_share) = count(*)
                and min(valued.settled_currency) = max(valued.settled_currency)
                then max(valued.settled_currency)
        end as settled_currency,
        case
            when
                count(valued.settled_share) = count(*)
                and min(valued.settled_currency) = max(valued.settled_currency)
                then cast(sum(valued.settled_share) as bigint)
        end as settled_minor,
        count(*) as source_entry_count
    from valued
    inner join names
        on valued.event_type = names.event_type
    group by
        valued.source_system,
        valued.obligation_id,
        names.entry_type,
        valued.debit_account,
        valued.credit_account,
        valued.effective_period_index,
        valued.accounting_period_index

)

select
    parts.entity_id,
    summed.source_system,
    'service_line' as obligation_type,
    summed.obligation_id,
    parts.customer_id,
    parts.product_id,
    summed.entry_type as event_type,
    summed.accounting_period_index,
    summed.effective_period_index,
    summed.last_date as booked_date,
    summed.last_date,
    summed.debit_account,
    summed.credit_account,
    summed.value_minor,
    parts.currency,
    parts.minor_unit,
    0 as units,
    summed.source_entry_count,
    'reversal_timing: ' || parts.reversal_timing || ', recovery: ' || parts.recovery as policy,
    parts.invoice_id,
    summed.settled_currency,
    summed.settled_minor
from summed
inner join parts
    on
        summed.source_system = parts.source_system
        and summed.obligation_id = parts.obligation_id
