{#-
    An amount of a source in minor units of the books, a bigint: null where it
    has digits that the books' exponent cannot hold, or is out of range.

    Arguments: columns; amount numeric(28, 9) in the source's own units, minor_units
    how many minor units of the books one major unit has, source_units how many of
    the source's (1 where the source counts in major units).
-#}
{%- macro books_minor(amount, minor_units, source_units) -%}
    case
        when {{ revrec.books_minor_problem(amount, minor_units, source_units) }} is null
            then cast({{ revrec.integer_divide(
                "cast(" ~ amount ~ " * " ~ minor_units ~ " as " ~ revrec.type_integer() ~ ")",
                source_units
            ) }} as bigint)
    end
{%- endmacro -%}


{#- The reason why books_minor is null, or null. Arguments: the same. -#}
{%- macro books_minor_problem(amount, minor_units, source_units) -%}
    case
        when abs({{ amount }}) >= 10000000000000 then 'out_of_range'
        when {{ amount }} * {{ minor_units }} % {{ source_units }} <> 0
            then 'precision_exceeded'
    end
{%- endmacro -%}
