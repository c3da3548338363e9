{%- macro default__schedule_rounding() -%}
    case
        when customer_id in ('E54c', 'E54d') then 'truncate_last_full_period'
        when customer_id in ('A_E1', 'A_O17') then 'plug_last'
        when customer_id = 'A_O1' then 'plug_first'
        else 'cumulative'
    end
{%- endmacro -%}
