{%- macro default__commitment_shortfall() -%}
    split_part(customer_id, ':', 4)
{%- endmacro -%}
