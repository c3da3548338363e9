{%- macro default__recovery() -%}
    split_part(customer_id, ':', 5)
{%- endmacro -%}
