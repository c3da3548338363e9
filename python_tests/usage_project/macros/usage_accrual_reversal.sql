{%- macro default__usage_accrual_reversal() -%}
    split_part(customer_id, ':', 5)
{%- endmacro -%}
