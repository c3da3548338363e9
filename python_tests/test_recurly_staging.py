"""What the Recurly room makes of raw rows: periods, hints, states, versions, bad rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import rooms
from warehouse import Row, Warehouse

CREATED = datetime(2025, 3, 5, 8, 12, 30)
CLOSED = datetime(2025, 3, 28, 10)
UPDATED = datetime(2025, 4, 1, 9)
NEXT = datetime(2025, 4, 5, 8, 12, 30)


def invoice(key: str | None, state: str = "paid", **columns: object) -> Row:
    """A charge invoice of 119 with nothing left to pay."""
    times = {"created_at": CREATED, "closed_at": CLOSED, "updated_at": UPDATED}
    terms = {"type": "charge", "currency": "eur", "total": "119", "balance": "0"}
    return {"id": key, "account_id": "a", "state": state, **terms, **times, **columns}


def line(key: str | None, invoice_id: str | None = "paid", **columns: object) -> Row:
    """A line of 100 and 19 tax for a month of service."""
    terms = {"plan_code": "plan", "product_code": "product", "amount": "100", "tax": "19"}
    times = {"start_date": CREATED, "end_date": NEXT, "created_at": CREATED + timedelta(seconds=1)}
    return {"id": key, "invoice_id": invoice_id, "account_id": "b", **terms, **times, **columns}


TABLES: dict[str, list[Row]] = {
    "invoices": [
        invoice("paid"),
        invoice("partly", type=" Charge ", balance="19"),
        invoice("nothing-paid", balance="119"),
        invoice("no-closing", closed_at=None),
        invoice("legacy", type="legacy"),
        *(invoice(state, state) for state in ("pending", "past_due", "processing", "draft")),
        invoice("failed", "Failed", balance="119"),
        invoice("voided", "voided", closed_at=None),
        invoice("credit", "closed", type="credit", total="-20"),
        invoice("gift", type="gift"),
        invoice("lost", "lost"),
        invoice("no-total", total=None),
        invoice("no-creation", created_at=None),
        # The middle one is the newest; the other two are older, and alike.
        invoice("versions", "pending", updated_at=datetime(2025, 3, 6)),
        invoice("versions", "paid"),
        invoice("versions", "pending", updated_at=datetime(2025, 3, 6)),
        invoice("rivals", "paid"),
        invoice("rivals", "voided"),
        invoice("copied"),
        invoice("copied"),
    ],
    "line_items": [
        line("month"),
        line("point", end_date=None, revenue_schedule_type="at_invoice"),
        line("evenly", revenue_schedule_type=" Evenly ", tax=None, product_code=None),
        line("never", revenue_schedule_type="never", account_id=None),
        line("range-start", revenue_schedule_type="at_range_start"),
        line("range-end", revenue_schedule_type="AT_RANGE_END"),
        *(
            line(f"of-{key}", key)
            for key in ("pending", "failed", "voided", "versions", "legacy", "copied")
        ),
        *(
            line(f"of-{key}", key)
            for key in ("credit", "draft", "gift", "lost", "no-creation", "rivals", "nowhere")
        ),
        line("uninvoiced", None),
        line("no-amount", amount=None),
        line("no-start", start_date=None),
        line("backward", end_date=datetime(2025, 1, 1)),
        line("fancy", revenue_schedule_type="fancy"),
        line("dollars", currency="USD"),
        line(None),
        line("same"),
        line("same"),
        line("other"),
        line("other", amount="101"),
    ],
}
INVOICES, LINES = "invoices", "line_items"
BAD_INVOICES = {
    (INVOICES, "draft", "not_finalised"),
    (INVOICES, "credit", "credit_invoice"),
    (INVOICES, "gift", "unknown_invoice_type"),
    (INVOICES, "lost", "unknown_invoice_state"),
    (INVOICES, "no-total", "missing_amount"),
    (INVOICES, "no-creation", "missing_timestamp"),
    (INVOICES, "versions", "superseded_version"),
    (INVOICES, "rivals", "duplicate_conflict"),
    (INVOICES, "copied", "duplicate"),
}
BAD_LINES = {
    (LINES, "of-credit", "credit_invoice"),
    (LINES, "of-draft", "not_finalised"),
    (LINES, "of-gift", "unknown_invoice_type"),
    (LINES, "of-lost", "unknown_invoice_state"),
    (LINES, "of-no-creation", "missing_timestamp"),
    (LINES, "of-rivals", "duplicate_conflict"),
    (LINES, "of-nowhere", "unknown_invoice"),
    (LINES, "uninvoiced", "not_finalised"),
    (LINES, "no-amount", "missing_amount"),
    (LINES, "no-start", "incomplete_service_period"),
    (LINES, "backward", "service_ends_before_start"),
    (LINES, "fancy", "unknown_schedule_type"),
    (LINES, "dollars", "conflicting_invoice"),
    (LINES, None, "missing_id"),
    (LINES, "same", "duplicate"),
    (LINES, "other", "duplicate_conflict"),
}


# How Postgres reads a time with a zone, all rooms share: test_oracle_parity.py and
# test_stripe_staging.py have it in every run.
LONG_ON_POSTGRES = ("zoned",)


@pytest.fixture(scope="module", params=["native", "zoned", "text"])
def company(warehouse: Warehouse, request: pytest.FixtureRequest) -> Warehouse:
    """The company, with its columns typed in each way."""
    rooms.load_room(warehouse, "recurly", TABLES, typing=request.param)
    rooms.build_room(warehouse, "recurly")
    return warehouse


def counting(company: Warehouse, name: str, key: str) -> dict[str, Row]:
    """The rows of a shape that count."""
    rows = [row for row in rooms.shape(company, "recurly", name) if row["row_reason"] is None]
    assert len({row[key] for row in rows}) == len(rows)
    return {row[key]: row for row in rows}


def test_all_columns_of_one_line(company: Warehouse) -> None:
    """The invoice gives currency and billing; the line is known when both are."""
    row = counting(company, "service_lines", "line_id")["month"]
    assert {key: value for key, value in row.items() if value is not None} == {
        "source_system": "recurly",
        "source_table": LINES,
        "source_key": "month",
        "line_id": "month",
        "invoice_id": "paid",
        "customer_id": "b",
        "product_id": "product",
        "price_id": "plan",
        "currency": "EUR",
        "amount_scale": "major",
        "amount": Decimal(100),
        "tax_amount": Decimal(19),
        "service_starts_at": CREATED,
        "service_ends_at": NEXT,
        "booked_at": CREATED,
        "booked_known_at": CREATED,
        "known_at": CREATED + timedelta(seconds=1),
        "billing_account": "accounts_receivable",
    }


def test_schedule_types_become_hints_and_a_start_alone_is_no_period(company: Warehouse) -> None:
    """Evenly is none; missing product, tax and customer are filled in."""
    lines = counting(company, "service_lines", "line_id")
    keys = ("month", "point", "evenly", "never", "range-start", "range-end")
    assert [lines[key]["recognition_hint"] for key in keys] == [
        *(None, "at_invoice", None, "never", "at_range_start", "at_range_end"),
    ]
    point = lines["point"]
    assert (point["service_starts_at"], point["service_ends_at"]) == (None, None)
    assert (lines["evenly"]["product_id"], lines["evenly"]["tax_amount"]) == ("plan", 0)
    assert lines["never"]["customer_id"] == "a"


def test_failed_and_voided_invoices_are_events(company: Warehouse) -> None:
    """At closed_at, else updated_at, for whatever is left."""
    events = rooms.shape(company, "recurly", "line_events")
    columns = ("event_id", "event_type", "invoice_id", "amount", "settlement_account")
    assert sorted(tuple(row[column] for column in columns) for row in events) == [
        ("failed:uncollectible", "uncollectible", "failed", None, "accounts_receivable"),
        ("voided:void", "void", "voided", None, "accounts_receivable"),
    ]
    assert {row["event_type"]: (row["effective_at"], row["known_at"]) for row in events} == {
        "uncollectible": (CLOSED, CLOSED),
        "void": (UPDATED, UPDATED),
    }


def test_paid_invoices_were_paid_what_is_no_longer_owed(company: Warehouse) -> None:
    """Total less balance, where that is something."""
    rows = rooms.shape(company, "recurly", "settlements")
    assert {row["settlement_type"] for row in rows} == {"payment"}
    assert {row["settlement_id"]: (row["amount"], row["effective_at"]) for row in rows} == {
        "paid:paid": (Decimal(119), CLOSED),
        "partly:paid": (Decimal(100), CLOSED),
        "no-closing:paid": (Decimal(119), UPDATED),
        "legacy:paid": (Decimal(119), CLOSED),
        "versions:paid": (Decimal(119), CLOSED),
        "copied:paid": (Decimal(119), CLOSED),
    }


def test_an_issued_invoice_is_in_the_books_before_it_is_paid(company: Warehouse) -> None:
    """Pending, past due and processing invoices count from created_at."""
    invoices = counting(company, "invoices", "invoice_id")
    for state in ("pending", "past_due", "processing", "failed", "voided", "versions"):
        assert (invoices[state]["booked_at"], invoices[state]["total"]) == (CREATED, Decimal(119))


@pytest.mark.parametrize(
    ("name", "expected", "both"),
    [("invoices", BAD_INVOICES, {"versions", "rivals"}), ("service_lines", BAD_LINES, {"other"})],
)
def test_what_is_bad_has_its_reason(
    company: Warehouse, name: str, expected: set, both: set[str]
) -> None:
    """The newest version counts, of two copies one; rows that differ are both bad."""
    found = rooms.reasons(rooms.shape(company, "recurly", name))
    assert {item for item in found if item[2] is not None} == expected
    assert {item[1] for item in expected if found[item] > 1} == both


def test_nothing_is_lost(company: Warehouse) -> None:
    """Every raw row is one canonical row."""
    rooms.assert_every_raw_row_is_there(company, "recurly", ("service_lines", "invoices"))
