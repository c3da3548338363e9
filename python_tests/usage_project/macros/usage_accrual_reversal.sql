{%- macro default__usage_accrual_reversal() -%}
    coalesce(nullif(split_part(customer_id, ':', 5), ''), 'on_invoice')
{%- endmacro -%}
