"""What Stripe's rows say in the terms of invoiced services: the generic room's raw tables.

The published examples prove the oracle with it, and it is a second opinion on the Stripe room: the
same company as Stripe rows and as generic rows has the same books. It reads what
`stripe_rows.Customer` writes and nothing that it does not.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from stripe_rows import Tables

# The two rules on payments of the seed text: the first day and the day after the last.
CUSTOM_PERIODS = {
    "S_10": (date(2021, 3, 16), date(2021, 4, 16)),
    "S_120": (date(2021, 1, 1), date(2022, 1, 1)),
}


def major(amount: int) -> Decimal:
    """Cents as dollars."""
    return Decimal(amount).scaleb(-2)


def generic_tables(raw: Tables) -> Tables:
    """The raw tables of the generic room for a company of Stripe customers."""
    invoices = {row["id"]: row for row in raw["invoices"]}
    items = {row["id"]: row for row in raw["invoice_items"]}
    lines = [line_of(row, invoices[row["invoice_id"]], items) for row in raw["invoice_line_items"]]
    lines += [line_of_charge(row) for row in raw["charges"] if row["invoice_id"] is None]
    return {
        "service_lines": lines,
        "invoices": [
            {
                "invoice_id": row["id"],
                "invoice_number": row["number"],
                "customer_id": row["customer_id"],
                "currency": row["currency"].upper(),
                "total": major(row["total"]),
                "booked_at": row["created"],
                "due_at": row["due_date"],
            }
            for row in invoices.values()
        ],
        "line_events": [*statuses(raw), *reversals(raw), *credit_notes(raw, invoices)],
        "line_event_splits": [],
        "settlements": [*payments(raw), *balance_changes(raw)],
    }


def line_of(row: dict[str, Any], invoice: dict[str, Any], items: dict[str, Any]) -> dict[str, Any]:
    """An invoice line; one that was an invoice item keeps its id."""
    item = items.get(row.get("invoice_item_id"))
    has_period = row["period_start"] != row["period_end"]
    return {
        "line_id": row["id"] if item is None else item["id"],
        "invoice_id": row["invoice_id"],
        "customer_id": invoice["customer_id"],
        "description": row["description"],
        "currency": row["currency"].upper(),
        "amount": major(row["amount"]),
        "tax_amount": major(row["tax_amount"]),
        "service_starts_at": row["period_start"] if has_period else None,
        "service_ends_at": row["period_end"] if has_period else None,
        "booked_at": invoice["created"],
        "unbilled_at": None if item is None else item["created"],
        "known_at": (invoice if item is None else item)["created"],
        "billing_account": "accounts_receivable",
    }


def line_of_charge(row: dict[str, Any]) -> dict[str, Any]:
    """A payment without an invoice is a line that is paid at once."""
    starts_on, ends_on = CUSTOM_PERIODS.get(row["customer_id"], (None, None))
    return {
        "line_id": row["id"],
        "customer_id": row["customer_id"],
        "description": row["description"],
        "currency": row["currency"].upper(),
        "amount": major(row["amount"]),
        "service_starts_on": starts_on,
        "service_ends_on": ends_on,
        "booked_at": row["created"],
        "known_at": row["created"],
        "billing_account": "cash",
    }


def event(
    event_id: str,
    event_type: str,
    at: datetime,
    amount: int | None,
    settlement: str,
    of: dict[str, Any],
    **more: Any,
) -> dict[str, Any]:
    """A row of line_events, about what `of` is about."""
    return {
        "event_id": event_id,
        "event_type": event_type,
        "restores_event_id": None,
        "invoice_id": None,
        "line_id": None,
        "customer_id": of["customer_id"],
        "currency": of["currency"].upper(),
        "amount": None if amount is None else major(amount),
        "settlement_account": settlement,
        "effective_at": at,
        "known_at": at,
        **more,
    }


def statuses(raw: Tables) -> list[dict[str, Any]]:
    """Invoices that were voided or written off."""
    found = []
    for row in raw["invoices"]:
        for kind, column in (
            ("void", "status_transitions_voided_at"),
            ("uncollectible", "status_transitions_marked_uncollectible_at"),
        ):
            if row.get(column) is not None:
                key, subject = f"{row['id']}:{kind}", {"invoice_id": row["id"]}
                found.append(
                    event(key, kind, row[column], None, "accounts_receivable", row, **subject)
                )
    return found


def subject_of(charge: dict[str, Any]) -> dict[str, Any]:
    """The invoice that a charge paid, or the line that it is."""
    if charge["invoice_id"] is not None:
        return {"invoice_id": charge["invoice_id"]}
    return {"line_id": charge["id"]}


def reversals(raw: Tables) -> list[dict[str, Any]]:
    """Refunds and disputes, failed and won ones too."""
    charges = {row["id"]: row for row in raw["charges"]}
    found = []
    for kind, undone, column, table in (
        ("refund", "refund_failed", "failed_at", "refunds"),
        ("dispute", "dispute_won", "closed_at", "disputes"),
    ):
        for row in raw[table]:
            charge = charges[row["charge_id"]]
            subject = subject_of(charge)
            amount = row["amount"]
            found.append(event(row["id"], kind, row["created"], amount, "cash", charge, **subject))
            if row.get(column) is not None:
                undoing = {"restores_event_id": row["id"], **subject}
                key = f"{row['id']}:{undone}"
                found.append(event(key, undone, row[column], amount, "cash", charge, **undoing))
    return found


def credit_notes(raw: Tables, invoices: dict[str, Any]) -> list[dict[str, Any]]:
    """Credit notes of open invoices, and the parts of others that are no refund."""
    found = []
    for row in raw["credit_notes"]:
        invoice = invoices[row["invoice_id"]]
        parts = {
            "customer_balance": row["customer_balance_amount"],
            "external_customer_balance": row["out_of_band_amount"],
        }
        if row["type"] == "pre_payment":
            parts["accounts_receivable"] = row["amount"]
        for account, amount in parts.items():
            if amount:
                key, subject = f"{row['id']}:{account}", {"invoice_id": invoice["id"]}
                at = row["created"]
                found.append(event(key, "credit_note", at, amount, account, invoice, **subject))
    return found


def settlement(
    key: str, kind: str, at: datetime, amount: int | None, row: dict[str, Any]
) -> dict[str, Any]:
    """A row of settlements."""
    return {
        "settlement_id": key,
        "settlement_type": kind,
        "invoice_id": row["invoice_id"],
        "customer_id": row["customer_id"],
        "currency": row["currency"].upper(),
        "amount": None if amount is None else major(amount),
        "effective_at": at,
        "known_at": at,
    }


def payments(raw: Tables) -> list[dict[str, Any]]:
    """Charges of invoices, and invoices that were paid outside Stripe."""
    found = [
        settlement(row["id"], "payment", row["created"], row["amount"], row)
        for row in raw["charges"]
        if row["invoice_id"] is not None
    ]
    for row in raw["invoices"]:
        if row["paid_out_of_band"]:
            key, at = f"{row['id']}:out_of_band", row["status_transitions_paid_at"]
            invoice = {**row, "invoice_id": row["id"]}
            found.append(settlement(key, "out_of_band_payment", at, None, invoice))
    return found


def balance_changes(raw: Tables) -> list[dict[str, Any]]:
    """What was applied to invoices or adjusted; what a credit note moved is its own event."""
    return [
        settlement(
            row["id"],
            "balance_applied" if row["type"] == "applied_to_invoice" else "balance_adjusted",
            row["created"],
            row["amount"] if row["type"] == "applied_to_invoice" else -row["amount"],
            row,
        )
        for row in raw["customer_balance_transactions"]
        if row["type"] in ("applied_to_invoice", "adjustment")
    ]
