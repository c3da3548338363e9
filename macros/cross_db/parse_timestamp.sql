{#-
    A UTC timestamp (without zone) from whatever type the export has: native
    timestamps with or without zone, dates, or ISO 8601 text with or without
    an offset (none means UTC; digits after the microsecond are cut off).

    parse_timestamp returns null where the value is null, empty text or no
    time; timestamp_problem returns 'invalid_timestamp' for the last.

    Arguments: column (an expression); parsed is the column that holds its
    parse_timestamp, so that it is parsed once.
-#}
{%- macro parse_timestamp(column) -%}
    {{ return(adapter.dispatch("parse_timestamp", "revrec")(column)) }}
{%- endmacro -%}

{%- macro timestamp_problem(column, parsed) -%}
    case
        when {{ column }} is null or {{ parsed }} is not null then null
        when trim(cast({{ column }} as varchar)) = '' then null
        else 'invalid_timestamp'
    end
{%- endmacro -%}

{%- macro timestamp_patterns() -%}
    {%- set moment = "^[12][0-9]{3}-[0-9]{2}-[0-9]{2}([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]+)?)?" -%}
    {{ return({
        "local": moment ~ ")?$",
        "offset": moment ~ "(Z|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?))$",
    }) }}
{%- endmacro -%}

{%- macro duckdb__parse_timestamp(column) -%}
    {%- set patterns = revrec.timestamp_patterns() -%}
    {%- set as_text = "regexp_replace(upper(trim(cast(" ~ column ~ " as varchar))), '(\\.[0-9]{6})[0-9]+', '\\1')" -%}
    case
        when typeof({{ column }}) = 'VARCHAR' then
            case
                when regexp_matches({{ as_text }}, '{{ patterns.local }}')
                    then try_cast({{ as_text }} as timestamp)
                when regexp_matches({{ as_text }}, '{{ patterns.offset }}')
                    then try_cast({{ as_text }} as timestamptz) at time zone 'UTC'
            end
        when typeof({{ column }}) = 'TIMESTAMP WITH TIME ZONE'
            then try_cast({{ column }} as timestamptz) at time zone 'UTC'
        else try_cast({{ column }} as timestamp)
    end
{%- endmacro -%}

{%- macro default__parse_timestamp(column) -%}
    {%- set patterns = revrec.timestamp_patterns() -%}
    {%- set as_text = "regexp_replace(upper(trim(cast(" ~ column ~ " as varchar))), '(\\.[0-9]{6})[0-9]+', '\\1')" -%}
    case
        when pg_typeof({{ column }}) in ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype)
            then case
                when {{ as_text }} ~ '{{ patterns.local }}'
                    and pg_input_is_valid({{ as_text }}, 'timestamp')
                    then cast({{ as_text }} as timestamp)
                when {{ as_text }} ~ '{{ patterns.offset }}'
                    and pg_input_is_valid({{ as_text }}, 'timestamptz')
                    then cast({{ as_text }} as timestamptz) at time zone 'UTC'
            end
        when pg_typeof({{ column }}) = 'timestamptz'::regtype
            then cast({{ column }} as timestamptz) at time zone 'UTC'
        else cast({{ column }} as timestamp)
    end
{%- endmacro -%}


{#-
    The same for a source that may also write seconds since 1970, as a number of
    any type or as text of digits (decimals to the microsecond). Eleven digits
    reach the year 5138, so milliseconds are not taken for seconds: they are no
    time. timestamp_problem says so of both.

    Arguments: column (an expression).
-#}
{%- macro parse_epoch_or_timestamp(column) -%}
    {{ return(adapter.dispatch("parse_epoch_or_timestamp", "revrec")(column)) }}
{%- endmacro -%}

{%- macro epoch_pattern() -%} ^[0-9]{1,11}(\.[0-9]{1,6}0*)?$ {%- endmacro -%}

{#- DuckDB knows the type when it plans: a native column pays for none of this. -#}
{%- macro duckdb__parse_epoch_or_timestamp(column) -%}
    {%- set as_text = "trim(cast(" ~ column ~ " as varchar))" -%}
    case
        when typeof({{ column }}) in ('INTEGER', 'UINTEGER', 'BIGINT', 'UBIGINT', 'HUGEINT') then
            case
                when {{ as_text }} not like '-%' and length({{ as_text }}) <= 11
                    then make_timestamp(try_cast({{ column }} as bigint) * 1000000)
            end
        when typeof({{ column }}) not like 'TIMESTAMP%'
            and regexp_matches({{ as_text }}, '{{ revrec.epoch_pattern() }}')
            then make_timestamp(
                cast(try_cast({{ as_text }} as decimal(28, 6)) * 1000000 as bigint)
            )
        else {{ revrec.parse_timestamp(column) }}
    end
{%- endmacro -%}

{#- Postgres plans every branch for the type of the column, and has no cast from
    numbers to timestamps: so all go through their text. Its to_timestamp takes
    a float8, the only one here: it is time, not money; exact to the
    microsecond below 2^32 seconds (the year 2106), from there to the next one. -#}
{%- macro default__parse_epoch_or_timestamp(column) -%}
    {%- set as_text = "trim(cast(" ~ column ~ " as varchar))" -%}
    case
        when pg_typeof({{ column }}) in ('timestamp'::regtype, 'date'::regtype)
            then cast({{ as_text }} as timestamp)
        when pg_typeof({{ column }}) = 'timestamptz'::regtype
            then cast({{ as_text }} as timestamptz) at time zone 'UTC'
        when {{ as_text }} ~ '{{ revrec.epoch_pattern() }}'
            then to_timestamp(cast({{ as_text }} as float8)) at time zone 'UTC'
        else {{ revrec.parse_timestamp(as_text) }}
    end
{%- endmacro -%}
