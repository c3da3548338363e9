{#-
    Called on-run-end: prints the first rows of every failed test, so that the
    log names the grant, the period or the seed row, not only a count.

    Arguments: results, dbt's list of run results.
-#}
{%- macro say_what_failed(results) -%}
    {%- for result in results
        if result.status == "fail" and result.node.resource_type == "test" -%}
        {%- set rows = run_query(
            "select * from (" ~ result.node.compiled_code ~ ") as failed limit 5"
        ) -%}
        {%- do log("revrec: " ~ result.node.name ~ " found:", info=true) -%}
        {%- for row in rows -%}
            {%- set fields = [] -%}
            {%- for column, value in row.dict().items() -%}
                {%- do fields.append(column ~ "=" ~ value) -%}
            {%- endfor -%}
            {%- do log("    " ~ fields | join(", "), info=true) -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro -%}
