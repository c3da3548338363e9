-- The canonical lines with their amounts in minor units of the books and their
-- days, and the first reason why a line cannot count.
with

lines as (

    select * from {{ ref('int_service_lines_unioned') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

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
        {{ nano_units('lines.amount') }} as amount_nano,
        coalesce({{ nano_units('lines.tax_amount') }}, 0) as tax_nano,
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
        coalesce(
            {{ books_minor_problem('amount_nano', 'amount_minor', 'minor_units', 'source_units') }},
            {{ books_minor_problem('tax_nano', 'tax_minor', 'minor_units', 'source_units') }}
        ) as amount_problem
    from scaled

),

final as (

    select
        *,
        case
            when row_reason is not null then row_reason
            when minor_units is null then 'unknown_currency'
            when amount is null then 'missing_amount'
            when amount_problem is not null then amount_problem
            when starts_on is null and ends_on is not null then 'incomplete_service_period'
            when ends_on is null and starts_on is not null then 'incomplete_service_period'
            when ends_on < starts_on or service_ends_at < service_starts_at
                then 'service_ends_before_start'
        end as line_problem
    from checked

)

select * from final
