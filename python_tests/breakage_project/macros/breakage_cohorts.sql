{% macro default__breakage_cohorts() %}
    2
{% endmacro %}
