{#-
    Fails for every combination of the columns that more than one row has, and
    shows it with the number of its rows. Nulls count as one value, so that a
    key with an empty part is held unique too.

    Arguments: columns, the list of columns that make up the grain.
-#}
{% test unique_combination(model, columns) %}

select
    {{ columns | join(",\n    ") }},
    count(*) as row_count
from {{ model }}
group by
    {{ columns | join(",\n    ") }}
having count(*) > 1

{% endtest %}
