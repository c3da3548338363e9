{% macro default__breakage_haircut() %}
    case when product_id = 'points' then 0.125 else 0.25 end
{% endmacro %}
