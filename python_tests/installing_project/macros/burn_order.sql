{%- macro default__burn_order() -%}
    case customer_id
        when 'c_priority_expiry' then 'priority_expiry'
        when 'c_expiry_first' then 'expiry_first'
        when 'c_promotional_first' then 'promotional_first'
        when 'c_fifo_granted' then 'fifo_granted'
        when 'c_cheapest_first' then 'cheapest_first'
        else 'source_order'
    end
{%- endmacro -%}
