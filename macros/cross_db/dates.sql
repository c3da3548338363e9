{#- A date some days later. Arguments: a date and an integer expression. -#}
{%- macro add_days(day, count) -%}
    {{ return(adapter.dispatch("add_days", "revrec")(day, count)) }}
{%- endmacro -%}

{%- macro default__add_days(day, count) -%}
    ({{ day }} + cast({{ count }} as integer))
{%- endmacro -%}


{#- The same day some months later, the month's last day where it has no such
    day. Arguments: a date and an integer expression. -#}
{%- macro add_months(day, count) -%}
    {{ return(adapter.dispatch("add_months", "revrec")(day, count)) }}
{%- endmacro -%}

{%- macro default__add_months(day, count) -%}
    cast({{ day }} + ({{ count }}) * interval '1 month' as date)
{%- endmacro -%}


{#- A date some days, months or years later. Arguments: a date, an integer
    expression, and an expression that is 'days', 'months' or 'years'. -#}
{%- macro add_calendar_units(day, count, unit) -%}
    case {{ unit }}
        when 'days' then {{ revrec.add_days(day, count) }}
        when 'months' then {{ revrec.add_months(day, count) }}
        when 'years' then {{ revrec.add_months(day, "12 * " ~ count) }}
    end
{%- endmacro -%}


{#- Whole days from the first date to the second, an integer. -#}
{%- macro days_between(first_day, second_day) -%}
    {{ return(adapter.dispatch("days_between", "revrec")(first_day, second_day)) }}
{%- endmacro -%}

{%- macro default__days_between(first_day, second_day) -%}
    ({{ second_day }} - {{ first_day }})
{%- endmacro -%}


{#- The calendar year of a date, an integer. -#}
{%- macro year_of(day) -%}
    cast(extract(year from {{ day }}) as integer)
{%- endmacro -%}


{#- The date of a UTC timestamp in a time zone (an IANA name, validated). -#}
{%- macro date_in_zone(utc_timestamp, zone) -%}
    {{ return(adapter.dispatch("date_in_zone", "revrec")(utc_timestamp, zone)) }}
{%- endmacro -%}

{%- macro default__date_in_zone(utc_timestamp, zone) -%}
    cast((({{ utc_timestamp }}) at time zone 'UTC') at time zone '{{ zone }}' as date)
{%- endmacro -%}


{#- Microseconds since 1970 of a UTC timestamp, an integer. Timestamps are
    hashed in this form, for their text differs between engines. -#}
{%- macro epoch_microseconds(utc_timestamp) -%}
    {{ return(adapter.dispatch("epoch_microseconds", "revrec")(utc_timestamp)) }}
{%- endmacro -%}

{%- macro duckdb__epoch_microseconds(utc_timestamp) -%}
    epoch_us({{ utc_timestamp }})
{%- endmacro -%}

{%- macro default__epoch_microseconds(utc_timestamp) -%}
    cast(extract(epoch from {{ utc_timestamp }}) * 1000000 as bigint)
{%- endmacro -%}


{#- One column n with the integers 0 to count - 1. Arguments: a number known
    when the project is parsed. -#}
{%- macro integers(count) -%}
    {{ return(adapter.dispatch("integers", "revrec")(count)) }}
{%- endmacro -%}

{%- macro default__integers(count) -%}
    select cast(n as integer) as n
    from generate_series(0, {{ count - 1 }}) as series(n)
{%- endmacro -%}


{#- The UTC timestamp of a date's first instant in a time zone (an IANA name,
    validated). Arguments: a date expression. -#}
{%- macro day_start_in_utc(day, zone) -%}
    {{ return(adapter.dispatch("day_start_in_utc", "revrec")(day, zone)) }}
{%- endmacro -%}

{%- macro default__day_start_in_utc(day, zone) -%}
    (cast({{ day }} as timestamp) at time zone '{{ zone }}') at time zone 'UTC'
{%- endmacro -%}


{#- Whole seconds since 1970 of a UTC timestamp, a bigint. -#}
{%- macro epoch_seconds(utc_timestamp) -%}
    {{ return(adapter.dispatch("epoch_seconds", "revrec")(utc_timestamp)) }}
{%- endmacro -%}

{%- macro duckdb__epoch_seconds(utc_timestamp) -%}
    cast(epoch_us({{ utc_timestamp }}) // 1000000 as bigint)
{%- endmacro -%}

{%- macro default__epoch_seconds(utc_timestamp) -%}
    cast(floor(extract(epoch from {{ utc_timestamp }})) as bigint)
{%- endmacro -%}


{#- A timestamp some months and then some days later; a day that a month lacks is
    its last. Arguments: a timestamp and two integer expressions. -#}
{%- macro later_moment(moment, months, days) -%}
    {{ return(adapter.dispatch("later_moment", "revrec")(moment, months, days)) }}
{%- endmacro -%}

{%- macro default__later_moment(moment, months, days) -%}
    ({{ moment }} + ({{ months }}) * interval '1 month' + ({{ days }}) * interval '1 day')
{%- endmacro -%}


{#- A timestamp as text to the second, the same on every engine: for sentences that
    somebody reads. -#}
{%- macro shown_instant(utc_timestamp) -%}
    cast(date_trunc('second', {{ utc_timestamp }}) as varchar)
{%- endmacro -%}
