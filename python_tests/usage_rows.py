"""The raw tables of the meter, and the published examples of metered usage as such tables.

An example is a customer and a product of its own, both named as it is. The examples E22 and E23
come from stripe_inputs.csv and stripe_expected.csv, the others from usage_*.csv.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import books
import stripe_rows
from warehouse import Row, Warehouse

QUANTITY = "numeric(38, 9)"
PRICE = "numeric(38, 12)"
METERING_TYPES: dict[str, dict[str, str]] = {
    "usage_events": {
        "event_id": "text",
        "customer_id": "text",
        "product_id": "text",
        "subscription_id": "text",
        "quantity": QUANTITY,
        "occurred_at": "timestamp",
        "recorded_at": "timestamp",
        "idempotency_key": "text",
    },
    "rate_schedules": {
        "rate_schedule_id": "text",
        "product_id": "text",
        "customer_id": "text",
        "currency": "text",
        "model": "text",
        "aggregation": "text",
        "billing_interval": "text",
        "effective_from": "timestamp",
        "effective_to": "timestamp",
    },
    "rate_tiers": {
        "rate_schedule_id": "text",
        "tier": "integer",
        "up_to": QUANTITY,
        "unit_amount": PRICE,
        "flat_amount": PRICE,
        "package_size": QUANTITY,
    },
    "subscriptions": {
        "subscription_id": "text",
        "customer_id": "text",
        "billing_anchor": "timestamp",
        "billing_interval": "text",
        "started_at": "timestamp",
        "ended_at": "timestamp",
    },
    "usage_invoices": {
        "invoice_id": "text",
        "customer_id": "text",
        "product_id": "text",
        "subscription_id": "text",
        "period_start": "timestamp",
        "period_end": "timestamp",
        "quantity": QUANTITY,
        "amount": PRICE,
        "currency": "text",
        "finalized_at": "timestamp",
    },
}
RETROACTIVE = {"U_volume"}
"""The right to invoice is refused to these examples unless a policy allows it."""


def load_metering(
    warehouse: Warehouse, tables: Mapping[str, Iterable[Row]], *, typing: str = "native"
) -> None:
    """Load the raw tables of the meter into the schema `metering`; a missing one has no rows.

    Args:
        warehouse: where to.
        tables: raw table to rows; tables of other sources are left alone.
        typing: one of books.TYPINGS.

    Raises:
        ValueError: a value that a column cannot hold.
    """
    for name, columns in METERING_TYPES.items():
        rows = list(tables.get(name, ()))
        if typing == "zoned":
            rows = [{k: books.with_zone(v) for k, v in row.items()} for row in rows]
        warehouse.load("metering", name, books.types_of(columns, typing), rows)


# --------------------------------------------------------------------------------------------------
# The examples
# --------------------------------------------------------------------------------------------------


def inputs() -> list[dict[str, str]]:
    """What happens in the examples; Stripe's as the others."""
    found = stripe_rows.vector("usage_inputs")
    for row in stripe_rows.vector("stripe_inputs"):
        if row["example_id"] not in stripe_rows.METERED:
            continue
        is_usage = row["event"] == "usage"
        found.append(
            {
                "example_id": row["example_id"],
                "kind": "usage" if is_usage else "invoice",
                "at": row["event_date"],
                "quantity": row["amount"],
                "amount": "" if is_usage else row["amount"],
                "period_start": row["service_start"],
                # The example prints a day before the next anchor; the invoice is final.
                "period_end": "",
            }
        )
    return found


def expected() -> list[tuple[str, str, str, Decimal]]:
    """Example, period, account and change, of all examples."""
    rows = stripe_rows.vector("usage_expected") + [
        row
        for row in stripe_rows.vector("stripe_expected")
        if row["example_id"] in stripe_rows.METERED
    ]
    return [
        (row["example_id"], row["period"], row["account"], Decimal(row["change"])) for row in rows
    ]


def example_tables() -> dict[str, list[dict[str, Any]]]:
    """The raw tables of all examples, in one company."""
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name in METERING_TYPES}
    anchors: dict[str, str | None] = {}
    for row in stripe_rows.vector("usage_rates"):
        name = row["example_id"]
        if name not in anchors:
            anchors[name] = name if row["billing_anchor"] else None
            tables["rate_schedules"].append(
                {
                    "rate_schedule_id": name,
                    "product_id": name,
                    "currency": "USD",
                    "model": row["model"],
                    "aggregation": row["aggregation"],
                    "billing_interval": row["billing_interval"],
                    "effective_from": stripe_rows.instant("2018-01-01"),
                }
            )
            if row["billing_anchor"]:
                anchor = stripe_rows.instant(row["billing_anchor"])
                ended = row["ended_at"]
                tables["subscriptions"].append(
                    {
                        "subscription_id": name,
                        "customer_id": name,
                        "billing_anchor": anchor,
                        "started_at": anchor,
                        "ended_at": stripe_rows.instant(ended) if ended else None,
                    }
                )
        numbers = ("up_to", "unit_amount", "flat_amount", "package_size")
        tables["rate_tiers"].append(
            {
                "rate_schedule_id": name,
                "tier": int(row["tier"]),
                **{column: Decimal(row[column]) if row[column] else None for column in numbers},
            }
        )
    for number, row in enumerate(inputs()):
        name = row["example_id"]
        subject = {"customer_id": name, "product_id": name, "subscription_id": anchors[name]}
        if row["kind"] == "usage":
            tables["usage_events"].append(
                {
                    "event_id": f"event_{number}",
                    "quantity": Decimal(row["quantity"]),
                    "occurred_at": stripe_rows.instant(row["at"]),
                    **subject,
                }
            )
        else:
            tables["usage_invoices"].append(
                {
                    "invoice_id": f"invoice_{number}",
                    "quantity": Decimal(row["quantity"]),
                    "amount": Decimal(row["amount"]),
                    "currency": "USD",
                    "period_start": stripe_rows.instant(row["period_start"]),
                    "period_end": (
                        stripe_rows.instant(row["period_end"]) if row["period_end"] else None
                    ),
                    "finalized_at": stripe_rows.instant(row["at"]),
                    **subject,
                }
            )
    return tables
