{#-
    The value of the last row of a group, an aggregate function: of the rows for which
    a condition holds, the one whose order columns are greatest.

    Arguments: value, a column; order_by, a list of columns, none of them null where
    the condition holds; condition.
-#}
{%- macro latest_value(value, order_by, condition) -%}
    {{ return(adapter.dispatch("latest_value", "revrec")(value, order_by, condition)) }}
{%- endmacro -%}

{%- macro duckdb__latest_value(value, order_by, condition) -%}
    arg_max({{ value }}, row({{ order_by | join(", ") }})) filter (where {{ condition }})
{%- endmacro -%}

{%- macro default__latest_value(value, order_by, condition) -%}
    (array_agg(
        {{ value }} order by {{ order_by | join(" desc, ") }} desc
    ) filter (where {{ condition }}))[1]
{%- endmacro -%}
