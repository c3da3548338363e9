{%- macro default__commitment_shortfall() -%}
    coalesce(nullif(split_part(customer_id, ':', 4), ''), 'usage_revenue')
{%- endmacro -%}
