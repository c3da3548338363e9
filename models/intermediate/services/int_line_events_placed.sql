-- One row per raw event on an invoice or a line: its amount in minor units (null:
-- whatever is left), where it posts, and why it does not count, where it does not.
-- scope_id names the parts among which it is split: those of one invoice, or of one
-- line that has none. An event is known no earlier than what it is about.
{{ config(materialized='table') }}

with

events as (

    select * from {{ ref('int_line_events_unioned') }}

),

restorable as (

    select * from {{ ref('int_line_events_unioned') }}
    where row_reason is null and not {{ is_known_later('known_at') }}

),

lines as (

    select * from {{ ref('int_service_line_scopes') }}

),

invoices as (

    select * from {{ ref('int_invoice_totals') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

accounting_days as (

    select * from {{ ref('int_accounting_days') }}

),

known_floors as (

    select * from {{ ref('int_known_floors') }}

),

measured as (

    select
        events.*,
        currencies.minor_units,
        case events.amount_scale
            when 'stripe_minor' then currencies.stripe_minor_units
            else 1
        end as source_units,
        coalesce(invoices.currency, lines.currency) as scope_currency,
        coalesce(invoices.invoice_id, lines.invoice_id) as scope_invoice_id,
        lines.is_invoiced,
        greatest(coalesce(invoices.excluded_minor, 0), 0) as excluded_weight,
        greatest(coalesce(invoices.excluded_minor + invoices.booked_minor, 0), 1)
            as invoice_weight,
        coalesce(invoices.booked_period_index, lines.booked_period_index)
            as booked_period_index,
        case
            when invoices.invoice_id is not null then 'invoice ' || invoices.invoice_id
            else lines.scope_id
        end as scope_id,
        {{ nano_units('events.amount') }} as amount_nano,
        {{ accounting_date('events.effective_at') }} as effective_on,
        greatest(
            events.known_at, invoices.booked_known_at, lines.known_at, restorable.known_at
        ) as posted_known_at
    from events
    left join restorable
        on
            events.source_system = restorable.source_system
            and events.restores_event_id = restorable.event_id
    left join invoices
        on
            events.source_system = invoices.source_system
            and events.invoice_id = invoices.invoice_id
    left join lines
        on
            events.source_system = lines.source_system
            and events.line_id = lines.line_id
    left join currencies
        on events.currency = currencies.currency

),

scaled as (

    select
        *,
        {{ books_minor('amount_nano', 'minor_units', 'source_units') }} as whole_minor
    from measured

),

checked as (

    select
        *,
        {{ books_minor_problem('amount_nano', 'whole_minor', 'minor_units', 'source_units') }}
            as amount_problem
    from scaled

),

placed as (

    select
        checked.*,
        days.period_index as effective_period_index,
        -- In a period that was reopened it would come before its invoice.
        greatest(
            days.period_index, known.first_open_period_index, checked.booked_period_index
        ) as own_period_index,
        case
            when checked.row_reason is not null then checked.row_reason
            when {{ is_known_later('checked.known_at') }} then 'known_later'
            -- Whatever else is wrong with what lies ahead: its invoice does too.
            when not days.is_counted then 'after_as_of_date'
            when checked.minor_units is null then 'unknown_currency'
            when checked.amount_problem is not null then checked.amount_problem
            when checked.scope_id is null and checked.invoice_id is not null
                then 'unknown_invoice'
            when checked.scope_id is null then 'unknown_line'
            when checked.scope_currency <> checked.currency then 'currency_mismatch'
            when checked.event_type = 'item_deleted' and checked.is_invoiced
                then 'item_already_invoiced'
            when days.period_index is null then 'outside_calendar'
            when known.first_open_period_index is null then 'invalid_timestamp'
        end as placed_reason
    from checked
    left join accounting_days as days
        on checked.effective_on = days.accounting_date
    left join known_floors as known
        on
            cast(checked.posted_known_at as date) = known.known_date
            and checked.posted_known_at >= known.known_from
            and checked.posted_known_at < known.known_to

),

-- What undoes an event that does not count gives back what nobody took.
final as (

    select
        placed.*,
        greatest(placed.own_period_index, restored.own_period_index) as accounting_period_index,
        case
            when placed.placed_reason is not null then placed.placed_reason
            when placed.restores_event_id is not null and restored.event_id is null
                then 'unknown_event'
        end as event_reason
    from placed
    left join placed as restored
        on
            placed.source_system = restored.source_system
            and placed.restores_event_id = restored.event_id
            and placed.scope_id = restored.scope_id
            and restored.placed_reason is null

)

select * from final
