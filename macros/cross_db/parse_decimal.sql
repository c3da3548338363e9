{#-
    Exact numbers from whatever type the export has.

    parse_decimal returns numeric(precision, scale), or null where the value
    is null, empty text or not exact; decimal_problem returns null,
    'invalid_number' or 'precision_exceeded' for the same value.

    Text has one grammar on all engines: sign, digits, fraction, no exponent.
    More fractional digits than the scale (zeros at the end not counted) or
    more than precision - scale integer digits is precision_exceeded.
    A float counts where a decimal of that scale is the same float. Nothing is
    rounded. Both engines know the type of a column when they plan, so natively
    typed columns pay for none of this.

    Arguments: column (an expression), precision and scale of the result; parsed
    is the column that holds its parse_decimal, so that it is parsed once.
-#}
{%- macro parse_decimal(column, precision, scale) -%}
    {{ return(adapter.dispatch("parse_decimal", "revrec")(column, precision, scale)) }}
{%- endmacro -%}

{%- macro decimal_problem(column, parsed, precision, scale) -%}
    {{ return(adapter.dispatch("decimal_problem", "revrec")(column, parsed, precision, scale)) }}
{%- endmacro -%}

{#- The pattern of text that fits; a number of any length; blanks. -#}
{%- macro decimal_patterns(precision, scale) -%}
    {{ return({
        "fits": "^\\s*[+-]?0*[0-9]{1," ~ (precision - scale) ~ "}(\\.[0-9]{1," ~ scale ~ "}0*)?\\s*$",
        "number": "^\\s*[+-]?[0-9]+(\\.[0-9]+)?\\s*$",
        "blank": "^\\s*$",
    }) }}
{%- endmacro -%}

{#- The names of DuckDB types whose every value has at most scale decimals. -#}
{%- macro duckdb_lossless_types(scale) -%}
    {{ return(
        "^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DECIMAL\\([0-9]+,("
        ~ range(scale + 1) | join("|") ~ ")\\))$"
    ) }}
{%- endmacro -%}

{%- macro duckdb__parse_decimal(column, precision, scale) -%}
    {%- set patterns = revrec.decimal_patterns(precision, scale) -%}
    {%- set type = "decimal(" ~ precision ~ ", " ~ scale ~ ")" -%}
    {%- set as_text = "cast(" ~ column ~ " as varchar)" -%}
    case
        when regexp_matches(typeof({{ column }}), '{{ revrec.duckdb_lossless_types(scale) }}')
            then try_cast({{ column }} as {{ type }})
        when typeof({{ column }}) in ('DOUBLE', 'FLOAT') then
            case
                when try_cast(try_cast({{ as_text }} as {{ type }}) as double)
                    = try_cast({{ as_text }} as double)
                    then try_cast({{ as_text }} as {{ type }})
            end
        when regexp_matches({{ as_text }}, '{{ patterns.fits }}')
            then try_cast({{ as_text }} as {{ type }})
    end
{%- endmacro -%}

{%- macro duckdb__decimal_problem(column, parsed, precision, scale) -%}
    {%- set patterns = revrec.decimal_patterns(precision, scale) -%}
    {%- set as_text = "cast(" ~ column ~ " as varchar)" -%}
    case
        when typeof({{ column }}) = 'DECIMAL({{ precision }},{{ scale }})' then null
        when {{ column }} is null or {{ parsed }} is not null then null
        when regexp_matches({{ as_text }}, '{{ patterns.blank }}') then null
        when typeof({{ column }}) in ('DOUBLE', 'FLOAT')
            and isfinite(try_cast({{ as_text }} as double)) then 'precision_exceeded'
        when regexp_matches({{ as_text }}, '{{ patterns.number }}') then 'precision_exceeded'
        else 'invalid_number'
    end
{%- endmacro -%}

{%- macro default__parse_decimal(column, precision, scale) -%}
    {%- set patterns = revrec.decimal_patterns(precision, scale) -%}
    {%- set type = "numeric(" ~ precision ~ ", " ~ scale ~ ")" -%}
    {%- set as_text = "cast(" ~ column ~ " as varchar)" -%}
    case
        when pg_typeof({{ column }}) in ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype)
            then case
                when {{ as_text }} ~ '{{ patterns.fits }}'
                    then cast({{ as_text }} as {{ type }})
            end
        when pg_typeof({{ column }}) in ('float8'::regtype, 'float4'::regtype)
            then case
                when abs(cast({{ as_text }} as float8)) < 1e{{ precision - scale }}
                    and cast(cast({{ as_text }} as {{ type }}) as float8)
                    = cast({{ as_text }} as float8)
                    then cast({{ as_text }} as {{ type }})
            end
        when abs(cast({{ column }} as numeric)) < 1e{{ precision - scale }}
            and cast({{ column }} as numeric)
            = trunc(cast({{ column }} as numeric), {{ scale }})
            then cast({{ column }} as {{ type }})
    end
{%- endmacro -%}

{%- macro default__decimal_problem(column, parsed, precision, scale) -%}
    {%- set patterns = revrec.decimal_patterns(precision, scale) -%}
    {%- set as_text = "cast(" ~ column ~ " as varchar)" -%}
    case
        when {{ column }} is null or {{ parsed }} is not null then null
        when pg_typeof({{ column }}) in ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype)
            then case
                when {{ as_text }} ~ '{{ patterns.blank }}' then null
                when {{ as_text }} ~ '{{ patterns.number }}' then 'precision_exceeded'
                else 'invalid_number'
            end
        when lower({{ as_text }}) in ('nan', 'infinity', '-infinity') then 'invalid_number'
        else 'precision_exceeded'
    end
{%- endmacro -%}
