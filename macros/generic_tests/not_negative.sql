{#-
    Fails for every row in which one of the columns is below zero. One test for
    all columns of a model, so that a large fact is read once.

    Arguments: columns, a list of numeric columns; nulls pass.
-#}
{% test not_negative(model, columns) %}

select *
from {{ model }}
where
    {{ columns | join(" < 0\n    or ") }} < 0

{% endtest %}
