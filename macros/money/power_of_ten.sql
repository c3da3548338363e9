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


{#- The inverse, numeric(5, 4), exact; null above 4. Arguments: an integer
    expression. -#}
{%- macro inverse_power_of_ten(exponent) -%}
    cast(
        case {{ exponent }}
            when 0 then 1
            when 1 then 0.1
            when 2 then 0.01
            when 3 then 0.001
            when 4 then 0.0001
        end as numeric(5, 4)
    )
{%- endmacro -%}


{#- An amount in minor units as units of credit that are the currency's major
    units, numeric(28, 9). Exact where the amount is whole, whatever its size:
    (28, 9) by (5, 4) fits 38 digits. Arguments: a numeric(28, 9) without
    fractions, and the value of one minor unit, numeric(5, 4). -#}
{%- macro minor_as_units(amount, minor_unit) -%}
    cast({{ amount }} * {{ minor_unit }} as numeric(28, 9))
{%- endmacro -%}
