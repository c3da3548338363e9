"""The raw tables of a Stripe account, natively typed, and how to load them into a warehouse.

A Stripe account is a dict of raw tables, any of the sixteen of `STRIPE_TYPES`; one that is
missing is loaded empty. Amounts are minor units, as Stripe counts them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

import books
from warehouse import Row, Warehouse

AMOUNT = "bigint"
STRIPE_TYPES: dict[str, dict[str, str]] = {
    "invoices": {
        "id": "text",
        "customer_id": "text",
        "currency": "text",
        "status": "text",
        "number": "text",
        "total": AMOUNT,
        "subtotal": AMOUNT,
        "tax": AMOUNT,
        "amount_due": AMOUNT,
        "starting_balance": AMOUNT,
        "due_date": "timestamp",
        "created": "timestamp",
        "status_transitions_finalized_at": "timestamp",
        "status_transitions_paid_at": "timestamp",
        "status_transitions_voided_at": "timestamp",
        "status_transitions_marked_uncollectible_at": "timestamp",
        "paid_out_of_band": "boolean",
    },
    "invoice_line_items": {
        "id": "text",
        "invoice_id": "text",
        "invoice_item_id": "text",
        "subscription_item_id": "text",
        "price_id": "text",
        "product_id": "text",
        "description": "text",
        "amount": AMOUNT,
        "currency": "text",
        "tax_amount": AMOUNT,
        "tax_inclusive": "boolean",
        "discount_amount": AMOUNT,
        "proration": "boolean",
        "quantity": "numeric(38, 9)",
        "period_start": "timestamp",
        "period_end": "timestamp",
    },
    "invoice_items": {
        "id": "text",
        "customer_id": "text",
        "invoice_id": "text",
        "description": "text",
        "amount": AMOUNT,
        "currency": "text",
        "created": "timestamp",
        "deleted_at": "timestamp",
        "period_start": "timestamp",
        "period_end": "timestamp",
    },
    "charges": {
        "id": "text",
        "customer_id": "text",
        "invoice_id": "text",
        "payment_method_type": "text",
        "amount": AMOUNT,
        "currency": "text",
        "created": "timestamp",
        "status": "text",
        "captured": "boolean",
        "description": "text",
        "balance_transaction_id": "text",
    },
    "refunds": {
        "id": "text",
        "charge_id": "text",
        "amount": AMOUNT,
        "currency": "text",
        "created": "timestamp",
        "status": "text",
        "failed_at": "timestamp",
        "balance_transaction_id": "text",
    },
    "disputes": {
        "id": "text",
        "charge_id": "text",
        "amount": AMOUNT,
        "currency": "text",
        "created": "timestamp",
        "status": "text",
        "closed_at": "timestamp",
    },
    "credit_notes": {
        "id": "text",
        "invoice_id": "text",
        "type": "text",
        "amount": AMOUNT,
        "refund_amount": AMOUNT,
        "customer_balance_amount": AMOUNT,
        "out_of_band_amount": AMOUNT,
        "currency": "text",
        "created": "timestamp",
        "voided_at": "timestamp",
    },
    "credit_note_line_items": {
        "id": "text",
        "credit_note_id": "text",
        "invoice_line_item_id": "text",
        "amount": AMOUNT,
        "tax_amount": AMOUNT,
    },
    "customer_balance_transactions": {
        "id": "text",
        "customer_id": "text",
        "invoice_id": "text",
        "credit_note_id": "text",
        "type": "text",
        "amount": AMOUNT,
        "currency": "text",
        "created": "timestamp",
    },
    "balance_transactions": {
        "id": "text",
        "source_id": "text",
        "type": "text",
        "amount": AMOUNT,
        "fee": AMOUNT,
        "currency": "text",
        "exchange_rate": "numeric(38, 12)",
        "created": "timestamp",
    },
    "customers": {
        "id": "text",
        "email": "text",
        "balance": AMOUNT,
        "currency": "text",
    },
    "products": {
        "id": "text",
        "name": "text",
        "active": "boolean",
        "created": "timestamp",
    },
    "prices": {
        "id": "text",
        "product_id": "text",
        "currency": "text",
        "unit_amount": AMOUNT,
        "recurring_interval": "text",
        "created": "timestamp",
    },
    "billing_credit_grants": {
        "id": "text",
        "amount_type": "text",
        "applicability_config_scope_price_type": "text",
        "category": "text",
        "created": "timestamp",
        "custom_pricing_unit_id": "text",
        "custom_pricing_unit_value": "text",
        "customer_id": "text",
        "effective_at": "timestamp",
        "expires_at": "timestamp",
        "monetary_amount_currency": "text",
        "monetary_amount_value": AMOUNT,
        "name": "text",
        "service_action_id": "text",
        "updated": "timestamp",
        "voided_at": "timestamp",
    },
    "billing_credit_grant_metadata": {
        "credit_grant_id": "text",
        "key": "text",
        "value": "text",
    },
    "billing_credit_balance_transactions": {
        "id": "text",
        "bill_item_id": "text",
        "created": "timestamp",
        "credit_amount_type": "text",
        "credit_grant_id": "text",
        "credit_monetary_amount_currency": "text",
        "credit_monetary_amount_value": AMOUNT,
        "credit_type": "text",
        "debit_amount_type": "text",
        "debit_monetary_amount_currency": "text",
        "debit_monetary_amount_value": AMOUNT,
        "debit_type": "text",
        "effective_at": "timestamp",
        "invoice_id": "text",
        "invoice_line_item_id": "text",
        "type": "text",
    },
}
# Accounts without billing credits have none of these.
CREDIT_TABLES = (
    "billing_credit_grants",
    "billing_credit_grant_metadata",
    "billing_credit_balance_transactions",
)
# As `books.TYPINGS`, and with times as the seconds since 1970 that Stripe's own API has.
TYPINGS = (*books.TYPINGS, "epoch")


def types_of(columns: Mapping[str, str], typing: str) -> dict[str, str]:
    """The column types of a raw table, for one of TYPINGS."""
    if typing == "epoch":
        return {n: "bigint" if kind == "timestamp" else kind for n, kind in columns.items()}
    return books.types_of(columns, typing)


def load_stripe(
    warehouse: Warehouse,
    tables: Mapping[str, list[Row]],
    closes: Iterable[Row] = (),
    *,
    typing: str = "native",
    absent: Collection[str] = (),
    stripe_schema: str = "stripe",
    finance_schema: str = books.FINANCE_SCHEMA,
) -> None:
    """Load the raw tables of a Stripe account and the finance tables that its build reads.

    Args:
        warehouse: where to.
        tables: some of the tables of STRIPE_TYPES, and finance tables of the company.
        closes: the rows of period_closes.
        typing: one of TYPINGS, for the Stripe tables; times of the rows must fit (naive datetimes
            are UTC and get that zone for `zoned`).
        absent: tables that are not made at all; of CREDIT_TABLES only.
        stripe_schema: the schema of the Stripe tables.
        finance_schema: the schema of the finance tables.

    Raises:
        ValueError: an unknown table, or a value that a column cannot hold; see Warehouse.load.
    """
    unknown = tables.keys() - STRIPE_TYPES.keys() - books.FINANCE_TYPES.keys()
    if unknown:
        raise ValueError(f"no such tables: {', '.join(sorted(unknown))}")
    for name, columns in STRIPE_TYPES.items():
        if name in absent:
            continue
        rows = tables.get(name) or []
        if typing == "zoned":
            rows = [{k: books.with_zone(v) for k, v in row.items()} for row in rows]
        warehouse.load(stripe_schema, name, types_of(columns, typing), rows)
    books.load_finance(warehouse, tables, closes, schema=finance_schema)


def stripe_vars(as_of_date: date | str, **more: Any) -> dict[str, Any]:
    """The vars of a build of an account that `load_stripe` has loaded."""
    return books.company_vars(as_of_date, sources=["stripe"], **more)
