{#-
    The part weight / total_weight of an amount, in minor units, rounded half away
    from zero to a bigint; the share of a negative amount is that of the positive
    one, negative.

    Arguments: integer columns; 0 <= weight <= total_weight, total_weight > 0.
    Domain: amounts below 10^15 minor units and weights below 10^19 keep
    2 * amount * weight + total_weight below 38 digits (seconds of 100 years are
    below 10^10).
-#}
{%- macro share_minor(amount_minor, weight, total_weight) -%}
    {{ return(adapter.dispatch("share_minor", "revrec")(amount_minor, weight, total_weight)) }}
{%- endmacro -%}

{%- macro default__share_minor(amount_minor, weight, total_weight) -%}
    cast(
        {{ revrec.sign_of(amount_minor) }} * {{ revrec.wide_divide(
            "2 * abs(cast(" ~ amount_minor ~ " as " ~ revrec.type_integer() ~ ")) * " ~ weight
            ~ " + " ~ total_weight,
            "2 * " ~ total_weight
        ) }} as bigint
    )
{%- endmacro -%}

{#- Days of ten years and amounts below 10^12 fit a bigint, which DuckDB divides
    ten times faster. -#}
{%- macro duckdb__share_minor(amount_minor, weight, total_weight) -%}
    case
        when abs({{ amount_minor }}) < 1000000000000 and {{ total_weight }} < 1000000
            then cast(
                {{ revrec.sign_of(amount_minor) }} * (
                    (2 * abs({{ amount_minor }}) * {{ weight }} + {{ total_weight }})
                    // (2 * {{ total_weight }})
                ) as bigint
            )
        else {{ revrec.default__share_minor(amount_minor, weight, total_weight) }}
    end
{%- endmacro -%}


{#- The same share cut off to whole minor units, towards zero. -#}
{%- macro share_minor_cut(amount_minor, weight, total_weight) -%}
    cast(
        {{ revrec.sign_of(amount_minor) }} * {{ revrec.wide_divide(
            "abs(cast(" ~ amount_minor ~ " as " ~ revrec.type_integer() ~ ")) * " ~ weight,
            total_weight
        ) }} as bigint
    )
{%- endmacro -%}


{#- -1, 0 or 1, an integer: Postgres' own sign of a bigint is a float. -#}
{%- macro sign_of(amount_minor) -%}
    case when {{ amount_minor }} < 0 then -1 when {{ amount_minor }} > 0 then 1 else 0 end
{%- endmacro -%}
