-- One row per raw fulfilment: its amount in minor units, where it posts, and why
-- it does not count, where it does not. It is known no earlier than its line.
with

fulfilments as (

    select * from {{ ref('int_fulfilments_unioned') }}

),

lines as (

    select * from {{ ref('int_service_lines') }}
    where line_reason is null

),

accounting_days as (

    select * from {{ ref('int_accounting_days') }}

),

known_floors as (

    select * from {{ ref('int_known_floors') }}

),

measured as (

    select
        fulfilments.*,
        lines.line_id is null as is_unknown_line,
        lines.currency as line_currency,
        lines.minor_units,
        case fulfilments.amount_scale
            when 'stripe_minor' then lines.stripe_minor_units
            else 1
        end as source_units,
        {{ nano_units('fulfilments.amount') }} as amount_nano,
        greatest(
            fulfilments.known_at,
            lines.known_at,
            case when lines.unbilled_date is null then lines.booked_known_at end
        ) as posted_known_at
    from fulfilments
    left join lines
        on
            fulfilments.source_system = lines.source_system
            and fulfilments.line_id = lines.line_id

),

scaled as (

    select
        *,
        {{ books_minor('amount_nano', 'minor_units', 'source_units') }} as amount_minor
    from measured

),

checked as (

    select
        *,
        {{ books_minor_problem('amount_nano', 'amount_minor', 'minor_units', 'source_units') }}
            as amount_problem
    from scaled

),

final as (

    select
        checked.*,
        days.period_index as effective_period_index,
        greatest(days.period_index, known.first_open_period_index) as accounting_period_index,
        case
            when checked.row_reason is not null then checked.row_reason
            when {{ is_known_later('checked.known_at') }} then 'known_later'
            -- Whatever else is wrong with what lies ahead: its line does too.
            when not days.is_counted then 'after_as_of_date'
            when checked.is_unknown_line then 'unknown_line'
            when checked.currency <> checked.line_currency then 'currency_mismatch'
            when checked.amount_problem is not null then checked.amount_problem
            when days.period_index is null then 'outside_calendar'
            when known.first_open_period_index is null then 'invalid_timestamp'
        end as fulfilment_reason
    from checked
    left join accounting_days as days
        on checked.fulfilled_on = days.accounting_date
    left join known_floors as known
        on
            cast(checked.posted_known_at as date) = known.known_date
            and checked.posted_known_at >= known.known_from
            and checked.posted_known_at < known.known_to

)

select * from final
