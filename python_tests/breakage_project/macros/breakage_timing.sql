{% macro default__breakage_timing() %}
    case
        when product_id in ('tokens', 'points', 'lifts', 'vouchers') then 'proportional'
        when product_id like 'example %' then 'proportional'
        when product_id in ('minutes', 'seats') then 'remote'
        else 'at_expiry'
    end
{% endmacro %}
