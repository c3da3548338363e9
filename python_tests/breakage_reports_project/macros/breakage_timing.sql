{% macro default__breakage_timing() %}
    case when product_id = 'plain' then 'at_expiry' else 'proportional' end
{% endmacro %}
