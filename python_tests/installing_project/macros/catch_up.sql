{%- macro default__catch_up() -%}
    case
        when customer_id = 'c_own_period' then 'own_period_unbilled'
        when source_system = 'netsuite' then 'own_period_deferred'
        else 'in_booked_period'
    end
{%- endmacro -%}
