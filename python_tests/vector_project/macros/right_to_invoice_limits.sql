{%- macro default__right_to_invoice_limits() -%}
    case customer_id when 'U_volume' then 'allow' else 'refuse' end
{%- endmacro -%}
