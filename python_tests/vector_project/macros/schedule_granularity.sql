{%- macro default__schedule_granularity() -%}
    case
        when customer_id = 'E54a' then 'by_second'
        when customer_id = 'E54c' then 'by_month_even'
        when customer_id = 'E54d' then 'by_month_prorated_ends'
        when customer_id = 'A_O1' then 'by_month_fraction'
        else 'by_day'
    end
{%- endmacro -%}
