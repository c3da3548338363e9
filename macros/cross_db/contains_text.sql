{#-
    True where one text occurs within the other. The letters A to Z match a to z;
    others match themselves only, for engines differ in what lower() makes of
    them.

    Arguments: text and part, expressions of type text.
-#}
{%- macro contains_text(text, part) -%}
    {{ return(adapter.dispatch("contains_text", "revrec")(text, part)) }}
{%- endmacro -%}

{%- macro default__contains_text(text, part) -%}
    position({{ revrec.fold_ascii(part) }} in {{ revrec.fold_ascii(text) }}) > 0
{%- endmacro -%}

{#- DuckDB translates letter by letter; lower() is fast, and finds whatever the
    exact test finds. -#}
{%- macro duckdb__contains_text(text, part) -%}
    case
        when position(lower({{ part }}) in lower({{ text }})) > 0
            then {{ revrec.default__contains_text(text, part) }}
        else false
    end
{%- endmacro -%}

{%- macro fold_ascii(text) -%}
    translate({{ text }}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')
{%- endmacro -%}
