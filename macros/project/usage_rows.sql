{#-
    A hash of a usage event's content: when it was recorded is none of it, for a
    delivery that is repeated is recorded again.
    Columns used: those of the canonical shape usage_events.
-#}
{%- macro usage_event_hash() -%}
    {{ revrec.key_hash([
        "event_id", "customer_id", "product_id", "subscription_id", "idempotency_key",
        "unread_values",
        revrec.nano_units("quantity"),
        revrec.epoch_microseconds("occurred_at"),
    ]) }}
{%- endmacro -%}


{#-
    The key of a usage period: who used what, in which billing period, billed in which
    currency and how it is counted. Columns used: source_system, customer_id,
    product_id, subscription_id, billing_interval, billing_number, currency,
    aggregation.
-#}
{%- macro usage_period_hash() -%}
    {{ revrec.key_hash([
        "source_system", "customer_id", "product_id", "subscription_id", "billing_interval",
        "billing_number", "currency", "aggregation",
    ]) }}
{%- endmacro -%}


{#- The columns of usage_period_hash, for a select. -#}
{%- macro usage_period_columns() -%}
        source_system,
        customer_id,
        product_id,
        subscription_id,
        billing_interval,
        billing_number,
        currency,
        aggregation
{%- endmacro -%}
