{% macro default__goodwill_recognition() %}
    case when customer_id = 'owed_at_issue' then 'at_issue' else 'at_redemption' end
{% endmacro %}
