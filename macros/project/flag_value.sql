{#-
    A boolean from a boolean, a number or text, or null where the value is null,
    empty or none of those; flag_problem says 'invalid_flag' for the last.

    Arguments: column (an expression of any type); parsed is the column that
    holds its flag_value.
-#}
{%- macro flag_value(column) -%}
    case
        when lower(trim(cast({{ column }} as varchar))) in ('true', 't', 'yes', '1') then true
        when lower(trim(cast({{ column }} as varchar))) in ('false', 'f', 'no', '0') then false
    end
{%- endmacro -%}

{%- macro flag_problem(column, parsed) -%}
    case
        when {{ column }} is null or {{ parsed }} is not null then null
        when trim(cast({{ column }} as varchar)) = '' then null
        else 'invalid_flag'
    end
{%- endmacro -%}
