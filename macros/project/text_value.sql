{#-
    An id or a name as text; empty text is null, for a load of text files writes
    it so. Nothing is trimmed: two ids that differ by a blank are two ids.

    Arguments: column (an expression of any type).
-#}
{%- macro text_value(column) -%}
    nullif(cast({{ column }} as varchar), '')
{%- endmacro -%}


{#-
    True where a column of a finance table is filled in, but could not be parsed.

    Arguments: column, as it came; parsed, the column that holds its value.
-#}
{%- macro cannot_be_read(column, parsed) -%}
    ({{ parsed }} is null and trim(coalesce(cast({{ column }} as varchar), '')) <> '')
{%- endmacro -%}
