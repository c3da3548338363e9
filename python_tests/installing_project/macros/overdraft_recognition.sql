{%- macro default__overdraft_recognition() -%}
    case when customer_id like 'c_when_used%' then 'when_used' else 'at_settlement' end
{%- endmacro -%}
