{%- macro default__right_to_invoice_limits() -%}
    case
        when customer_id = 'U_volume' then 'allow'
        else coalesce(nullif(split_part(customer_id, ':', 3), ''), 'refuse')
    end
{%- endmacro -%}
