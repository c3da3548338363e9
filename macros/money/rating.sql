{#-
    The macros of rating. A quantity comes as nano_units, a price as price_integer
    (10^-12 of a major unit), and their product, a value, in 10^-21 of a major unit:
    an integer, so that nothing is rounded before the cumulative is.

    Domain: int_usage_periods leaves out what may be worth more than 10^13 major units
    (10^34 of these): with that, 2 * value + 10^21 stays below 38 digits.
-#}

{#-
    What one tier of a schedule adds to the value of a quantity.

    Arguments: columns; nano the quantity (at least 0), lower and upper the tier's
    bounds (upper null: no end), unit and flat its prices, package its package_size in
    nano units.
-#}
{%- macro tier_value(model, nano, lower, upper, unit, flat, package) -%}
    case
        when {{ nano }} <= {{ lower }} then 0
        when {{ model }} = 'volume' then
            case
                when {{ nano }} > {{ upper }} then 0
                else {{ nano }} * {{ unit }} + {{ flat }} * 1000000000
            end
        when {{ model }} = 'package' then
            {{ revrec.wide_divide(
                "least(" ~ nano ~ ", " ~ upper ~ ") - " ~ lower ~ " + " ~ package ~ " - 1",
                package
            ) }} * {{ unit }} * 1000000000
            + {{ flat }} * 1000000000
        else
            (least({{ nano }}, {{ upper }}) - {{ lower }}) * {{ unit }} + {{ flat }} * 1000000000
    end
{%- endmacro -%}


{#- A value in minor units, rounded half away from zero to a bigint. Arguments:
    columns; minor_units how many of them one major unit has. -#}
{%- macro rated_minor(value, minor_units) -%}
    cast(
        {{ revrec.wide_divide(
            "2 * " ~ value ~ " * " ~ minor_units ~ " + case when " ~ value
            ~ " < 0 then -1 else 1 end * cast(1000000000000000000000 as "
            ~ revrec.type_integer() ~ ")",
            "2 * cast(1000000000000000000000 as " ~ revrec.type_integer() ~ ")"
        ) }} as bigint
    )
{%- endmacro -%}


{#- A value in minor units with nine decimals, cut off, numeric(38, 9): for reports and
    tie-outs, never for a posting. Arguments: those of rated_minor. -#}
{%- macro rated_unrounded(value, minor_units) -%}
    cast(
        cast(
            {{ revrec.wide_divide(
                value ~ " * " ~ minor_units, "cast(1000000000000 as " ~ revrec.type_integer() ~ ")"
            ) }} as numeric(38, 0)
        ) * cast(0.000000001 as numeric(10, 9)) as numeric(38, 9)
    )
{%- endmacro -%}


{#- nano_units as units again, numeric(38, 9). Arguments: a column. -#}
{%- macro units_of_nano(nano) -%}
    cast(
        cast({{ nano }} as numeric(29, 0)) * cast(0.000000001 as numeric(9, 9)) as numeric(38, 9)
    )
{%- endmacro -%}
