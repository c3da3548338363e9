{%- macro default__reversal_timing() -%}
    case customer_id
        when 'c_through' then 'through_current_period'
        else 'earlier_periods'
    end
{%- endmacro -%}
