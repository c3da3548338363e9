{#-
    integer_divide(a, b): the quotient of two integers, cut towards zero, as an
    integer. `/` is never used on money: it makes floats of decimals on DuckDB
    and cuts integers on Postgres.

    Domain. Money is rounded as integer_divide(2 * a * b + c, 2 * c), with a in
    units of 10^-9, b / c the price of one such unit in minor units. Both
    engines hold 38 digits (DuckDB's hugeint ends at 1.7 * 10^38), so the
    result is exact while 2 * a * b + c < 10^38. Units stay below 10^11, that is
    a < 10^20; b and c share no factor, so a price of 12 decimals below 10^5 per
    unit in a currency of 2 decimals has b < 10^19 - and what does not fit is
    found by asking a <= integer_divide(10^38 - 1 - c, 2 * b), which multiplies
    nothing that could overflow. Such a grant is exception out_of_range.

    Arguments: two integer expressions, the second not 0. DuckDB repeats them:
    pass columns, or few of them multiplied.
-#}
{%- macro integer_divide(dividend, divisor) -%}
    {{ return(adapter.dispatch("integer_divide", "revrec")(dividend, divisor)) }}
{%- endmacro -%}

{#- DuckDB divides hugeints bit by bit: ten times slower than bigints, so those
    that fit are divided as such. -#}
{%- macro duckdb__integer_divide(dividend, divisor) -%}
    case
        when
            ({{ dividend }}) between -9000000000000000000 and 9000000000000000000
            and ({{ divisor }}) between -9000000000000000000 and 9000000000000000000
            then cast(
                cast({{ dividend }} as bigint) // cast({{ divisor }} as bigint) as hugeint
            )
        else {{ revrec.wide_divide(dividend, divisor) }}
    end
{%- endmacro -%}

{%- macro default__integer_divide(dividend, divisor) -%}
    {{ revrec.wide_divide(dividend, divisor) }}
{%- endmacro -%}


{#- The same quotient where the numbers seldom fit a bigint: no fast path, so
    nothing is repeated. -#}
{%- macro wide_divide(dividend, divisor) -%}
    {{ return(adapter.dispatch("wide_divide", "revrec")(dividend, divisor)) }}
{%- endmacro -%}

{%- macro duckdb__wide_divide(dividend, divisor) -%}
    (({{ dividend }}) // ({{ divisor }}))
{%- endmacro -%}

{%- macro default__wide_divide(dividend, divisor) -%}
    div({{ dividend }}, {{ divisor }})
{%- endmacro -%}


{#- The widest integer of the engine: 38 digits. -#}
{%- macro type_integer() -%}
    {{ return(adapter.dispatch("type_integer", "revrec")()) }}
{%- endmacro -%}

{%- macro duckdb__type_integer() -%} hugeint {%- endmacro -%}

{%- macro default__type_integer() -%} numeric(38, 0) {%- endmacro -%}


{#- The largest integer that divides both; both at least 0, not both 0. -#}
{%- macro greatest_common_divisor(left, right) -%}
    {{ return(adapter.dispatch("greatest_common_divisor", "revrec")(left, right)) }}
{%- endmacro -%}

{%- macro default__greatest_common_divisor(left, right) -%}
    gcd({{ left }}, {{ right }})
{%- endmacro -%}


{#- Units as an integer number of 10^-9. Arguments: a column, a numeric with 9
    decimals, below 10^20. DuckDB repeats it: pass no expression. -#}
{%- macro nano_units(units) -%}
    {{ return(adapter.dispatch("nano_units", "revrec")(units)) }}
{%- endmacro -%}

{%- macro default__nano_units(units) -%}
    cast({{ units }} * 1000000000 as {{ revrec.type_integer() }})
{%- endmacro -%}

{#- DuckDB casts a wide decimal to an integer by the slow division too; below
    10^9 whole and fraction each fit a narrow decimal. -#}
{%- macro duckdb__nano_units(units) -%}
    {%- set narrow = "cast(" ~ units ~ " as decimal(18, 9))" -%}
    case
        when {{ units }} > -1000000000 and {{ units }} < 1000000000
            then cast(cast(trunc({{ narrow }}) as bigint) as hugeint) * 1000000000
                + cast(cast(
                    ({{ narrow }} - trunc({{ narrow }})) * 1000000000 as decimal(18, 9)
                ) as bigint)
        else {{ revrec.default__nano_units(units) }}
    end
{%- endmacro -%}


{#- The quotient of two integers, cut towards minus infinity, so that the
    remainder has the sign of the divisor. Arguments: two integer expressions,
    the second above 0. -#}
{%- macro floor_divide(dividend, divisor) -%}
    (
        {{ revrec.wide_divide(dividend, divisor) }}
        - case
            when ({{ dividend }}) < {{ revrec.wide_divide(dividend, divisor) }} * ({{ divisor }})
                then 1
            else 0
        end
    )
{%- endmacro -%}


{#- An integer times a numeric(5, 4), as numeric(28, 4). -#}
{%- macro times_minor_unit(amount_minor, minor_unit) -%}
    {{ return(adapter.dispatch("times_minor_unit", "revrec")(amount_minor, minor_unit)) }}
{%- endmacro -%}

{%- macro default__times_minor_unit(amount_minor, minor_unit) -%}
    cast(cast({{ amount_minor }} as numeric(28, 4)) * {{ minor_unit }} as numeric(28, 4))
{%- endmacro -%}

{#- DuckDB keeps decimals of up to 18 digits in a bigint: twenty times faster. -#}
{%- macro duckdb__times_minor_unit(amount_minor, minor_unit) -%}
    case
        when abs({{ amount_minor }}) < 10000000000000
            then cast(
                cast({{ amount_minor }} as decimal(13, 0)) * {{ minor_unit }} as decimal(28, 4)
            )
        else {{ revrec.default__times_minor_unit(amount_minor, minor_unit) }}
    end
{%- endmacro -%}


{#- amount * weight / total_weight, rounded half away from zero to a bigint.
    Arguments: integer columns; amount and weight at least 0, total_weight above. -#}
{%- macro rounded_share(amount, weight, total_weight) -%}
    {{ return(adapter.dispatch("rounded_share", "revrec")(amount, weight, total_weight)) }}
{%- endmacro -%}

{%- macro default__rounded_share(amount, weight, total_weight) -%}
    cast({{ revrec.wide_divide(
        "2 * cast(" ~ amount ~ " as " ~ revrec.type_integer() ~ ") * " ~ weight
        ~ " + " ~ total_weight,
        "2 * " ~ total_weight
    ) }} as bigint)
{%- endmacro -%}

{#- Amounts below 10^12 and weights below 10^6 (days, periods) fit a bigint. -#}
{%- macro duckdb__rounded_share(amount, weight, total_weight) -%}
    case
        when {{ amount }} < 1000000000000 and {{ total_weight }} < 1000000
            then cast(
                (2 * {{ amount }} * {{ weight }} + {{ total_weight }}) // (2 * {{ total_weight }})
                as bigint
            )
        else {{ revrec.default__rounded_share(amount, weight, total_weight) }}
    end
{%- endmacro -%}
