{#-
    The money macros. Units come as integers of 10^-9 (nano_units); a price is a
    fraction numerator / denominator: minor units of the currency for one of
    them, in lowest terms and never rounded. Nothing outside this folder rounds.
-#}

{#- The value of units at a price, in minor units, rounded half away from zero
    to a bigint. Arguments: nano >= 0. Domain: see integer_divide. -#}
{%- macro value_minor(nano, numerator, denominator) -%}
    cast(
        {{ revrec.integer_divide(
            "2 * " ~ nano ~ " * " ~ numerator ~ " + " ~ denominator, "2 * " ~ denominator
        ) }} as bigint
    )
{%- endmacro -%}


{#- The same value in whole minor units, cut off: the column `whole` of
    value_unrounded, which needs none for small factors. Nothing here overflows,
    whatever the units: 10^19 stands for a value whose product has more than 38
    digits. Arguments: columns; nano may be negative. -#}
{%- macro value_whole(nano, numerator, denominator) -%}
    case
        when {{ numerator }} = 0 then 0
        when {{ numerator }} < 1000000000 and abs({{ nano }}) < 100000000000000000000 then null
        when
            abs({{ nano }})
            > {{ revrec.wide_divide("99999999999999999999999999999999999999", numerator) }}
            then sign({{ nano }}) * 10000000000000000000
        else {{ revrec.integer_divide(nano ~ " * " ~ numerator, denominator) }}
    end
{%- endmacro -%}


{#- The same value with nine decimals of a minor unit, cut off: for evidence and
    tie-outs, never for a posting. Nothing here overflows: small factors are
    scaled and divided at once, of others the whole and the remainder apart. Units
    that are not in the books are not bounded; what they would be worth shows as
    10^19 minor units where it is more. Arguments: columns; whole is the
    value_whole of the others. -#}
{%- macro value_unrounded(nano, whole, numerator, denominator) -%}
    {%- set product = nano ~ " * " ~ numerator -%}
    {%- set remainder = "(" ~ product ~ " - " ~ whole ~ " * " ~ denominator ~ ")" -%}
    cast(
        cast(
            case
                when {{ nano }} = 0 or {{ numerator }} = 0 then 0
                when {{ numerator }} < 1000000000 and abs({{ nano }}) < 100000000000000000000
                    then {{ revrec.integer_divide(product ~ " * 1000000000", denominator) }}
                when abs({{ whole }}) >= 10000000000000000000
                    then sign({{ nano }}) * 10000000000000000000000000000
                when {{ denominator }} < 10000000000000000000000000000
                    then
                        {{ whole }} * 1000000000
                        + {{ revrec.integer_divide(remainder ~ " * 1000000000", denominator) }}
                else
                    {{ whole }} * 1000000000
                    + {{ revrec.wide_divide(
                        remainder, revrec.wide_divide(denominator, 1000000000)
                    ) }}
            end as numeric(38, 0)
        ) * cast(0.000000001 as numeric(10, 9)) as numeric(38, 9)
    )
{%- endmacro -%}


{#- True where value_minor(nano, ...) is the given amount, without dividing:
    amount - 1/2 <= value < amount + 1/2. The tie-outs prove with it what the
    postings computed. Arguments: nano >= 0. -#}
{%- macro is_rounded_value(amount_minor, nano, numerator, denominator) -%}
    (
        2 * {{ nano }} * {{ numerator }} >= (2 * {{ amount_minor }} - 1) * {{ denominator }}
        and 2 * {{ nano }} * {{ numerator }} < (2 * {{ amount_minor }} + 1) * {{ denominator }}
    )
{%- endmacro -%}


{#- Minor units as major units, numeric(28, 4). Arguments: a bigint and the
    currency's minor_unit (1, 0.1, 0.01, ...), numeric(5, 4); DuckDB repeats them. -#}
{%- macro major_units(amount_minor, minor_unit) -%}
    {{ revrec.times_minor_unit(amount_minor, minor_unit) }}
{%- endmacro -%}
