{%- macro default__catch_up() -%}
    case customer_id when 'E55b' then 'own_period_unbilled' else 'in_booked_period' end
{%- endmacro -%}
