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
        {%- set sampled = [
            "period_closes", "list_prices", "recognition_rules", "exclusions",
            "standalone_selling_prices", "fx_rates", "usage_estimates", "usage_commitments",
            "credit_conversions", "opening_balances", "opening_units", "breakage_estimates",
            "remote_credits", "unclaimed_property",
        ] -%}
        {%- if revrec.name_var("finance_schema") is not none -%}
            {{ return(source("finance", table)) }}
        {%- elif revrec.uses_sample_data() and table in sampled -%}
            {{ return(ref("sample_finance__" ~ table)) }}
        {%- endif -%}
        {{ return(ref(table)) }}
    {%- elif revrec.uses_sample_data() -%}
        {{ return(ref("sample_" ~ source_name ~ "__" ~ table)) }}
    {%- endif -%}
    {{ return(revrec.table_or_nothing(source_name, source(source_name, table))) }}
{%- endmacro -%}


{#-
    A raw table, or where it is marked `optional` in the sources YAML and does
    not exist a select of no rows with its columns (as text), as that YAML lists
    them: who has only credits need not make the tables of services, and the
    reverse. A schema that has none of the source's tables is a wrong schema:
    that stops the run.

    Arguments: source_name and relation, as source() returns it.
-#}
{%- macro table_or_nothing(source_name, relation) -%}
    {%- if not execute -%}
        {{ return(relation) }}
    {%- endif -%}
    {%- set tables, columns, optional = [], [], [] -%}
    {%- for node in graph.sources.values()
        if node.package_name == "revrec" and node.source_name == source_name -%}
        {%- do tables.append(node.identifier) -%}
        {%- if node.identifier == relation.identifier -%}
            {%- do columns.extend(node.columns) -%}
            {%- do optional.append(node.config.meta.get("optional", false)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not optional[0]
        or adapter.get_relation(relation.database, relation.schema, relation.identifier) -%}
        {{ return(relation) }}
    {%- endif -%}
    {%- set present = [] -%}
    {%- for table in tables
        if adapter.get_relation(relation.database, relation.schema, table) -%}
        {%- do present.append(table) -%}
    {%- endfor -%}
    {%- if present | length == 0 -%}
        {%- do revrec.stop_for_var(source_name ~ "_schema", relation.schema,
            "a schema with at least one of the tables " ~ tables | sort | join(", ")) -%}
    {%- endif -%}
    {%- set fields = [] -%}
    {%- for column in columns -%}
        {%- do fields.append("cast(null as varchar) as " ~ column) -%}
    {%- endfor -%}
    {{ return(
        "(select " ~ fields | join(", ") ~ " where 1 = 0) as " ~ relation.identifier
    ) }}
{%- endmacro -%}
