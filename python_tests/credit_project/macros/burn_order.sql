{% macro default__burn_order() %}
    case
        when customer_id in ('expiry_first', 'fifo_granted') then customer_id
        else 'source_order'
    end
{% endmacro %}
