{#-
    The indexes of a table in which a recursion looks up a few rows per turn, for its
    config. Postgres else reads the whole table every turn; DuckDB skips what does not
    match by the bounds of its blocks, and has no use for an index in a join.

    Arguments: columns, a list.
-#}
{%- macro lookup_index(columns) -%}
    {{ return(adapter.dispatch("lookup_index", "revrec")(columns)) }}
{%- endmacro -%}

{%- macro default__lookup_index(columns) -%}
    {{ return([{"columns": columns}]) }}
{%- endmacro -%}

{%- macro duckdb__lookup_index(columns) -%}
    {{ return([]) }}
{%- endmacro -%}
