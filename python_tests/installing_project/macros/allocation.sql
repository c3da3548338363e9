{%- macro default__allocation() -%}
    case customer_id
        when 'c_bundle' then 'standalone_selling_price'
        else 'as_invoiced'
    end
{%- endmacro -%}
