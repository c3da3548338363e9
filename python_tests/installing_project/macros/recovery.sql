{%- macro default__recovery() -%}
    case customer_id
        when 'c_gains' then 'as_gains'
        else 'restore'
    end
{%- endmacro -%}
