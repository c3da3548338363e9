-- Everything that moves the receivable of an invoice of which finance excluded a line
-- after it was booked and before anything was paid, in book order, as it is in the
-- books: unlike int_receivable_moves it knows what each event took of which line.
{{ config(materialized='table') }}

with

exclusions as (

    select distinct
        source_system,
        invoice_id
    from {{ ref('int_exclusion_events') }}
    where settlement_account = 'accounts_receivable' and invoice_id is not null

),

bookings as (

    select * from {{ ref('int_invoice_bookings') }}

),

events as (

    select * from {{ ref('int_line_events') }}

),

effects as (

    select * from {{ ref('int_reversal_effects') }}
    where 'accounts_receivable' in (debit_account, credit_account)

),

excess as (

    select * from {{ ref('int_line_event_excess') }}
    where settlement_account = 'accounts_receivable'

),

settlements as (

    select * from {{ ref('int_settlements') }}
    where
        settlement_reason is null
        and settlement_type in (
            'payment', 'out_of_band_payment', 'balance_applied', 'credit_applied'
        )

),

early_exclusions as (

    select * from {{ ref('int_settlement_exclusions') }}

),

taken as (

    select
        source_system,
        event_id,
        case when credit_account = 'accounts_receivable' then value_minor else -value_minor end
            as taken_minor
    from effects

    union all

    select
        source_system,
        event_id,
        excess_minor as taken_minor
    from excess

),

moves as (

    select
        source_system,
        invoice_id,
        cast(null as varchar) as settlement_id,
        booked_minor as billed_minor,
        0 as excluded_minor,
        cast(null as bigint) as paid_minor,
        cast(null as bigint) as settled_minor,
        accounting_period_index,
        effective_period_index,
        {{ first_instant() }} as effective_at,
        0 as move_rank
    from bookings

    union all

    select
        events.source_system,
        events.invoice_id,
        cast(null as varchar) as settlement_id,
        -taken.taken_minor as billed_minor,
        case when events.event_type = 'exclusion' then taken.taken_minor else 0 end
            as excluded_minor,
        cast(null as bigint) as paid_minor,
        cast(null as bigint) as settled_minor,
        events.accounting_period_index,
        events.effective_period_index,
        events.effective_at,
        1 as move_rank
    from events
    inner join taken
        on
            events.source_system = taken.source_system
            and events.event_id = taken.event_id

    union all

    select
        settlements.source_system,
        settlements.invoice_id,
        settlements.settlement_id,
        0 as billed_minor,
        0 as excluded_minor,
        settlements.amount_minor - coalesce(early_exclusions.excluded_value_minor, 0)
            as paid_minor,
        settlements.settled_minor - coalesce(early_exclusions.excluded_settled_minor, 0)
            as settled_minor,
        settlements.accounting_period_index,
        settlements.effective_period_index,
        settlements.effective_at,
        2 as move_rank
    from settlements
    left join early_exclusions
        on
            settlements.source_system = early_exclusions.source_system
            and settlements.settlement_id = early_exclusions.settlement_id

),

numbered as (

    select
        moves.*,
        row_number() over (
            partition by moves.source_system, moves.invoice_id
            order by
                moves.accounting_period_index,
                moves.effective_period_index,
                moves.effective_at,
                moves.move_rank,
                {{ key_hash(['moves.settlement_id']) }}
        ) as move_number
    from moves
    inner join exclusions
        on
            moves.source_system = exclusions.source_system
            and moves.invoice_id = exclusions.invoice_id

)

select * from numbered
