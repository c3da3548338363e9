{% macro default__revocation() %}
    case when display_name = 'forfeit' or pool_id = 'forfeit' then 'forfeit' else 'by_settlement' end
{% endmacro %}
