{% macro default__remote_after_days() %}
    case when product_id = 'seats' then null else 45 end
{% endmacro %}
