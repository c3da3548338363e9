-- One row per movement of a grant with value: its units x cost beside what the
-- journal booked for it.
--
-- Explained is what overdrawn units would have been worth, and rounding: never
-- more than one minor unit for one movement (T2 proves it to the digit). Of what expired
-- also what T7_breakage proves.
with

movements as (

    select * from {{ ref('int_credit_grant_movements') }}
    where presentation not in ('memo', 'owed')

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

events as (

    select * from {{ ref('int_credit_event_names') }}

),

effects as (

    select * from {{ ref('int_credit_journal_effects') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

-- What pays several invoices has several entries, some of which take back.
journal as (

    select
        source_system,
        grant_id,
        event_type,
        accounting_period_index,
        effective_period_index,
        deferred_minor,
        recognised_minor
    from effects
    where invoice_id is null and event_type <> 'credit_refunded'

    union all

    select
        source_system,
        grant_id,
        case when invoice_id is null then event_type else 'credit_applied' end as event_type,
        accounting_period_index,
        effective_period_index,
        sum(deferred_minor) as deferred_minor,
        sum(recognised_minor) as recognised_minor
    from effects
    where invoice_id is not null or event_type = 'credit_refunded'
    group by
        source_system,
        grant_id,
        case when invoice_id is null then event_type else 'credit_applied' end,
        accounting_period_index,
        effective_period_index

),

-- What was recognised ahead of expiry, or is held for a law, expires without revenue.
breakage_expiries as (

    select * from {{ ref('int_breakage_expiries') }}

),

posted as (

    select
        movements.source_system,
        movements.grant_id,
        movements.valued_units,
        movements.value_minor,
        movements.units - movements.valued_units as overdrawn_units,
        coalesce(breakage_expiries.at_cost_minor - breakage_expiries.value_minor, 0)
            as ahead_minor,
        grants.currency,
        grants.price_numerator,
        grants.price_denominator,
        periods.accounting_period,
        events.tie_out,
        events.tie_out_sign,
        case
            when events.tie_out = 'T1_consumption' then journal.recognised_minor
            when events.tie_out = 'T3_additions' then journal.deferred_minor
            else -journal.deferred_minor
        end as posted_minor
    from movements
    inner join grants
        on
            movements.source_system = grants.source_system
            and movements.grant_id = grants.grant_id
    inner join events
        on movements.event_rank = events.event_rank
    inner join periods
        on movements.accounting_period_index = periods.period_index
    left join journal
        on
            movements.source_system = journal.source_system
            and movements.grant_id = journal.grant_id
            and movements.accounting_period_index = journal.accounting_period_index
            and movements.effective_period_index = journal.effective_period_index
            and events.event_type = journal.event_type
    left join breakage_expiries
        on
            movements.source_system = breakage_expiries.source_system
            and movements.grant_id = breakage_expiries.grant_id
            and movements.accounting_period_index = breakage_expiries.accounting_period_index
            and movements.effective_period_index = breakage_expiries.effective_period_index
            and movements.event_rank = breakage_expiries.event_rank
    where grants.presentation = 'deferred' or events.tie_out = 'T1_consumption'

),

scaled as (

    select
        *,
        {{ nano_units('valued_units') }} as valued_nano,
        {{ nano_units('overdrawn_units') }} as overdrawn_nano
    from posted

),

whole as (

    select
        *,
        {{ value_whole('valued_nano', 'price_numerator', 'price_denominator') }}
            as valued_whole,
        {{ value_whole('overdrawn_nano', 'price_numerator', 'price_denominator') }}
            as overdrawn_whole
    from scaled

),

valued as (

    select
        source_system,
        grant_id,
        currency,
        accounting_period,
        tie_out,
        posted_minor,
        ahead_minor,
        tie_out_sign * value_minor as booked_minor,
        tie_out_sign * {{ value_unrounded(
            'valued_nano', 'valued_whole', 'price_numerator', 'price_denominator'
        ) }} as valued,
        tie_out_sign * {{ value_unrounded(
            'overdrawn_nano', 'overdrawn_whole', 'price_numerator', 'price_denominator'
        ) }} as overdrawn
    from whole

),

final as (

    select
        source_system,
        grant_id,
        currency,
        accounting_period,
        tie_out,
        valued + overdrawn as expected,
        coalesce(posted_minor, 0) as actual,
        case
            when abs(valued - booked_minor) <= 1 then valued + overdrawn - booked_minor
            else overdrawn
        end + ahead_minor as explained
    from valued

)

select * from final
