{% macro default__breakage_haircut() %}
    0.25
{% endmacro %}
