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
    test keeps the product inside 38 digits.

    Arguments: price_per_unit and price_total with 12 decimals, units with 9.
-#}
{%- macro agrees_with_total(price_per_unit, price_total, units) -%}
    {%- set price = revrec.price_integer(price_per_unit) -%}
    {%- set nano = revrec.nano_units(units) -%}
    {%- set decimals = "length(rtrim(lpad(cast(" ~ price ~ " % 1000000000000 as varchar), 12, '0'), '0'))" -%}
    {%- set steps = "2 * cast('1' || repeat('0', " ~ decimals ~ ") as " ~ revrec.type_integer() ~ ")" -%}
    {%- set difference = "(" ~ revrec.price_integer(price_total) ~ " * 1000000000 - " ~ price ~ " * " ~ nano ~ ")" -%}
    case
        when {{ price_per_unit }} is null or {{ price_total }} is null then true
        when coalesce({{ units }}, 0) = 0 then true
        when {{ units }} >= 100000000000 then true
        when
            {{ price_per_unit }} > 0
            and {{ nano }} > {{ revrec.integer_divide(
                "cast(10000000000000000000000000000000000000 as " ~ revrec.type_integer() ~ ")",
                price
            ) }} then false
        else
            {{ difference }} >= -{{ revrec.integer_divide(nano ~ " * 1000000000000", steps) }}
            and {{ difference }} <= {{ revrec.integer_divide(
                "(" ~ nano ~ " * 1000000000000 - 1)", steps
            ) }}
    end
{%- endmacro -%}


{#-
    True where every product of the engine stays exact: see integer_divide for
    the domain. Nothing is multiplied before it is known to fit.

    Arguments: the most units that can be valued (numeric, below 10^11), the
    price's numerator and denominator in lowest terms.
-#}
{%- macro is_in_range(units, numerator, denominator) -%}
    case
        when {{ numerator }} = 0 then true
        when {{ revrec.nano_units(units) }} > {{ revrec.integer_divide(
            "cast(99999999999999999999999999999999999999 as " ~ revrec.type_integer() ~ ") - "
            ~ denominator,
            "2 * " ~ numerator
        ) }} then false
        else {{ revrec.integer_divide(
            "2 * " ~ revrec.nano_units(units) ~ " * " ~ numerator ~ " + " ~ denominator,
            "2 * " ~ denominator
        ) }} <= 1000000000000000
    end
{%- endmacro -%}
