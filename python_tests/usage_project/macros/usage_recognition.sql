{%- macro default__usage_recognition() -%}
    coalesce(nullif(split_part(customer_id, ':', 2), ''), 'right_to_invoice')
{%- endmacro -%}
