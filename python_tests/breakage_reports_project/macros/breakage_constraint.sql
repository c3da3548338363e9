{% macro default__breakage_constraint() %}
    case
        when product_id = 'points' then 'haircut'
        when product_id = 'miles' then 'lowest_of_cohorts'
        else 'none'
    end
{% endmacro %}
