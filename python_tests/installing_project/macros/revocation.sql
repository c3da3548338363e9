{%- macro default__revocation() -%}
    case customer_id
        when 'c_forfeit' then 'forfeit'
        when 'c_reverse' then 'reverse'
        else 'by_settlement'
    end
{%- endmacro -%}
