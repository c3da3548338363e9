{#-
    The macros of breakage that is recognised as credits are used. Rates are integers of
    10^-6 (an unexercised rate of 10 % is 100000).
-#}

{#-
    Cumulative breakage in minor units, a bigint, of a grant whose holder used so much:

        round(TP * min(1, B / E)) - round(cost * B), with E = max(G * (1 - rate), B)

    B units are used, G were granted, cost = numerator / denominator minor units each, TP =
    cost * G. While B < G * (1 - rate) the first value is that of B / (1 - rate) units, so G
    drops out of it; from there on it is TP.

    Arguments: columns; exercised_nano (B) and granted_nano (G) of nano_units, at least 0 and
    B <= G; rate_micro from 0 to below 1000000.
    Domain: that of integer_divide with a numerator and denominator 10^6 times as large
    (has_room_for_breakage).
-#}
{%- macro breakage_minor(exercised_nano, granted_nano, rate_micro, numerator, denominator) -%}
    case
        when {{ exercised_nano }} <= 0 or {{ rate_micro }} = 0 then 0
        when {{ revrec.is_breakage_earned(exercised_nano, granted_nano, rate_micro) }}
            then {{ revrec.value_minor(granted_nano, numerator, denominator) }}
        else {{ revrec.value_minor(
            exercised_nano,
            "(" ~ numerator ~ " * 1000000)",
            "(" ~ denominator ~ " * (1000000 - " ~ rate_micro ~ "))"
        ) }}
    end
    - case
        when {{ exercised_nano }} <= 0 or {{ rate_micro }} = 0 then 0
        else {{ revrec.value_minor(exercised_nano, numerator, denominator) }}
    end
{%- endmacro -%}


{#- Breakage to date ahead of expiry, a bigint: breakage_minor less the cost of what has
    expired, and no more than what remains at cost. Arguments: those of breakage_minor, and
    columns in minor units. -#}
{%- macro breakage_ahead_minor(
    exercised_nano, granted_nano, rate_micro, numerator, denominator,
    expired_minor, remaining_minor
) -%}
    least(
        greatest(
            {{ revrec.breakage_minor(
                exercised_nano, granted_nano, rate_micro, numerator, denominator
            ) }} - {{ expired_minor }},
            0
        ),
        {{ remaining_minor }}
    )
{%- endmacro -%}


{#- True where as much was used as is expected to be: B >= G * (1 - rate). Arguments: those
    of breakage_minor. -#}
{%- macro is_breakage_earned(exercised_nano, granted_nano, rate_micro) -%}
    {{ exercised_nano }} * 1000000 >= {{ granted_nano }} * (1000000 - {{ rate_micro }})
{%- endmacro -%}


{#- True where breakage_minor stays exact for up to nano units. Arguments: those of
    is_in_range, for a grant that is in range. -#}
{%- macro has_room_for_breakage(nano, numerator, denominator) -%}
    case
        when {{ numerator }} = 0 then true
        when {{ denominator }} >= 10000000000000000000000000000000 then false
        else {{ nano }} <= {{ revrec.wide_divide(
            revrec.wide_divide(
                "99999999999999999999999999999999999999 - " ~ denominator ~ " * 1000000",
                "2 * " ~ numerator
            ),
            "1000000"
        ) }}
    end
{%- endmacro -%}
