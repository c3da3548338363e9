{%- macro default__reversal_timing() -%}
    split_part(customer_id, ':', 6)
{%- endmacro -%}
