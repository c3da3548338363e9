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
    {{ revrec.sign_of(amount_minor) }}
    * {{ revrec.rounded_share("abs(" ~ amount_minor ~ ")", weight, total_weight) }}
{%- endmacro -%}


{#-
    amount x numerator / denominator, rounded half away from zero to a bigint, with
    any signs. Arguments: integer columns; denominator not 0. Domain: that of
    share_minor.
-#}
{%- macro proportion_minor(amount_minor, numerator, denominator) -%}
    {{ revrec.sign_of(amount_minor) }}
    * {{ revrec.sign_of(numerator) }}
    * {{ revrec.sign_of(denominator) }}
    * {{ revrec.rounded_share(
        "abs(" ~ amount_minor ~ ")", "abs(" ~ numerator ~ ")", "abs(" ~ denominator ~ ")"
    ) }}
{%- endmacro -%}


{#- The same share cut off to whole minor units, towards zero. -#}
{%- macro share_minor_cut(amount_minor, weight, total_weight) -%}
    {{ revrec.sign_of(amount_minor) }}
    * cast({{ revrec.wide_divide(
        "abs(cast(" ~ amount_minor ~ " as " ~ revrec.type_integer() ~ ")) * " ~ weight,
        total_weight
    ) }} as bigint)
{%- endmacro -%}


{#- -1, 0 or 1, an integer: Postgres' own sign of a bigint is a float. -#}
{%- macro sign_of(amount_minor) -%}
    case when {{ amount_minor }} < 0 then -1 when {{ amount_minor }} > 0 then 1 else 0 end
{%- endmacro -%}


{#-
    The part weight / total_weight of units, an integer of 10^-9 units, rounded half
    away from zero. Parts that sum exactly are differences of cumulative shares.

    Arguments: integer columns; nano of nano_units, at least 0; 0 <= weight <=
    total_weight, total_weight > 0.
    Domain: units below 10^11 (nano below 10^20) and weights below 10^17 keep
    2 * nano * weight + total_weight below 38 digits.
-#}
{%- macro share_nano(nano, weight, total_weight) -%}
    {{ revrec.wide_divide(
        "2 * " ~ nano ~ " * " ~ weight ~ " + " ~ total_weight, "2 * " ~ total_weight
    ) }}
{%- endmacro -%}
