{%- macro default__schedule_granularity() -%}
    split_part(customer_id, ':', 2)
{%- endmacro -%}
