{%- macro default__usage_recognition() -%}
    split_part(customer_id, ':', 2)
{%- endmacro -%}
