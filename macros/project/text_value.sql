{#-
    An id or a name as text; empty text is null, for a load of text files writes
    it so. Nothing is trimmed: two ids that differ by a blank are two ids.

    Arguments: column (an expression of any type).
-#}
{%- macro text_value(column) -%}
    nullif(cast({{ column }} as varchar), '')
{%- endmacro -%}
