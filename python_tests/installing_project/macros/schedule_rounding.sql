{%- macro default__schedule_rounding() -%}
    case customer_id
        when 'c_plug' then 'plug_last'
        else 'cumulative'
    end
{%- endmacro -%}
