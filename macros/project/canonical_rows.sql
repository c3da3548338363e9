{#-
    The reason why a raw credit entry cannot be read, or null: one order of
    checks for every room.

    Columns used: entry_type, amount, amount_problem, effective_at,
    time_problem, grant_id, pool_id, invoice_id, as the staging models name them.
-#}
{%- macro entry_input_problem() -%}
        case
            when entry_type is null then 'unknown_event_type'
            when amount_problem is not null then amount_problem
            when amount is null then 'missing_amount'
            when abs(amount) >= 100000000000 then 'out_of_range'
            when time_problem is not null then time_problem
            when effective_at is null then 'missing_timestamp'
            when
                entry_type in ('apply', 'apply_reversal') and invoice_id is null
                then 'unknown_invoice'
            -- What uses credits may leave open which: they are drawn from its pool.
            when grant_id is not null then null
            when
                pool_id is null
                or entry_type not in ('consume', 'expire', 'revoke')
                then 'unknown_grant'
        end
{%- endmacro -%}


{#-
    The raw text of what cannot be read in a row, or null: so that two such rows
    are alike only where that text is. Values that can be read are left out, for
    their text depends on notation and on the session's time zone.

    Arguments: columns, a mapping of each parsed column to its raw column.
    Column used: input_problem.
-#}
{%- macro unread_values(columns) -%}
    {%- set fields = [] -%}
    {%- for parsed, raw in columns.items() -%}
        {%- do fields.append(
            "case when " ~ parsed ~ " is null then cast(" ~ raw ~ " as varchar) end"
        ) -%}
    {%- endfor -%}
    case
        when input_problem is not null
            then {{ revrec.key_hash(fields) }}
    end
{%- endmacro -%}


{#-
    What becomes of a ledger row for a reason of its own, or null: then its grant
    decides. Column used: row_reason.
-#}
{%- macro row_disposition() -%}
        case
            when row_reason in ('duplicate', 'known_later', 'after_as_of_date', 'in_opening_units')
                then 'excluded'
            when row_reason <> 'zero_adjustment' then 'exception'
        end
{%- endmacro -%}


{#-
    A hash of a credit entry's content: equal where every column is alike.
    Columns used: those of the canonical shape.
-#}
{%- macro entry_hash() -%}
    {{ revrec.key_hash([
        "source_table", "entry_id", "grant_id", "customer_id", "credit_unit", "entry_type",
        "reference", "feature_id", "resource_id", "invoice_id", "pool_id", "raw_key",
        "unread_values",
        revrec.nano_units("units"),
        revrec.epoch_microseconds("effective_at"),
        revrec.epoch_microseconds("known_at"),
    ]) }}
{%- endmacro -%}


{#-
    The same of a credit grant row. Columns used: those of the canonical shape.
-#}
{%- macro grant_hash() -%}
    {{ revrec.key_hash([
        "grant_id", "customer_id", "credit_unit", "display_name", "funding", "currency",
        "priority", "resource_id", "plan_code", "pool_id", "status", "payment_status",
        "invoice_id", "invoice_status", "raw_key",
        "unread_values",
        revrec.nano_units("source_order"),
        revrec.nano_units("granted_units"),
        revrec.nano_units("remaining_units"),
        revrec.nano_units("consumed_units"),
        revrec.price_integer("price_total"),
        revrec.price_integer("price_per_unit"),
        revrec.epoch_microseconds("effective_at"),
        revrec.epoch_microseconds("expires_at"),
        revrec.epoch_microseconds("voided_at"),
        revrec.epoch_microseconds("known_at"),
        revrec.epoch_microseconds("version_at"),
    ]) }}
{%- endmacro -%}
