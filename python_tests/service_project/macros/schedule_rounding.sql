{%- macro default__schedule_rounding() -%}
    split_part(customer_id, ':', 3)
{%- endmacro -%}
