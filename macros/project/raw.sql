{#-
    The relation of a raw table: the shipped sample seed while
    var('sample_data') is true, else the table in the source's own schema.

    For the tables that finance maintains, source_name is 'finance':
    var('finance_schema') wins, then the sample company's own facts, then the
    project's seed.

    Arguments: source_name and table as in the sources YAML.
-#}
{%- macro raw(source_name, table) -%}
    {%- if source_name == "finance" -%}
        {%- set sampled = ["period_closes", "list_prices", "fx_rates"] -%}
        {%- if revrec.name_var("finance_schema") is not none -%}
            {{ return(source("finance", table)) }}
        {%- elif revrec.uses_sample_data() and table in sampled -%}
            {{ return(ref("sample_finance__" ~ table)) }}
        {%- endif -%}
        {{ return(ref(table)) }}
    {%- elif revrec.uses_sample_data() -%}
        {{ return(ref("sample_" ~ source_name ~ "__" ~ table)) }}
    {%- endif -%}
    {{ return(source(source_name, table)) }}
{%- endmacro -%}
