{#-
    One select over the rooms named in var('sources'): every room that fills
    the shape has a model stg_<source>__<shape> with the columns listed in
    shape_columns. The first branch has no rows: it names the columns and their
    types, also where no enabled room fills the shape.

    Arguments: shape, a key of shape_columns.
-#}
{%- macro union_sources(shape) -%}
    {%- set columns = revrec.shape_columns(shape) -%}
    select
        {%- for column, type in columns.items() %}
        cast(null as {{ type }}) as {{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    where 1 = 0
    {%- for name in revrec.enabled_sources() if shape in revrec.source_registry()[name] %}
    union all
    select
        {{ columns | join(",\n        ") }}
    from {{ ref("stg_" ~ name ~ "__" ~ shape) }}
    {%- endfor %}
{%- endmacro -%}


{#-
    The columns of a canonical shape and their types: the contract between the
    rooms under models/staging and everything to the right of them.

    Arguments: shape.
-#}
{%- macro shape_columns(shape) -%}
    {%- set text, moment, flag = "varchar", "timestamp", "boolean" -%}
    {%- set units, price = "numeric(28, 9)", "numeric(28, 12)" -%}
    {{ return({
        "credit_grants": {
            "source_system": text, "source_table": text, "grant_id": text,
            "customer_id": text, "credit_unit": text, "display_name": text,
            "funding": text, "granted_units": units, "price_total": price,
            "price_per_unit": price, "currency": text, "priority": text,
            "resource_id": text, "plan_code": text, "pool_id": text,
            "source_order": units, "status": text, "payment_status": text,
            "invoice_id": text, "invoice_status": text, "is_invoice_paid": flag,
            "effective_at": moment, "expires_at": moment, "voided_at": moment,
            "known_at": moment, "remaining_units": units, "consumed_units": units,
            "version_at": moment, "version_problem": text, "input_problem": text,
            "unread_values": text, "raw_key": text,
        },
        "credit_entries": {
            "source_system": text, "source_table": text, "entry_id": text,
            "grant_id": text, "customer_id": text, "credit_unit": text,
            "entry_type": text, "units": units, "effective_at": moment,
            "known_at": moment, "reference": text, "feature_id": text,
            "resource_id": text, "invoice_id": text, "pool_id": text,
            "is_credit_event": flag, "input_problem": text, "unread_values": text,
            "raw_key": text,
        },
        "credit_pool_balances": {
            "source_system": text, "source_table": text, "source_key": text,
            "customer_id": text, "credit_unit": text, "pool_id": text,
            "units": units,
        },
        "service_lines": {
            "source_system": text, "source_table": text, "source_key": text,
            "row_reason": text, "line_id": text, "invoice_id": text,
            "customer_id": text, "customer_email": text, "product_id": text,
            "price_id": text, "description": text, "currency": text,
            "amount_scale": text, "amount": units, "tax_amount": units,
            "quantity": units, "service_starts_at": moment,
            "service_ends_at": moment, "service_starts_on": "date",
            "service_ends_on": "date", "booked_at": moment, "booked_on": "date",
            "booked_known_at": moment, "unbilled_at": moment, "known_at": moment,
            "billing_account": text, "deferred_account": text,
            "recognition_hint": text, "credited_line_id": text,
            "subsidiary_id": text,
        },
        "invoices": {
            "source_system": text, "source_table": text, "source_key": text,
            "row_reason": text, "invoice_id": text, "invoice_number": text,
            "customer_id": text, "currency": text, "amount_scale": text,
            "total": units, "booked_at": moment, "booked_on": "date",
            "due_at": moment, "paid_at": moment,
        },
        "line_events": {
            "source_system": text, "source_table": text, "source_key": text,
            "row_reason": text, "event_id": text, "event_type": text,
            "restores_event_id": text, "invoice_id": text, "line_id": text,
            "payment_id": text, "customer_id": text, "currency": text,
            "amount_scale": text, "amount": units, "settlement_account": text,
            "effective_at": moment, "known_at": moment,
        },
        "line_event_splits": {
            "source_system": text, "source_table": text, "source_key": text,
            "row_reason": text, "event_id": text, "line_id": text,
            "currency": text, "amount_scale": text, "amount": units,
            "tax_amount": units,
        },
        "settlements": {
            "source_system": text, "source_table": text, "source_key": text,
            "row_reason": text, "settlement_id": text, "settlement_type": text,
            "invoice_id": text, "customer_id": text, "currency": text,
            "amount_scale": text, "amount": units, "settled_currency": text,
            "settled_scale": text, "settled_amount": units,
            "effective_at": moment, "known_at": moment,
        },
        "customer_balances": {
            "source_system": text, "source_table": text, "source_key": text,
            "customer_id": text, "currency": text, "amount_scale": text,
            "balance": units,
        },
        "fulfilments": {
            "source_system": text, "source_table": text, "source_key": text,
            "row_reason": text, "fulfilment_id": text, "line_id": text,
            "fulfilled_on": "date", "currency": text, "amount_scale": text,
            "amount": units, "known_at": moment,
        },
        "usage_events": {
            "source_system": text, "source_table": text, "event_id": text,
            "customer_id": text, "product_id": text, "subscription_id": text,
            "idempotency_key": text, "quantity": units, "occurred_at": moment,
            "known_at": moment, "input_problem": text, "unread_values": text,
        },
        "rate_schedules": {
            "source_system": text, "source_table": text, "source_key": text,
            "row_reason": text, "copy_number": "integer", "rate_schedule_id": text,
            "product_id": text, "customer_id": text, "currency": text,
            "pricing_model": text, "aggregation": text, "billing_interval": text,
            "effective_from": moment, "effective_to": moment,
        },
        "rate_tiers": {
            "source_system": text, "source_table": text, "source_key": text,
            "row_reason": text, "copy_number": "integer", "rate_schedule_id": text,
            "tier": units, "up_to": units, "unit_amount": price,
            "flat_amount": price, "package_size": units,
        },
        "usage_subscriptions": {
            "source_system": text, "source_table": text, "source_key": text,
            "row_reason": text, "subscription_id": text, "customer_id": text,
            "billing_interval": text, "anchor_at": moment,
            "started_at": moment, "ended_at": moment,
        },
        "usage_invoices": {
            "source_system": text, "source_table": text, "source_key": text,
            "row_reason": text, "invoice_id": text, "customer_id": text,
            "product_id": text, "subscription_id": text, "currency": text,
            "amount_scale": text, "quantity": units, "amount": units,
            "period_start": moment, "period_end": moment, "finalised_at": moment,
        },
        "reference_rows": {
            "source_system": text, "source_table": text, "source_key": text,
            "row_reason": text,
        },
        "row_counts": {
            "source_system": text, "source_table": text, "shape": text,
            "rows_in": "bigint",
        },
    }[shape]) }}
{%- endmacro -%}
