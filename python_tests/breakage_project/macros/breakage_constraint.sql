{% macro default__breakage_constraint() %}
    case when product_id = 'points' then 'haircut' else 'none' end
{% endmacro %}
