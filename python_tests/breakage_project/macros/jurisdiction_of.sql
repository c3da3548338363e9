{% macro default__jurisdiction_of() %}
    nullif(split_part(customer_id, '@', 2), '')
{% endmacro %}
