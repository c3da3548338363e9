-- One row per raw event on an invoice or a line: its amount in minor units (null:
-- whatever is left), where it posts, and why it does not count, where it does not.
-- scope_id names the parts among which it is split: those of one invoice, or of one
-- line that has none.
with

events as (

    select * from {{ ref('int_line_events_unioned') }}

),

lines as (

    select * from {{ ref('int_service_line_scopes') }}

),

invoices as (

    select * from {{ ref('int_invoice_totals') }}

),

currencies as (

    select * from {{ ref('int_currencies') }}

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
        case
            when invoices.invoice_id is not null then 'invoice ' || invoices.invoice_id
            else lines.scope_id
        end as scope_id,
        {{ accounting_date('events.effective_at') }} as effective_on
    from events
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

final as (

    select
        measured.*,
        {{ books_minor('amount', 'minor_units', 'source_units') }} as amount_minor,
        days.period_index as effective_period_index,
        greatest(days.period_index, known.first_open_period_index) as accounting_period_index,
        case
            when measured.row_reason is not null then measured.row_reason
            when measured.minor_units is null then 'unknown_currency'
            when {{ books_minor_problem('amount', 'minor_units', 'source_units') }}
                is not null
                then {{ books_minor_problem('amount', 'minor_units', 'source_units') }}
            when measured.scope_id is null and measured.invoice_id is not null
                then 'unknown_invoice'
            when measured.scope_id is null then 'unknown_line'
            when measured.scope_currency <> measured.currency then 'currency_mismatch'
            when days.period_index is null then 'outside_calendar'
            when known.first_open_period_index is null then 'invalid_timestamp'
            when not days.is_counted then 'after_as_of_date'
        end as event_reason
    from measured
    left join accounting_days as days
        on measured.effective_on = days.accounting_date
    left join known_floors as known
        on
            cast(measured.known_at as date) = known.known_date
            and measured.known_at >= known.known_from
            and measured.known_at < known.known_to

)

select * from final
