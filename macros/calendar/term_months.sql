{#-
    The term of a grant in months, as text: the days from the date on which it takes effect
    to the date on which it expires, x 12 / 365, rounded half up to a whole number (30 days
    are 1, 90 are 3, 365 and 366 are 12, under 16 are 0). `none` without an expiry.

    The cohorts of breakage and the key term_months of the seed breakage_estimates are
    made of it: as text, so that a blank key means any term and `none` has a name.

    Arguments: UTC timestamp columns.
-#}
{%- macro term_months(effective_at, expires_at) -%}
    {%- set days = revrec.days_between(
        revrec.accounting_date(effective_at), revrec.accounting_date(expires_at)
    ) -%}
    case
        when {{ expires_at }} is null or {{ effective_at }} is null then 'none'
        else cast(cast({{ revrec.wide_divide(
            "24 * greatest(" ~ days ~ ", 0) + 365", "730"
        ) }} as integer) as varchar)
    end
{%- endmacro -%}


{#- The calendar month of a date as text, `2026-01`. Arguments: a date column. -#}
{%- macro month_of(day) -%}
    cast({{ revrec.year_of(day) }} as varchar) || '-'
    || lpad(cast(cast(extract(month from {{ day }}) as integer) as varchar), 2, '0')
{%- endmacro -%}
