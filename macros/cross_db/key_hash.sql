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
