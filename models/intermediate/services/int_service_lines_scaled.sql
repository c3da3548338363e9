-- The canonical lines with their amounts in minor units of the books and their
-- days, and the first reason why a line cannot count.
with

lines as (

    select * from {{ ref('int_service_lines_unioned') }}

),

currencies as (

    select * from {{ ref('int_currencies') }}

),

measured as (

    select
        lines.*,
        currencies.minor_units,
        currencies.stripe_minor_units,
        currencies.minor_unit,
        case lines.amount_scale
            when 'stripe_minor' then currencies.stripe_minor_units
            else 1
        end as source_units,
        coalesce(lines.tax_amount, 0) as tax_or_none,
        coalesce(lines.service_starts_on, {{ accounting_date('lines.service_starts_at') }})
            as starts_on,
        coalesce(lines.service_ends_on, {{ accounting_date('lines.service_ends_at') }})
            as ends_on,
        coalesce(lines.booked_on, {{ accounting_date('lines.booked_at') }})
            as booked_on_or_at,
        {{ accounting_date('lines.unbilled_at') }} as unbilled_on
    from lines
    left join currencies
        on lines.currency = currencies.currency

),

final as (

    select
        *,
        {{ books_minor("amount", "minor_units", "source_units") }} as amount_minor,
        {{ books_minor('tax_or_none', 'minor_units', 'source_units') }} as tax_minor,
        case
            when row_reason is not null then row_reason
            when minor_units is null then 'unknown_currency'
            when {{ books_minor_problem('amount', 'minor_units', 'source_units') }}
                is not null
                then {{ books_minor_problem('amount', 'minor_units', 'source_units') }}
            when {{ books_minor_problem('tax_or_none', 'minor_units', 'source_units') }}
                is not null
                then {{ books_minor_problem('tax_or_none', 'minor_units', 'source_units') }}
            when starts_on is null and ends_on is not null then 'incomplete_service_period'
            when ends_on is null and starts_on is not null then 'incomplete_service_period'
            when ends_on < starts_on or service_ends_at < service_starts_at
                then 'negative_service_period'
        end as line_problem
    from measured

)

select * from final
