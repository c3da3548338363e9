"""What the generic room makes of invoiced services in the canonical columns."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import rooms
from warehouse import Row, Warehouse

BOOKED = datetime(2026, 1, 10, 9)
LATER = datetime(2026, 2, 1, 9)


def line(key: str | None, **columns: object) -> Row:
    """A line of 100 dollars on an invoice of 10 January."""
    terms = {"invoice_id": "i", "currency": "usd", "amount": "100", "booked_at": BOOKED}
    return {"line_id": key, **terms, **columns}


def event(key: str | None, kind: str | None, **columns: object) -> Row:
    """An event of 10 dollars about the invoice."""
    terms = {"invoice_id": "i", "currency": "USD", "amount": "10", "effective_at": BOOKED}
    return {"event_id": key, "event_type": kind, **terms, **columns}


def settlement(key: str | None, kind: str | None, **columns: object) -> Row:
    """A settlement of 10 dollars about the invoice."""
    terms = {"invoice_id": "i", "currency": "USD", "amount": "10", "effective_at": BOOKED}
    return {"settlement_id": key, "settlement_type": kind, **terms, **columns}


def fulfilment(key: str | None, **columns: object) -> Row:
    """A fulfilment of 10 dollars of a line."""
    terms = {"line_id": "l", "amount": "10", "fulfilled_on": "2026-01-20"}
    return {"fulfilment_id": key, **terms, **columns}


TABLES: dict[str, list[Row]] = {
    "service_lines": [
        line("days", service_starts_on="2026-01-01", service_ends_on="2026-02-01", tax_amount="8"),
        line("instants", service_starts_at=BOOKED, service_ends_at=LATER),
        line(
            "both",
            **{"service_starts_at": BOOKED, "service_ends_at": LATER},
            **{"service_starts_on": "2026-01-01", "service_ends_on": "2026-02-01"},
        ),
        line("day", booked_at=None, booked_on="2026-01-10"),
        line("known", known_at=LATER),
        line("charge", invoice_id=None),
        line("pending", invoice_id=None, booked_at=None, unbilled_at=BOOKED),
        line("billed", unbilled_at=BOOKED, booked_at=LATER, known_at=BOOKED),
        line(
            "billed-known",
            unbilled_at=BOOKED,
            booked_at=LATER,
            booked_known_at=datetime(2026, 3, 1),
        ),
        line("said", billing_account=" Cash", deferred_account="2300", recognition_hint="Never"),
        line("negative", amount="-100", credited_line_id="days", subsidiary_id="7", quantity="2.5"),
        line("half", service_starts_on="2026-01-01"),
        line("backward", service_starts_at=LATER, service_ends_at=BOOKED),
        line("unbooked", booked_at=None),
        line("no-amount", amount=None),
        line("debited", billing_account="deferred_revenue"),
        line("deferred", deferred_account="cash"),
        line("fancy", recognition_hint="fancy"),
        line(None),
        line(""),
        line("same"),
        line("same"),
        line("other"),
        line("other", amount="101"),
    ],
    "invoices": [
        {
            "invoice_id": "i",
            "total": "108",
            "currency": " usd",
            "booked_at": BOOKED,
            "due_at": LATER,
        },
        {"invoice_id": "day", "booked_on": "2026-01-10"},
        {"invoice_id": "undated"},
        {"invoice_id": "huge", "booked_at": BOOKED, "total": "-1000000000000000"},
    ],
    "line_events": [
        event("refund", "Refund "),
        event("note", "credit_note", settlement_account="customer_balance", known_at=LATER),
        event("failed", "refund_failed", restores_event_id="refund"),
        event("void", "void", amount=None),
        event("deleted", "item_deleted", amount=None, invoice_id=None, line_id="pending"),
        event("teleported", "teleported"),
        event("untyped", None),
        event("no-amount", "refund", amount=None),
        event("some-of-the-rest", "uncollectible"),
        event("zero", "dispute", amount="0"),
        event("undated", "refund", effective_at=None),
        event("about-nothing", "refund", invoice_id=None),
        event("restores-nothing", "dispute_won"),
        event("account", "refund", settlement_account="service_revenue"),
        event(None, "refund"),
    ],
    "line_event_splits": [
        {"split_id": "1", "event_id": "note", "line_id": "days", "amount": "9", "tax_amount": "1"},
        {"split_id": "2", "event_id": "note", "line_id": "day", "amount": "0"},
        {"split_id": "no-event", "line_id": "days", "amount": "9"},
        {"split_id": "no-line", "event_id": "note", "amount": "9"},
        {"split_id": "no-amount", "event_id": "note", "line_id": "days"},
    ],
    "settlements": [
        settlement("payment", " Payment", settled_currency="eur", settled_amount="9.2"),
        settlement("rest", "out_of_band_payment", amount=None, known_at=LATER),
        settlement("back", "balance_applied", amount="-3"),
        settlement("gift", "balance_adjusted", invoice_id=None),
        settlement("fee", "processing_fee", invoice_id=None),
        settlement("barter", "barter"),
        settlement("no-amount", "payment", amount=None),
        settlement("negative", "payment", amount="-1"),
        settlement("undated", "payment", effective_at=None),
        settlement("about-nothing", "payment", invoice_id=None),
        settlement("half", "payment", settled_currency="EUR"),
        settlement("other-half", "payment", settled_amount="1"),
    ],
    "fulfilments": [
        fulfilment("day", currency="usd"),
        fulfilment("known", known_at=LATER),
        fulfilment("undated", fulfilled_on=None),
        fulfilment("no-line", line_id=None),
        fulfilment("no-amount", amount=None),
    ],
    "customer_balances": [
        {"customer_id": "c", "currency": "usd", "balance": "12.5"},
        {"customer_id": "c", "currency": "EUR", "balance": "-1"},
        {"customer_id": "d", "currency": "USD", "balance": "1"},
        {"customer_id": "d", "currency": "USD", "balance": "2"},
        {"customer_id": "e", "currency": "USD"},
        {"currency": "USD", "balance": "1"},
    ],
}
SHAPES = (*(name for name in TABLES if name != "customer_balances"), "reference_rows")
BAD: dict[str, dict[str | None, str]] = {
    "service_lines": {
        "half": "incomplete_service_period",
        "backward": "service_ends_before_start",
        "unbooked": "missing_timestamp",
        "no-amount": "missing_amount",
        "debited": "unknown_account",
        "deferred": "unknown_account",
        "fancy": "unknown_schedule_type",
        None: "missing_id",
        "same": "duplicate",
        "other": "duplicate_conflict",
    },
    "invoices": {"undated": "missing_timestamp", "huge": "out_of_range"},
    "line_events": {
        "teleported": "unknown_event_type",
        "untyped": "unknown_event_type",
        "no-amount": "missing_amount",
        "some-of-the-rest": "unexpected_amount",
        "zero": "wrong_sign",
        "undated": "missing_timestamp",
        "about-nothing": "unknown_invoice",
        "restores-nothing": "unknown_event",
        "account": "unknown_account",
        None: "missing_id",
    },
    "line_event_splits": {
        "no-event": "unknown_event",
        "no-line": "unknown_line",
        "no-amount": "missing_amount",
    },
    "settlements": {
        "barter": "unknown_event_type",
        "no-amount": "missing_amount",
        "negative": "wrong_sign",
        "undated": "missing_timestamp",
        "about-nothing": "unknown_invoice",
        "half": "missing_amount",
        "other-half": "unknown_currency",
    },
    "fulfilments": {
        "undated": "missing_timestamp",
        "no-line": "unknown_line",
        "no-amount": "missing_amount",
    },
    "reference_rows": {
        "d:USD": "duplicate_conflict",
        "e:USD": "missing_amount",
        None: "missing_id",
    },
}


# How Postgres reads a time with a zone, all rooms share: test_oracle_parity.py and
# test_stripe_staging.py have it in every run.
LONG_ON_POSTGRES = ("zoned",)


@pytest.fixture(scope="module", params=["native", "zoned", "text"])
def company(warehouse: Warehouse, request: pytest.FixtureRequest) -> Warehouse:
    """The company, with its columns typed in each way and no tables of credits."""
    rooms.load_room(warehouse, "generic", TABLES, typing=request.param)
    rooms.build_room(warehouse, "generic")
    return warehouse


def counting(company: Warehouse, name: str) -> dict[str, Row]:
    """The rows of a shape that count, without their nulls."""
    rows = [row for row in rooms.shape(company, "generic", name) if not row.get("row_reason")]
    assert {row["source_system"] for row in rows} == {"generic"}
    assert len({row["source_key"] for row in rows}) == len(rows)
    return {row["source_key"]: {k: v for k, v in row.items() if v is not None} for row in rows}


def test_columns_of_service_lines(company: Warehouse) -> None:
    """Periods of instants or days, times and accounts that are not said."""
    lines = counting(company, "service_lines")
    common = {"source_system": "generic", "source_table": "service_lines", "amount_scale": "major"}
    assert lines["days"] == {
        **common,
        **{"source_key": "days", "line_id": "days", "invoice_id": "i", "currency": "USD"},
        **{"amount": Decimal(100), "tax_amount": Decimal(8)},
        **{"service_starts_on": date(2026, 1, 1), "service_ends_on": date(2026, 2, 1)},
        **{"booked_at": BOOKED, "booked_known_at": BOOKED, "known_at": BOOKED},
        "billing_account": "accounts_receivable",
    }
    for key in ("instants", "both"):
        assert (lines[key]["service_starts_at"], lines[key]["service_ends_at"]) == (BOOKED, LATER)
        assert "service_starts_on" not in lines[key]
    said = {"billing_account": "cash", "deferred_account": "tax_liability"}
    assert lines["said"].items() >= {**said, "recognition_hint": "never"}.items()
    negative = {"amount": Decimal(-100), "quantity": Decimal("2.5"), "credited_line_id": "days"}
    assert lines["negative"].items() >= {**negative, "subsidiary_id": "7"}.items()


def test_times_and_accounts_of_billing(company: Warehouse) -> None:
    """What is not said follows from what is."""
    lines = counting(company, "service_lines")
    columns = ("booked_at", "booked_known_at", "unbilled_at", "known_at", "billing_account")
    keys = ("known", "charge", "pending", "billed", "billed-known")
    receivable, cash = "accounts_receivable", "cash"
    assert {key: tuple(lines[key].get(column) for column in columns) for key in keys} == {
        "known": (BOOKED, LATER, None, LATER, receivable),
        "charge": (BOOKED, BOOKED, None, BOOKED, cash),
        "pending": (None, None, BOOKED, BOOKED, receivable),
        "billed": (LATER, LATER, BOOKED, BOOKED, receivable),
        "billed-known": (LATER, datetime(2026, 3, 1), BOOKED, BOOKED, receivable),
    }
    day = datetime(2026, 1, 10)
    times = {"booked_on": day.date(), "booked_known_at": day, "known_at": day}
    assert lines["day"].items() >= times.items()
    assert "booked_at" not in lines["day"]


def test_columns_of_events_and_splits(company: Warehouse) -> None:
    """Types are trimmed and lowered; the settlement account follows from the type."""
    events = counting(company, "line_events")
    columns = ("event_type", "amount", "settlement_account", "known_at")
    assert {key: tuple(row.get(column) for column in columns) for key, row in events.items()} == {
        "refund": ("refund", 10, "cash", BOOKED),
        "note": ("credit_note", 10, "customer_balance", LATER),
        "failed": ("refund_failed", 10, "cash", BOOKED),
        "void": ("void", None, "accounts_receivable", BOOKED),
        "deleted": ("item_deleted", None, "unbilled_receivable", BOOKED),
    }
    assert events["failed"]["restores_event_id"] == "refund"
    assert events["deleted"]["line_id"] == "pending"
    splits = counting(company, "line_event_splits")
    assert {key: (row["amount"], row["tax_amount"]) for key, row in splits.items()} == {
        "1": (9, 1),
        "2": (0, 0),
    }


def test_columns_of_the_other_shapes(company: Warehouse) -> None:
    """Settlements, fulfilments, invoices and balances."""
    settlements = counting(company, "settlements")
    amounts = {key: row.get("amount") for key, row in settlements.items()}
    assert amounts == {"payment": 10, "rest": None, "back": -3, "gift": 10, "fee": 10}
    settled = ("settled_currency", "settled_scale", "settled_amount")
    paid = tuple(settlements["payment"][column] for column in settled)
    assert paid == ("EUR", "major", Decimal("9.2"))
    fulfilments = counting(company, "fulfilments")
    assert {key: (row["fulfilled_on"], row["known_at"]) for key, row in fulfilments.items()} == {
        "day": (date(2026, 1, 20), datetime(2026, 1, 20)),
        "known": (date(2026, 1, 20), LATER),
    }
    invoices = counting(company, "invoices")
    whole = {"total": Decimal(108), "currency": "USD", "booked_at": BOOKED, "due_at": LATER}
    assert invoices["i"].items() >= whole.items()
    assert invoices["day"]["booked_on"] == date(2026, 1, 10)
    balances = counting(company, "customer_balances")
    assert {key: row["balance"] for key, row in balances.items()} == {
        "c:USD": Decimal("12.5"),
        "c:EUR": Decimal(-1),
    }


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_bad_has_its_reason(company: Warehouse, name: str) -> None:
    """Nothing else has one."""
    found = rooms.reasons(rooms.shape(company, "generic", name))
    bad = {(key, reason) for _, key, reason in found if reason is not None}
    assert bad == set(BAD[name].items())


def test_nothing_is_lost(company: Warehouse) -> None:
    """Every raw row is one canonical row."""
    rooms.assert_every_raw_row_is_there(company, "generic", SHAPES)


def test_tables_that_are_not_there_are_empty(tmp_path: Path) -> None:
    """One table is enough; none at all is a wrong schema and stops the run."""
    absent = set(rooms.GENERIC_SERVICE_TYPES) - {"service_lines"}
    with Warehouse.duckdb(tmp_path) as house:
        rooms.load_room(house, "generic", {"service_lines": [line("l")]}, absent=absent)
        rooms.build_room(house, "generic")
        assert set(counting(house, "service_lines")) == {"l"}
        for name in (*SHAPES[1:], "customer_balances", "credit_grants", "credit_entries"):
            assert rooms.shape(house, "generic", name) == []
        house.execute("drop table generic.service_lines cascade")
        with pytest.raises(AssertionError, match="var 'generic_schema' is 'generic'; allowed: a"):
            rooms.build_room(house, "generic")
