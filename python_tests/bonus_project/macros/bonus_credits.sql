{% macro default__bonus_credits() %}
    case
        when customer_id = 'zero_cost' then 'zero_cost'
        when customer_id = 'relative_ssp' or has_standalone_prices then 'relative_ssp'
        else 'zero_cost'
    end
{% endmacro %}
