-- One row per movement of a grant with value: its units x cost beside what the
-- journal booked for it.
--
-- Explained is what overdrawn units would have been worth, and rounding: never
-- more than one minor unit for one movement (T2 proves it to the digit).
with

movements as (

    select * from {{ ref('int_credit_grant_movements') }}
    where presentation <> 'memo'

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

events as (

    select * from {{ ref('int_credit_event_names') }}

),

journal as (

    select * from {{ ref('int_credit_journal_effects') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

scaled as (

    select
        *,
        {{ nano_units('valued_units') }} as valued_nano,
        case
            when units = valued_units then 0
            else {{ nano_units('(units - valued_units)') }}
        end as overdrawn_nano
    from movements

),

valued as (

    select
        scaled.source_system,
        scaled.grant_id,
        grants.currency,
        periods.accounting_period,
        events.tie_out,
        events.tie_out_sign * scaled.value_minor as booked_minor,
        events.tie_out_sign * {{ value_unrounded(
            'scaled.valued_nano', 'grants.price_numerator', 'grants.price_denominator'
        ) }} as valued,
        events.tie_out_sign * {{ value_unrounded(
            'scaled.overdrawn_nano', 'grants.price_numerator', 'grants.price_denominator'
        ) }} as overdrawn,
        case
            when events.tie_out = 'T1_consumption' then journal.recognised_minor
            when events.tie_out = 'T3_additions' then journal.deferred_minor
            else -journal.deferred_minor
        end as posted_minor
    from scaled
    inner join grants
        on
            scaled.source_system = grants.source_system
            and scaled.grant_id = grants.grant_id
    inner join events
        on scaled.event_rank = events.event_rank
    inner join periods
        on scaled.accounting_period_index = periods.period_index
    left join journal
        on
            scaled.source_system = journal.source_system
            and scaled.grant_id = journal.grant_id
            and scaled.accounting_period_index = journal.accounting_period_index
            and scaled.effective_period_index = journal.effective_period_index
            and events.event_type = journal.event_type
    where grants.presentation = 'deferred' or events.event_rank in (3, 4)

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
        end as explained
    from valued

)

select * from final
