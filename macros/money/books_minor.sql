{#-
    An amount of a source in minor units of the books, a bigint cut off towards
    zero; null where it is out of range. books_minor_problem says whether
    something was cut off.

    Arguments: columns; nano the amount's nano_units, minor_units how many minor
    units of the books one major unit has, source_units how many of the source's (1
    where the source counts in major units).
    Domain: amounts below 10^13, so that the products stay below 10^27.
-#}
{%- macro books_minor(nano, minor_units, source_units) -%}
    case
        when abs({{ nano }}) < 10000000000000000000000
            then cast({{ revrec.integer_divide(
                nano ~ " * " ~ minor_units, source_units ~ " * 1000000000"
            ) }} as bigint)
    end
{%- endmacro -%}


{#- The reason why books_minor is not the amount, or null. Arguments: those of
    books_minor, and minor, the column that holds it. -#}
{%- macro books_minor_problem(nano, minor, minor_units, source_units) -%}
    case
        when abs({{ nano }}) >= 10000000000000000000000 then 'out_of_range'
        when
            cast({{ minor }} as {{ revrec.type_integer() }}) * {{ source_units }} * 1000000000
            <> {{ nano }} * {{ minor_units }}
            then 'precision_exceeded'
    end
{%- endmacro -%}
