{#-
    The macros of translation: an amount in minor units of one currency in minor
    units of another. A conversion is a fraction numerator / denominator: minor
    units of the functional currency for one minor unit, in lowest terms and
    never rounded.
-#}

{#-
    The amount in minor units of the functional currency, signed, rounded half
    away from zero, a bigint.

    Domain. abs(amount) <= most_translated(numerator, denominator), which the
    caller asks for first: then abs(amount) * numerator <= 10^15 * denominator,
    the denominator divides 10^12 * 10^4, and 2 * amount * numerator +
    denominator < 2.1 * 10^31 fits the 38 digits of integer_divide.

    Arguments: columns.
-#}
{%- macro translated_minor(amount_minor, numerator, denominator) -%}
    cast(
        {{ revrec.integer_divide(
            "2 * " ~ amount_minor ~ " * " ~ numerator
            ~ " + case when " ~ amount_minor ~ " < 0 then -1 else 1 end * " ~ denominator,
            "2 * " ~ denominator
        ) }} as bigint
    )
{%- endmacro -%}


{#-
    The largest amount in minor units that is translated: it and its translation
    are at most 10^15. Nothing here overflows, for the denominator is at most
    10^16 and the numerator below 10^32 (a rate is below 10^16, with 12 decimals,
    and a currency has at most 4). Arguments: columns, integers above 0.
-#}
{%- macro most_translated(numerator, denominator) -%}
    least(
        1000000000000000,
        {{ revrec.wide_divide("1000000000000000 * " ~ denominator, numerator) }}
    )
{%- endmacro -%}
