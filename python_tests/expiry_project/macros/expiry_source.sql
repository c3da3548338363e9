{% macro default__expiry_source() %}
    case
        when customer_id = 'writes_rows' or source_system = 'stigg' then 'from_ledger'
        else 'synthesise'
    end
{% endmacro %}
