{#-
    One select over the rooms named in var('sources'): every room that fills
    the shape has a model stg_<source>__<shape> with the columns listed here.
    This list is the contract of the canonical shape.

    Arguments: shape, 'credit_grants', 'credit_entries' or 'row_counts'.
-#}
{%- macro union_sources(shape) -%}
    {%- set columns = {
        "credit_grants": [
            "source_system", "source_table", "grant_id", "customer_id",
            "credit_unit", "display_name", "funding", "granted_units",
            "price_total", "price_per_unit", "currency", "priority",
            "resource_id", "status", "payment_status", "invoice_id",
            "invoice_status", "is_invoice_paid", "effective_at", "expires_at",
            "voided_at", "known_at", "remaining_units", "consumed_units",
            "version_at", "version_problem", "input_problem",
            "unread_values",
        ],
        "credit_entries": [
            "source_system", "source_table", "entry_id", "grant_id", "customer_id",
            "credit_unit", "entry_type", "units", "effective_at", "known_at",
            "reference", "feature_id", "resource_id", "input_problem",
            "unread_values",
        ],
        "row_counts": ["source_system", "source_table", "shape", "rows_in"],
    }[shape] -%}
    {%- for name in revrec.enabled_sources() if shape in revrec.source_registry()[name] %}
    {%- if not loop.first %}
    union all
    {%- endif %}
    select
        {{ columns | join(",\n        ") }}
    from {{ ref("stg_" ~ name ~ "__" ~ shape) }}
    {%- endfor %}
{%- endmacro -%}
