{%- macro default__catch_up() -%}
    split_part(customer_id, ':', 4)
{%- endmacro -%}
