{#- A price of up to 12 decimals as an integer number of 10^-12. The whole and
    the fraction are scaled apart: together they would need 39 digits. -#}
{%- macro price_integer(price) -%}
    (
        cast(trunc({{ price }}) as {{ revrec.type_integer() }}) * 1000000000000
        + cast(({{ price }} - trunc({{ price }})) * 1000000000000 as {{ revrec.type_integer() }})
    )
{%- endmacro -%}


{#-
    True where a unit price is the quotient of a whole price and its units,
    rounded half away from zero to the decimals that the unit price has (zeros
    at the end not counted); also where one of the three is null or there are
    no units.

    With h half of the unit price's last digit: -h <= total / units - price < h,
    multiplied out, so that nothing is divided before it is compared. The first
    tests keep the products inside 38 digits.

    Arguments: integer columns; both prices of price_integer, at least 0, and the
    units of nano_units.
-#}
{%- macro agrees_with_total(price_per_unit, price_total, nano) -%}
    {%- set difference = "(" ~ price_total ~ " * 1000000000 - " ~ price_per_unit ~ " * " ~ nano ~ ")" -%}
    {%- set fraction = "lpad(cast(" ~ price_per_unit ~ " % 1000000000000 as varchar), 12, '0')" -%}
    {%- set last_digit = "cast('1' || repeat('0', 12 - length(rtrim(" ~ fraction ~ ", '0'))) as bigint)" -%}
    case
        when {{ price_per_unit }} is null or {{ price_total }} is null then true
        when coalesce({{ nano }}, 0) = 0 then true
        when {{ nano }} >= 100000000000000000000 then true
        when
            {{ price_per_unit }} > 0
            and {{ nano }}
            > {{ revrec.wide_divide("10000000000000000000000000000000000000", price_per_unit) }}
            then false
        else
            2 * {{ difference }} >= -{{ nano }} * {{ last_digit }}
            and 2 * {{ difference }} < {{ nano }} * {{ last_digit }}
    end
{%- endmacro -%}


{#-
    True where every product of the engine stays exact: see integer_divide for
    the domain. Nothing is multiplied before it is known to fit.

    Arguments: columns; the most units that can be valued (of nano_units, below
    10^20), the price's numerator and denominator in lowest terms.
-#}
{%- macro is_in_range(nano, numerator, denominator) -%}
    case
        when {{ numerator }} = 0 then true
        when
            {{ nano }} > {{ revrec.wide_divide(
                "99999999999999999999999999999999999999 - " ~ denominator, "2 * " ~ numerator
            ) }}
            then false
        else {{ revrec.integer_divide(
            "2 * " ~ nano ~ " * " ~ numerator ~ " + " ~ denominator, "2 * " ~ denominator
        ) }} <= 1000000000000000
    end
{%- endmacro -%}
