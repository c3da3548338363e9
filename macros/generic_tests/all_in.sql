{#-
    Fails for every value of the columns that another model does not have.
    Grouped before anything is compared: a large fact is read once for all its
    columns, and few rows meet the other model.

    Arguments: columns, a list of columns; to, the other model; field, its
    column. Nulls pass.
-#}
{% test all_in(model, columns, to, field) %}

with

combinations as (

    select
        {{ columns | join(",\n        ") }},
        count(*) as row_count
    from {{ model }}
    group by
        {{ columns | join(",\n        ") }}

),

listed as (

    {%- for column in columns %}
    {%- if not loop.first %}

    union all
    {% endif %}
    select
        '{{ column }}' as column_name,
        {{ column }} as unknown_value,
        row_count
    from combinations
    {%- endfor %}

)

select
    listed.column_name,
    listed.unknown_value,
    sum(listed.row_count) as row_count
from listed
where
    listed.unknown_value is not null
    and listed.unknown_value not in (
        select {{ field }} from {{ to }} where {{ field }} is not null
    )
group by listed.column_name, listed.unknown_value

{% endtest %}
