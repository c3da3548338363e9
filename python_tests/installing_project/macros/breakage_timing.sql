{%- macro default__breakage_timing() -%}
    case when customer_id = 'c_forfeit' then 'at_expiry' else 'at_expiry' end
{%- endmacro -%}
