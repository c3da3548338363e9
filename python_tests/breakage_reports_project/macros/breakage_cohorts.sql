{% macro default__breakage_cohorts() %}
    case when product_id = 'miles' then 3 else 2 end
{% endmacro %}
