{% macro default__refund_excess() %}
    case when customer_id = 'pays_back' then 'usage_revenue' else 'exception' end
{% endmacro %}
