{%- macro default__entity_of() -%}
    case currency when 'EUR' then 'emea' when 'JPY' then 'apac' else 'americas' end
{%- endmacro -%}
