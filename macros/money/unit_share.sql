{#-
    The share that units are of others, a numeric(7, 6) from 0 to 1, cut off: a share is
    never shown higher than it is. Null where there is nothing to be a share of.

    Arguments: columns, numeric with 9 decimals.
    Domain: units below 10^16, so that 10^15 times of them stay below 38 digits.
-#}
{%- macro unit_share(part, whole) -%}
    cast(
        case
            when {{ whole }} <= 0 then null
            when {{ part }} <= 0 then 0
            when {{ part }} >= {{ whole }} then 1
            else {{ revrec.fixed_point(
                revrec.wide_divide(
                    revrec.default__nano_units(part) ~ " * 1000000",
                    revrec.default__nano_units(whole)
                ), 6
            ) }}
        end as numeric(7, 6)
    )
{%- endmacro -%}


{#- An integer number of 10^-6 or 10^-9 as a decimal. Arguments: an integer expression
    below 10^28, and 6 or 9. -#}
{%- macro fixed_point(integer, decimals) -%}
    (
        cast({{ integer }} as numeric(38, 0))
        * cast(0.{{ "0" * (decimals - 1) }}1 as numeric({{ decimals + 1 }}, {{ decimals }}))
    )
{%- endmacro -%}
