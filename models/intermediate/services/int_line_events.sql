-- One row per event that counts: what it takes from the lines (or gives back), in
-- book order within its scope. A payment of what was written off is an event too:
-- it restores the receivable that it pays. What a credit note takes of a write-off
-- is an event of its own: nothing is receivable of that.
{{ config(materialized='table') }}

with

events as (

    select * from {{ ref('int_line_events_counted') }}

),

claims as (

    select * from {{ ref('int_receivable_claims') }}

),

settlements as (

    select * from {{ ref('int_settlements') }}
    where settlement_reason is null

),

exclusions as (

    select * from {{ ref('int_exclusion_events') }}

),

late_exclusions as (

    select distinct
        source_system,
        invoice_id
    from exclusions
    where settlement_account = 'accounts_receivable' and invoice_id is not null

),

resolved as (

    select
        events.source_system,
        events.source_table,
        events.source_key,
        events.event_id,
        events.event_id as placed_event_id,
        case when claims.recovered_minor > 0 then null else events.event_id end
            as split_event_id,
        case
            when events.event_type = 'void' and claims.is_written_off then 'write_off_voided'
            else events.event_type
        end as event_type,
        events.restores_event_id,
        events.scope_id,
        events.scope_invoice_id as invoice_id,
        events.line_id,
        events.payment_id,
        events.currency,
        events.settlement_account,
        case
            when events.amount_minor is not null
                then events.amount_minor - coalesce(claims.recovered_minor, 0)
            when late_exclusions.invoice_id is not null then null
            -- Nobody writes off what is owed to the customer.
            when events.event_type = 'uncollectible' and claims.is_written_off then 0
            when events.event_type = 'uncollectible'
                then greatest(claims.receivable_minor, 0)
            when events.settlement_account = 'accounts_receivable'
                then coalesce(claims.amount_minor, claims.receivable_minor)
        end as amount_minor,
        events.event_type = 'void' and not claims.is_settled as takes_all,
        events.excluded_minor,
        events.effective_on,
        events.effective_at,
        events.effective_period_index,
        events.accounting_period_index
    from events
    left join claims
        on
            events.source_system = claims.source_system
            and events.event_id = claims.move_id
            and events.event_type = claims.move_type
    left join late_exclusions
        on
            events.source_system = late_exclusions.source_system
            and events.scope_invoice_id = late_exclusions.invoice_id

    union all

    -- What became receivable again after the write-off is voided with it.
    select
        events.source_system,
        events.source_table,
        events.source_key,
        events.event_id || ':rest' as event_id,
        events.event_id as placed_event_id,
        cast(null as varchar) as split_event_id,
        events.event_type,
        events.restores_event_id,
        events.scope_id,
        events.scope_invoice_id as invoice_id,
        events.line_id,
        events.payment_id,
        events.currency,
        events.settlement_account,
        coalesce(claims.amount_minor, claims.receivable_minor) as amount_minor,
        not claims.is_settled as takes_all,
        cast(null as bigint) as excluded_minor,
        events.effective_on,
        events.effective_at,
        events.effective_period_index,
        events.accounting_period_index
    from events
    inner join claims
        on
            events.source_system = claims.source_system
            and events.event_id = claims.move_id
            and events.event_type = claims.move_type
    where
        events.event_type = 'void'
        and claims.is_written_off

    union all

    -- The source's own split is that of the whole note.
    select
        events.source_system,
        events.source_table,
        events.source_key,
        events.event_id || ':written_off' as event_id,
        events.event_id as placed_event_id,
        case when claims.recovered_minor = events.amount_minor then events.event_id end
            as split_event_id,
        'write_off_credited' as event_type,
        claims.write_off_id as restores_event_id,
        events.scope_id,
        events.scope_invoice_id as invoice_id,
        events.line_id,
        events.payment_id,
        events.currency,
        events.settlement_account,
        claims.recovered_minor as amount_minor,
        false as takes_all,
        cast(null as bigint) as excluded_minor,
        events.effective_on,
        events.effective_at,
        events.effective_period_index,
        events.accounting_period_index
    from events
    inner join claims
        on
            events.source_system = claims.source_system
            and events.event_id = claims.move_id
            and events.event_type = claims.move_type
    where
        events.event_type = 'credit_note'
        and claims.recovered_minor > 0

    union all

    select
        settlements.source_system,
        settlements.source_table,
        settlements.source_key,
        settlements.settlement_id || ':recovered' as event_id,
        cast(null as varchar) as placed_event_id,
        cast(null as varchar) as split_event_id,
        'recovered' as event_type,
        claims.write_off_id as restores_event_id,
        'invoice ' || settlements.invoice_id as scope_id,
        settlements.invoice_id,
        cast(null as varchar) as line_id,
        settlements.settlement_id as payment_id,
        settlements.currency,
        'accounts_receivable' as settlement_account,
        claims.recovered_minor as amount_minor,
        false as takes_all,
        cast(null as bigint) as excluded_minor,
        settlements.effective_on,
        settlements.effective_at,
        settlements.effective_period_index,
        settlements.accounting_period_index
    from settlements
    inner join claims
        on
            settlements.source_system = claims.source_system
            and settlements.settlement_id = claims.move_id
            and settlements.settlement_type = claims.move_type
    where claims.recovered_minor > 0

    union all

    select
        source_system,
        source_table,
        source_key,
        event_id,
        cast(null as varchar) as placed_event_id,
        cast(null as varchar) as split_event_id,
        event_type,
        restores_event_id,
        scope_id,
        invoice_id,
        line_id,
        payment_id,
        currency,
        settlement_account,
        amount_minor,
        true as takes_all,
        cast(null as bigint) as excluded_minor,
        effective_on,
        effective_at,
        effective_period_index,
        accounting_period_index
    from exclusions

),

final as (

    select
        *,
        event_type in (
            'refund_failed',
            'dispute_won',
            'credit_note_voided',
            'recovered',
            'write_off_credited'
        ) as is_restore,
        row_number() over (
            partition by source_system, scope_id
            order by
                accounting_period_index,
                effective_period_index,
                effective_at,
                {{ key_hash(['event_id']) }}
        ) as event_number
    from resolved

)

select * from final
