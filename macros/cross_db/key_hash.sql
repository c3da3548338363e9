{#-
    A deterministic key: md5 over the text of the fields, the same on every
    engine. Nulls and empty texts differ; fields are kept apart by the unit
    separator, which no id contains.

    Arguments: a list of expressions of text, integer or date type only
    (decimals and timestamps have another text on every engine).
-#}
{%- macro key_hash(fields) -%}
    md5(concat_ws(
        chr(31)
        {%- for field in fields %},
        coalesce(cast({{ field }} as varchar), chr(30))
        {%- endfor %}
    ))
{%- endmacro -%}


{#-
    A 64-bit number from texts, by the engine's own function: it finds candidates
    fast, and is in no result, for engines differ.

    Arguments: fields, an expression or a list of them, of text, integer or date
    type.
-#}
{%- macro short_hash(fields) -%}
    {%- set listed = [fields] if fields is string else fields -%}
    {{ return(adapter.dispatch("short_hash", "revrec")(listed)) }}
{%- endmacro -%}

{%- macro duckdb__short_hash(fields) -%}
    hash({{ fields | join(", ") }})
{%- endmacro -%}

{%- macro default__short_hash(fields) -%}
    hashtextextended(
        {%- if fields | length == 1 %} {{ fields[0] }}, 0
        {%- else %} concat_ws(
            chr(31)
            {%- for field in fields %},
            coalesce(cast({{ field }} as varchar), chr(30))
            {%- endfor %}
        ), 0
        {%- endif %}
    )
{%- endmacro -%}


{#- Fifteen hexadecimal digits of a digest as a bigint: sums of them do not depend on the
    order of rows. Arguments: a digest (md5 text), and the place of the first digit. -#}
{%- macro hash_number(digest, first) -%}
    {{ return(adapter.dispatch("hash_number", "revrec")(digest, first)) }}
{%- endmacro -%}

{%- macro duckdb__hash_number(digest, first) -%}
    cast('0x' || substr({{ digest }}, {{ first }}, 15) as bigint)
{%- endmacro -%}

{%- macro default__hash_number(digest, first) -%}
    cast(cast('x' || substr({{ digest }}, {{ first }}, 15) as bit(60)) as bigint)
{%- endmacro -%}
