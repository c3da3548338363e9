{%- macro default__promotional_presentation() -%}
    case when customer_id = 'c_gross' then 'gross' else 'memo' end
{%- endmacro -%}
