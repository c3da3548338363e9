-- Everything that moves the receivable of an invoice of which something takes
-- whatever is left of it (a void, a write-off, a payment outside the source), in
-- book order. Positive is owed by the customer. A void takes nothing of an invoice
-- that was overpaid: what is owed to the customer stays.
with

settlements as (

    select * from {{ ref('int_settlements') }}
    where
        settlement_reason is null
        and settlement_type in (
            'payment', 'out_of_band_payment', 'balance_applied', 'credit_applied'
        )

),

exclusions as (

    select * from {{ ref('int_settlement_exclusions') }}

),

excluded_lines as (

    select * from {{ ref('int_exclusion_events') }}
    where settlement_account = 'accounts_receivable'

),

events as (

    select * from {{ ref('int_line_events_counted') }}
    where
        settlement_account = 'accounts_receivable'
        and scope_invoice_id is not null

),

bookings as (

    select * from {{ ref('int_invoice_bookings') }}

),

cleared as (

    select
        source_system,
        invoice_id
    from settlements
    where amount_minor is null

    union

    select
        source_system,
        scope_invoice_id as invoice_id
    from events
    where amount_minor is null

),

moves as (

    select
        source_system,
        invoice_id,
        'booking' as move_type,
        cast(null as varchar) as move_id,
        booked_minor as amount_minor,
        accounting_period_index,
        effective_period_index,
        {{ first_instant() }} as effective_at,
        0 as move_rank
    from bookings

    union all

    select
        settlements.source_system,
        settlements.invoice_id,
        settlements.settlement_type as move_type,
        settlements.settlement_id as move_id,
        coalesce(exclusions.excluded_value_minor, 0) - settlements.amount_minor as amount_minor,
        settlements.accounting_period_index,
        settlements.effective_period_index,
        settlements.effective_at,
        1 as move_rank
    from settlements
    left join exclusions
        on
            settlements.source_system = exclusions.source_system
            and settlements.settlement_id = exclusions.settlement_id

    union all

    select
        source_system,
        scope_invoice_id as invoice_id,
        event_type as move_type,
        event_id as move_id,
        case when restores_event_id is null then -amount_minor else amount_minor end
            as amount_minor,
        accounting_period_index,
        effective_period_index,
        -- A customer balance that had paid comes back seconds after the void.
        case
            when event_type = 'void' then effective_at + interval '1 hour'
            else effective_at
        end as effective_at,
        2 as move_rank
    from events

    union all

    -- Of a line of which nothing was reversed before; a void or write-off afterwards
    -- takes what is left of the lines, whatever that is (int_line_events).
    select
        source_system,
        invoice_id,
        event_type as move_type,
        event_id as move_id,
        -line_minor as amount_minor,
        accounting_period_index,
        effective_period_index,
        effective_at,
        2 as move_rank
    from excluded_lines

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
                {{ key_hash(['moves.move_id']) }}
        ) as move_number
    from moves
    inner join cleared
        on
            moves.source_system = cleared.source_system
            and moves.invoice_id = cleared.invoice_id

),

summed as (

    select
        *,
        coalesce(sum(amount_minor) over so_far, 0) as known_before,
        coalesce(sum(case when move_type = 'booking' then amount_minor end) over so_far, 0)
            as booked_before,
        coalesce(sum(case when move_rank = 1 then amount_minor end) over so_far, 0)
            as settled_before,
        max(case when move_rank = 1 and amount_minor is null then move_number end) over so_far
            as settled_number
    from numbered
    window so_far as (
        partition by source_system, invoice_id
        order by move_number
        rows between unbounded preceding and 1 preceding
    )

),

-- What was settled outside the source was settled in full.
claimed as (

    select
        summed.*,
        summed.known_before - coalesce(settled.known_before, 0) as claim_minor,
        summed.settled_before <> 0 or summed.settled_number is not null as is_settled
    from summed
    left join summed as settled
        on
            summed.source_system = settled.source_system
            and summed.invoice_id = settled.invoice_id
            and summed.settled_number = settled.move_number

),

final as (

    select
        source_system,
        invoice_id,
        move_type,
        move_id,
        move_number,
        case
            when
                move_type = 'void'
                and is_settled
                and (
                    booked_before <= 0 and claim_minor > 0
                    or booked_before >= 0 and claim_minor < 0
                )
                then 0
            else amount_minor
        end as amount_minor,
        accounting_period_index,
        effective_period_index,
        effective_at,
        is_settled
    from claimed

)

select
    *,
    amount_minor is null as is_clearing
from final
