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
