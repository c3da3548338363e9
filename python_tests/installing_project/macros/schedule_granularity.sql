{%- macro default__schedule_granularity() -%}
    case customer_id
        when 'c_second' then 'by_second'
        else 'by_day'
    end
{%- endmacro -%}
