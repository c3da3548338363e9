-- One row per raw split of an event: its amounts in minor units, and why it does
-- not count, where it does not. A split that does not count leaves its amount to
-- all parts of the event's invoice.
{{ config(materialized='table') }}

with

splits as (

    select * from {{ ref('int_line_event_splits_unioned') }}

),

events as (

    select * from {{ ref('int_line_events_placed') }}

),

scopes as (

    select * from {{ ref('int_service_line_scopes') }}

),

excluded_lines as (

    select * from {{ ref('int_excluded_lines') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

-- Copies of an event have reasons; if one row of it counts, the event does.
event_reasons as (

    select
        source_system,
        event_id,
        min(currency) as currency,
        min(scope_id) as scope_id,
        case when count(*) = count(event_reason) then min(event_reason) end as event_reason
    from events
    where event_id is not null
    group by source_system, event_id

),

measured as (

    select
        splits.*,
        {{ nano_units('splits.amount') }} as amount_nano,
        coalesce({{ nano_units('splits.tax_amount') }}, 0) as tax_nano,
        currencies.minor_units,
        event_reasons.event_id is null as is_unknown_event,
        event_reasons.event_reason,
        event_reasons.currency as event_currency,
        coalesce(scopes.line_id, excluded_lines.line_id) is null as is_unknown_line,
        case splits.amount_scale
            when 'stripe_minor' then currencies.stripe_minor_units
            else 1
        end as source_units
    from splits
    left join currencies
        on splits.currency = currencies.currency
    left join event_reasons
        on
            splits.source_system = event_reasons.source_system
            and splits.event_id = event_reasons.event_id
    left join scopes
        on
            splits.source_system = scopes.source_system
            and splits.line_id = scopes.line_id
            and event_reasons.scope_id = scopes.scope_id
    left join excluded_lines
        on
            splits.source_system = excluded_lines.source_system
            and splits.line_id = excluded_lines.line_id
            and event_reasons.scope_id = 'invoice ' || excluded_lines.invoice_id

),

scaled as (

    select
        *,
        {{ books_minor('amount_nano', 'minor_units', 'source_units') }} as amount_minor,
        {{ books_minor('tax_nano', 'minor_units', 'source_units') }} as tax_minor
    from measured

),

checked as (

    select
        *,
        {{ books_minor_problem('amount_nano', 'amount_minor', 'minor_units', 'source_units') }}
            as amount_problem,
        {{ books_minor_problem('tax_nano', 'tax_minor', 'minor_units', 'source_units') }}
            as tax_problem
    from scaled

),

final as (

    select
        *,
        case
            when row_reason is not null then row_reason
            when is_unknown_event then 'unknown_event'
            when event_reason is not null then event_reason
            when minor_units is null then 'unknown_currency'
            when currency <> event_currency then 'currency_mismatch'
            when amount_problem is not null then amount_problem
            when tax_problem is not null then tax_problem
            when is_unknown_line then 'unknown_line'
        end as split_reason
    from checked

)

select * from final
