{#-
    The money macros. Units come as integers of 10^-9 (nano_units); a price is a
    fraction numerator / denominator: minor units of the currency for one of
    them, in lowest terms and never rounded. Nothing outside this file rounds.
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


{#- The same value with nine decimals of a minor unit, cut off: for evidence and
    tie-outs, never for a posting; nano may be negative. Nothing here overflows:
    small prices are scaled and divided at once, of others the whole and the
    remainder apart. Units that are not in the books are not bounded; what they
    would be worth shows as 10^19 minor units where it is more. -#}
{%- macro value_unrounded(nano, numerator, denominator) -%}
    {%- set product = nano ~ " * " ~ numerator -%}
    {%- set whole = "(" ~ revrec.integer_divide(product, denominator) ~ ")" -%}
    {%- set remainder = "(" ~ product ~ " - " ~ whole ~ " * " ~ denominator ~ ")" -%}
    {%- set integer = revrec.type_integer() -%}
    {%- set most = "case when " ~ nano ~ " < 0 then -1 else 1 end * cast(10000000000000000000000000000 as " ~ integer ~ ")" -%}
    cast(
        cast(
            case
                when {{ nano }} = 0 or {{ numerator }} = 0 then 0
                when
                    {{ numerator }} < 1000000000
                    and abs({{ nano }}) < cast(100000000000000000000 as {{ integer }})
                    then {{ revrec.integer_divide(product ~ " * 1000000000", denominator) }}
                when abs({{ nano }}) > {{ revrec.integer_divide(
                    "cast(99999999999999999999999999999999999999 as " ~ integer ~ ")", numerator
                ) }} then {{ most }}
                when abs({{ whole }}) >= cast(10000000000000000000 as {{ integer }})
                    then {{ most }}
                when {{ denominator }} < cast(10000000000000000000000000000 as {{ integer }})
                    then {{ whole }} * 1000000000 + {{ revrec.integer_divide(
                        remainder ~ " * 1000000000", denominator
                    ) }}
                else {{ whole }} * 1000000000 + {{ revrec.integer_divide(
                    remainder, "(" ~ revrec.integer_divide(denominator, 1000000000) ~ ")"
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
    currency's minor_unit (1, 0.1, 0.01, ...). -#}
{%- macro major_units(amount_minor, minor_unit) -%}
    cast(cast({{ amount_minor }} as numeric(28, 4)) * {{ minor_unit }} as numeric(28, 4))
{%- endmacro -%}
