{#-
    Fails for every row in which one of the columns is null. One test for all
    columns of a model, so that it is read once. (accepted_values passes nulls:
    a policy whose case forgets an else is found here.)

    Arguments: columns, a list of columns.
-#}
{% test filled(model, columns) %}

select *
from {{ model }}
where
    {{ columns | join(" is null\n    or ") }} is null

{% endtest %}
