-- One row per raw fulfilment: its amount in minor units, where it posts, and why
-- it does not count, where it does not.
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
        days.period_index as effective_period_index,
        days.is_counted,
        greatest(days.period_index, known.first_open_period_index) as accounting_period_index
    from fulfilments
    left join lines
        on
            fulfilments.source_system = lines.source_system
            and fulfilments.line_id = lines.line_id
    left join accounting_days as days
        on fulfilments.fulfilled_on = days.accounting_date
    left join known_floors as known
        on
            cast(fulfilments.known_at as date) = known.known_date
            and fulfilments.known_at >= known.known_from
            and fulfilments.known_at < known.known_to

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
        *,
        case
            when row_reason is not null then row_reason
            when is_unknown_line then 'unknown_line'
            when currency <> line_currency then 'currency_mismatch'
            when amount_problem is not null then amount_problem
            when effective_period_index is null then 'outside_calendar'
            when accounting_period_index is null then 'invalid_timestamp'
        end as fulfilment_reason
    from checked

)

select * from final
