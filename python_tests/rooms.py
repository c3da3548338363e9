"""The raw tables of the rooms under models/staging that tests load, and how to load them.

>>> rooms.load_room(house, "netsuite", {"invoices": [...], "invoice_lines": [...]})
>>> rooms.load_room(house, "generic", {"service_lines": [...]}, absent=("settlements",))
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

import books
from warehouse import BuildResult, Row, Warehouse

AMOUNT = "numeric(38, 9)"

NETSUITE_TYPES: dict[str, dict[str, str]] = {
    "invoices": {
        "id": "text",
        "tranid": "text",
        "customer_id": "text",
        "subsidiary_id": "text",
        "currency": "text",
        "trandate": "date",
        "created_at": "timestamp",
    },
    "invoice_lines": {
        "id": "text",
        "invoice_id": "text",
        "line": "integer",
        "item_id": "text",
        "description": "text",
        "amount": AMOUNT,
        "rev_rec_start_date": "date",
        "rev_rec_end_date": "date",
        "stripe_start_date": "date",
        "stripe_end_date": "date",
        "rev_rec_start_override": "date",
        "rev_rec_end_override": "date",
    },
    "credit_memos": {
        "id": "text",
        "tranid": "text",
        "invoice_id": "text",
        "customer_id": "text",
        "currency": "text",
        "trandate": "date",
        "created_at": "timestamp",
    },
    "credit_memo_lines": {
        "id": "text",
        "credit_memo_id": "text",
        "invoice_line_id": "text",
        "item_id": "text",
        "amount": AMOUNT,
        "rev_rec_start_date": "date",
        "rev_rec_end_date": "date",
    },
    "items": {
        "id": "text",
        "name": "text",
        "item_type": "text",
        "income_account": "text",
        "netsuite_deferred_revenue_account": "text",
    },
}

RECURLY_TYPES: dict[str, dict[str, str]] = {
    "invoices": {
        "id": "text",
        "invoice_number": "text",
        "account_id": "text",
        "type": "text",
        "origin": "text",
        "state": "text",
        "currency": "text",
        "subtotal": AMOUNT,
        "tax": AMOUNT,
        "total": AMOUNT,
        "balance": AMOUNT,
        "created_at": "timestamp",
        "closed_at": "timestamp",
        "updated_at": "timestamp",
    },
    "line_items": {
        "id": "text",
        "invoice_id": "text",
        "account_id": "text",
        "plan_code": "text",
        "product_code": "text",
        "credit_reason_code": "text",
        "description": "text",
        "currency": "text",
        "amount": AMOUNT,
        "tax": AMOUNT,
        "start_date": "timestamp",
        "end_date": "timestamp",
        "created_at": "timestamp",
        "revenue_schedule_type": "text",
        "previous_line_item_id": "text",
    },
    "credit_payments": {
        "id": "text",
        "account_id": "text",
        "action": "text",
        "amount": AMOUNT,
        "currency": "text",
        "original_invoice_id": "text",
        "applied_to_invoice_id": "text",
        "original_credit_payment_id": "text",
        "refund_transaction_id": "text",
        "created_at": "timestamp",
        "updated_at": "timestamp",
        "voided_at": "timestamp",
    },
}

LAGO_TYPES: dict[str, dict[str, str]] = {
    "exports_wallets": {
        "organization_id": "text",
        "lago_id": "text",
        "lago_customer_id": "text",
        "status": "text",
        "currency": "text",
        "name": "text",
        "rate_amount": AMOUNT,
        "credits_balance": AMOUNT,
        "credits_ongoing_balance": AMOUNT,
        "credits_ongoing_usage_balance": AMOUNT,
        "balance_cents": "bigint",
        "ongoing_balance_cents": "bigint",
        "ongoing_usage_balance_cents": "bigint",
        "consumed_credits": AMOUNT,
        "created_at": "timestamp",
        "updated_at": "timestamp",
        "terminated_at": "timestamp",
        "last_balance_sync_at": "timestamp",
        "last_consumed_credit_at": "timestamp",
        "invoice_requires_successful_payment": "boolean",
    },
    "exports_wallet_transactions": {
        "organization_id": "text",
        "lago_id": "text",
        "lago_wallet_id": "text",
        "status": "text",
        "source": "text",
        "transaction_status": "text",
        "transaction_type": "text",
        "amount": AMOUNT,
        "credit_amount": AMOUNT,
        "settled_at": "timestamp",
        "failed_at": "timestamp",
        "created_at": "timestamp",
        "updated_at": "timestamp",
        "invoice_requires_successful_payment": "boolean",
        "metadata": "text",
        "lago_invoice_id": "text",
    },
    "exports_wallet_transaction_consumptions": {
        "lago_id": "text",
        "organization_id": "text",
        "lago_inbound_wallet_transaction_id": "text",
        "lago_outbound_wallet_transaction_id": "text",
        "consumed_amount_cents": "bigint",
        "created_at": "timestamp",
        "updated_at": "timestamp",
    },
}

# In the canonical columns; amounts in major units. Ends of service are exclusive. `service_*_at`
# or `service_*_on`, `booked_at` or `booked_on`.
GENERIC_SERVICE_TYPES: dict[str, dict[str, str]] = {
    "service_lines": {
        "line_id": "text",
        "invoice_id": "text",
        "customer_id": "text",
        "customer_email": "text",
        "product_id": "text",
        "price_id": "text",
        "description": "text",
        "currency": "text",
        "amount": AMOUNT,
        "tax_amount": AMOUNT,
        "quantity": AMOUNT,
        "service_starts_at": "timestamp",
        "service_ends_at": "timestamp",
        "service_starts_on": "date",
        "service_ends_on": "date",
        "booked_at": "timestamp",
        "booked_on": "date",
        "booked_known_at": "timestamp",
        "unbilled_at": "timestamp",
        "known_at": "timestamp",
        "billing_account": "text",
        "deferred_account": "text",
        "recognition_hint": "text",
        "credited_line_id": "text",
        "subsidiary_id": "text",
    },
    "invoices": {
        "invoice_id": "text",
        "invoice_number": "text",
        "customer_id": "text",
        "currency": "text",
        "total": AMOUNT,
        "booked_at": "timestamp",
        "booked_on": "date",
        "due_at": "timestamp",
    },
    "line_events": {
        "event_id": "text",
        "event_type": "text",
        "restores_event_id": "text",
        "invoice_id": "text",
        "line_id": "text",
        "payment_id": "text",
        "customer_id": "text",
        "currency": "text",
        "amount": AMOUNT,
        "settlement_account": "text",
        "effective_at": "timestamp",
        "known_at": "timestamp",
    },
    "line_event_splits": {
        "split_id": "text",
        "event_id": "text",
        "line_id": "text",
        "currency": "text",
        "amount": AMOUNT,
        "tax_amount": AMOUNT,
    },
    "settlements": {
        "settlement_id": "text",
        "settlement_type": "text",
        "invoice_id": "text",
        "customer_id": "text",
        "currency": "text",
        "amount": AMOUNT,
        "settled_currency": "text",
        "settled_amount": AMOUNT,
        "effective_at": "timestamp",
        "known_at": "timestamp",
    },
    "fulfilments": {
        "fulfilment_id": "text",
        "line_id": "text",
        "fulfilled_on": "date",
        "currency": "text",
        "amount": AMOUNT,
        "known_at": "timestamp",
    },
    "customer_balances": {"customer_id": "text", "currency": "text", "balance": AMOUNT},
}

ROOM_TYPES = {
    "netsuite": NETSUITE_TYPES,
    "recurly": RECURLY_TYPES,
    "lago": LAGO_TYPES,
    "generic": GENERIC_SERVICE_TYPES,
}


def load_room(
    warehouse: Warehouse,
    room: str,
    tables: Mapping[str, list[Row]],
    *,
    typing: str = "native",
    absent: Collection[str] = (),
) -> None:
    """Load the raw tables of a room into the schema that has its name.

    Args:
        warehouse: where to.
        room: a key of ROOM_TYPES. For `generic` the tables of services only; a table that is
            absent there counts as empty, the two of the credits too.
        tables: raw table to rows; a table that is missing is loaded without rows.
        typing: one of books.TYPINGS; `text` makes dates text too.
        absent: tables that are not made at all (those that the sources YAML calls optional).

    Raises:
        ValueError: an unknown table, or a value that a column cannot hold.
    """
    types = ROOM_TYPES[room]
    if unknown := sorted(tables.keys() - types.keys()):
        raise ValueError(f"{room} has no table {', '.join(unknown)}")
    for name, columns in types.items():
        if name in absent:
            continue
        rows = tables.get(name, [])
        if typing == "zoned":
            rows = [{k: books.with_zone(v) for k, v in row.items()} for row in rows]
        warehouse.load(room, name, books.types_of(columns, typing), rows)


def build_room(warehouse: Warehouse, room: str, **others: object) -> BuildResult:
    """Build the staging models of a room that was loaded, and the seeds that they read.

    Args:
        warehouse: where it was loaded.
        room: a key of ROOM_TYPES.
        others: further vars.

    Raises:
        AssertionError: a model failed.
    """
    variables = {"sample_data": False, "sources": [room], "as_of_date": "2026-06-30", **others}
    selection = ("--select", f"+path:models/staging/{room}", "--exclude-resource-type", "test")
    return warehouse.build("build", *selection, "unit_test", vars=variables).check()


def shape(warehouse: Warehouse, room: str, name: str) -> list[Row]:
    """The rows that a room delivers of a canonical shape."""
    return warehouse.table(f"stg_{room}__{name}", schema=f"{warehouse.schema}_staging")


def reasons(rows: Iterable[Row]) -> Counter[tuple[str, str, str | None]]:
    """Raw table, raw key and reason of canonical rows; a row without an id has key None."""
    return Counter(
        (row["source_table"], books.nameless(row["source_key"]), row["row_reason"]) for row in rows
    )


COPIES = ("duplicate", "duplicate_conflict", "superseded_version", "missing_id")


def raw_rows(warehouse: Warehouse, room: str, shapes: Iterable[str]) -> Counter[tuple[str, str]]:
    """Raw table and key of the raw rows of which canonical rows come, and how many rows those are.

    A raw row that counts may be several canonical rows, each copy of an id is a row of its own.
    """
    found: Counter[tuple[str, str]] = Counter()
    counted: set[tuple[str, str]] = set()
    for name in shapes:
        for row in shape(warehouse, room, name):
            item = (row["source_table"], row["source_key" if "source_key" in row else "raw_key"])
            if row.get("row_reason") in COPIES:
                found[item] += 1
            else:
                counted.add(item)
    return found + Counter(counted)


def assert_every_raw_row_counts_once(
    warehouse: Warehouse, room: str, shapes: Iterable[str]
) -> None:
    """Each raw table has as many rows as the canonical rows stand for."""
    arrived = {row["source_table"]: row["rows_in"] for row in shape(warehouse, room, "row_counts")}
    found: Counter[str] = Counter()
    for (table, _), count in raw_rows(warehouse, room, shapes).items():
        found[table] += count
    assert found == Counter({table: count for table, count in arrived.items() if count})


def assert_every_raw_row_is_there(warehouse: Warehouse, room: str, shapes: Iterable[str]) -> None:
    """Each raw table has as many rows as canonical rows come of it in the shapes that hold it."""
    arrived = {row["source_table"]: row["rows_in"] for row in shape(warehouse, room, "row_counts")}
    delivered = Counter(
        row["source_table"] for name in shapes for row in shape(warehouse, room, name)
    )
    assert delivered == Counter({table: count for table, count in arrived.items() if count})
