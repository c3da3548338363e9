{%- macro default__right_to_invoice_limits() -%}
    split_part(customer_id, ':', 3)
{%- endmacro -%}
