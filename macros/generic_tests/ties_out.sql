{#-
    Fails for every row of a tie-out model that does not tie, so that the log
    names the grant or the period.

    The test waits for rec_tie_outs: dbt build skips what lies behind a failed
    test, and the table that lists the breaks is needed most when there are any.
-#}
{% test ties_out(model) %}

-- depends_on: {{ ref('revrec', 'rec_tie_outs') }}
select *
from {{ model }}
where
    is_tied is null
    or not is_tied
    or unexplained is null
    or unexplained <> 0

{% endtest %}
