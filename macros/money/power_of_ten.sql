{#- 10 to the exponent of a currency, a bigint; null above 4. Arguments: an
    integer expression. -#}
{%- macro power_of_ten(exponent) -%}
    cast(
        case {{ exponent }}
            when 0 then 1
            when 1 then 10
            when 2 then 100
            when 3 then 1000
            when 4 then 10000
        end as bigint
    )
{%- endmacro -%}
