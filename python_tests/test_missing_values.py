"""Empty text, times in other spellings, an unreadable version, a grant without ledger rows.

One company whose export writes nothing but text. What is missing in it is missing on both
engines alike, and is in the books, or among the exceptions, for what it is.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import books
import pytest
from warehouse import Row, Warehouse

VARS = books.company_vars("2026-06-30")
JANUARY, FEBRUARY = "2026-01-05T10:00:00Z", "2026-02-10T12:00:00Z"


def grant(grant_id: str | None, **columns: str | None) -> Row:
    """A raw grant row, paid at 0.50 dollars a unit unless `columns` say otherwise."""
    return {
        "grant_id": grant_id,
        "customer_id": "c",
        "currency_id": "credits",
        "category": "PAID",
        "cost_basis": "0.50",
        "cost_currency": "USD",
        "status": "ACTIVE",
        "effective_at": JANUARY,
        "updated_at": JANUARY,
        **columns,
    }


def entry(
    entry_id: str | None, grant_id: str, event: str, amount: str, **columns: str | None
) -> Row:
    """A raw ledger row: of January where it grants, else of February."""
    return {
        "id": entry_id,
        "credit_grant_id": grant_id,
        "customer_id": "c",
        "event_type": f"CREDITS_{event}",
        "amount": amount,
        "timestamp": JANUARY if event == "GRANTED" else FEBRUARY,
        **columns,
    }


# How a time may be written, and the instant that it is (UTC, without zone).
SPELLINGS = {
    "2025-01-05T10:00:00Z": datetime(2025, 1, 5, 10),
    "2025-01-05T10:00:00z": datetime(2025, 1, 5, 10),
    " 2025-01-05T10:00:00Z ": datetime(2025, 1, 5, 10),
    "2025-01-05t10:00:00": datetime(2025, 1, 5, 10),
    "2025-01-05t10:00:00z": datetime(2025, 1, 5, 10),
    " 2025-01-05 10:00": datetime(2025, 1, 5, 10),
    "2025-01-05t12:00:00.123456+02:00 ": datetime(2025, 1, 5, 10, 0, 0, 123456),
    "2025-01-05": datetime(2025, 1, 5),
    "2025-01-05 ": datetime(2025, 1, 5),
    "  2025-01-05": datetime(2025, 1, 5),
}
NO_TIMES = ["2025-01-05x", "2025-01-05z", "2025-02-30 ", "5 Jan 2025", "\t2025-01-05"]
EMPTY = ["", " ", None]

TABLES: dict[str, list[Row]] = {
    "credit_grants": [
        grant("no-invoice", invoice_id="", invoice_status=""),
        grant("blank-invoice", invoice_id=" ", invoice_status="OPEN"),
        grant("empty-ids"),
        grant("empty-events"),
        grant("real-events"),
        grant("", display_name="the first"),
        grant("", display_name="the second"),
        grant("blanks", category=" Paid ", cost_currency="usd ", status=" active"),
        grant("pending", status="PAYMENT_PENDING "),
        grant("spelled", updated_at=" 2026-01-05t10:00:00z"),
        # The newest version of each of these has another price.
        grant("unread-version"),
        grant("unread-version", cost_basis="0.90", updated_at="last Tuesday"),
        grant("unread-version-and-number"),
        grant("unread-version-and-number", cost_basis="0,90", updated_at="last Tuesday"),
        grant("unread-old-version", effective_at="last Tuesday", updated_at=None),
        grant("unread-old-version", cost_basis="0.90"),
        *(
            grant(f"time {number}", effective_at=text, expires_at=text)
            for number, text in enumerate([*SPELLINGS, *NO_TIMES, *EMPTY])
        ),
        # In force, but the ledger does not know them.
        grant("absent", amount_remaining="1000"),
        grant("absent-total", amount_remaining="1000", cost_basis=None, cost_amount="500"),
        grant("absent-promo", amount_remaining="7", category="PROMOTIONAL"),
        grant("absent-dear", amount_remaining="9" * 18, cost_basis="9999999999999999.123456789012"),
        grant("absent-used-up", amount_remaining="0"),
        grant("absent-unsaid"),
        grant("absent-last-day", amount_remaining="1", effective_at="2026-06-30T23:59:59Z"),
        grant("announced", amount_remaining="1000", effective_at="2026-07-01T00:00:00Z"),
    ],
    "credit_ledger": [
        entry("n1", "no-invoice", "GRANTED", "100"),
        entry("n2", "no-invoice", "VOIDED", "80"),
        entry("b1", "blank-invoice", "GRANTED", "100"),
        entry("b2", "blank-invoice", "VOIDED", "80"),
        # An empty id is no id that they share.
        entry("", "empty-ids", "GRANTED", "100"),
        entry("", "empty-ids", "CONSUMED", "10", event_id="e1"),
        entry("", "empty-ids", "CONSUMED", "20", event_id="e2"),
        entry(None, "empty-ids", "CONSUMED", "20", event_id="e2"),
        # Alike, and without any id; then alike with the id of an event.
        entry("v1", "empty-events", "GRANTED", "100"),
        *(entry("", "empty-events", "CONSUMED", "2", event_id="") for _ in range(2)),
        entry(None, "empty-events", "CONSUMED", "2", event_id=None),
        entry("r1", "real-events", "GRANTED", "100"),
        *(entry("", "real-events", "CONSUMED", "2", event_id="e3") for _ in range(3)),
        entry("x1", "", "GRANTED", "100"),
        entry("k1", "blanks", "GRANTED", "100"),
        entry("k2", "blanks", "CONSUMED", "10", event_type=" credits_consumed "),
        entry("p1", "pending", "GRANTED", "100"),
        entry("u1", "unread-version", "GRANTED", "100"),
        entry("u2", "unread-version-and-number", "GRANTED", "100"),
        entry("u3", "unread-old-version", "GRANTED", "100"),
        entry("s", "spelled", "GRANTED", "1000"),
        *(
            entry("one event", "spelled", "CONSUMED", "1", timestamp=text, created_at=text)
            for text, instant in SPELLINGS.items()
            if instant == datetime(2025, 1, 5, 10)
        ),
    ],
}


@pytest.fixture(scope="module")
def company(warehouse: Warehouse) -> Warehouse:
    """The company, built on each engine."""
    books.load_company(warehouse, TABLES, [], typing="text")
    books.build_marts(warehouse, VARS, (*books.JUDGED_MARTS, "dim_credit_grants"))
    return warehouse


def booked(company: Warehouse, grant_id: str) -> list[tuple[str, str, str, Decimal]]:
    """Event, debit, credit and amount of the entries of a grant."""
    return sorted(
        (
            row["event_type"].removeprefix("credit_"),
            row["debit_account"],
            row["credit_account"],
            row["amount"],
        )
        for row in company.table("fct_journal_entries")
        if row["obligation_id"] == grant_id
    )


def listed(company: Warehouse, *about: str) -> Counter[tuple[str, str]]:
    """Key and reason of the exceptions whose key is one of these grants or ledger rows."""
    return Counter(
        (row["source_key"], row["reason_code"])
        for row in company.table("rec_exceptions")
        if row["source_key"] in about
    )


def test_the_books_are_those_of_the_oracle(company: Warehouse) -> None:
    """Entries, exceptions and dispositions; nothing is lost and every tie-out is tied."""
    expected = books.oracle_books(TABLES, [], VARS)
    assert books.row_differences(expected.entries, books.entries_of(company)) == []
    assert set(expected.exceptions) == books.exceptions_of(company)
    assert books.oracle_dispositions(expected) == books.dispositions_of(company)
    books.assert_all_is_accounted_for(company, company.engine)


def test_a_grant_with_an_empty_invoice_id_was_paid_in_cash(company: Warehouse) -> None:
    """'' is no invoice: a void owes a refund. A blank is an id as any other."""
    assert booked(company, "no-invoice") == [
        ("granted", "cash", "deferred_revenue", Decimal(50)),
        ("revoked", "deferred_revenue", "refund_liability", Decimal(40)),
    ]
    assert booked(company, "blank-invoice") == [
        ("granted", "accounts_receivable", "deferred_revenue", Decimal(50)),
        ("revoked", "deferred_revenue", "accounts_receivable", Decimal(40)),
    ]


def test_rows_with_an_empty_id_are_rows_without_an_id(company: Warehouse) -> None:
    """They are no duplicates of each other; two that are one event count once."""
    assert booked(company, "empty-ids") == [
        ("consumed", "deferred_revenue", "credit_revenue", Decimal(15)),
        ("granted", "cash", "deferred_revenue", Decimal(50)),
    ]
    reasons = {row["reason_code"] for row in company.table("rec_exceptions")}
    assert "duplicate_conflict" not in reasons


def test_rows_with_an_empty_event_id_all_count_with_a_warning(company: Warehouse) -> None:
    """Without an id and an event nobody knows that they are one; with an event they are."""
    assert booked(company, "empty-events")[0][3] == Decimal(3)
    assert booked(company, "real-events")[0][3] == Decimal(1)
    (warning,) = [
        row for row in company.table("rec_exceptions") if row["reason_code"] == "possible_duplicate"
    ]
    assert warning["detail"].startswith("3 rows of grant empty-events: ")
    assert warning["quantity"] == 2


def test_an_empty_grant_id_is_missing(company: Warehouse) -> None:
    """Two grants without an id are two exceptions, and their ledger row has no grant."""
    rows = company.table("rec_exceptions")
    missing = [row for row in rows if row["reason_code"] == "missing_grant_id"]
    assert len(missing) == 2
    assert all(row["source_key"].startswith("row:") for row in missing)
    assert listed(company, "x1") == {("x1", "unknown_grant"): 1}


def test_blanks_around_enumerated_values_do_not_count(company: Warehouse) -> None:
    """Category, currency, status and event type are read without them."""
    assert booked(company, "blanks") == [
        ("consumed", "deferred_revenue", "credit_revenue", Decimal(5)),
        ("granted", "cash", "deferred_revenue", Decimal(50)),
    ]
    assert booked(company, "pending") == []
    assert listed(company, "pending", "p1") == {}


def test_times_in_all_their_spellings(company: Warehouse) -> None:
    """The same instant on both engines; what is no time is an exception, and no guess."""
    texts = dict(enumerate([*SPELLINGS, *NO_TIMES, *EMPTY]))
    read = {
        texts[int(row["grant_id"].removeprefix("time "))]: (row["effective_at"], row["expires_at"])
        for row in company.table("dim_credit_grants")
        if row["grant_id"].startswith("time ")
    }
    assert {text: read[text] for text in SPELLINGS} == {
        text: (instant, instant) for text, instant in SPELLINGS.items()
    }
    assert {text: read[text] for text in EMPTY} == dict.fromkeys(EMPTY, (None, None))
    unread = [f"time {number}" for number, text in texts.items() if text in NO_TIMES]
    assert listed(company, *(f"time {number}" for number in texts)) == {
        (key, "invalid_timestamp"): 1 for key in unread
    }


def test_one_instant_in_several_spellings_is_one_event(company: Warehouse) -> None:
    """Ledger rows with one id that differ in that alone are duplicates, and one counts.

    It has no value before the grant of a year later covers it.
    """
    assert booked(company, "spelled") == [
        ("consumed", "deferred_revenue", "credit_revenue", Decimal(0)),
        ("consumed", "deferred_revenue", "credit_revenue", Decimal("0.50")),
        ("granted", "cash", "deferred_revenue", Decimal(500)),
    ]


@pytest.mark.parametrize(
    ("grant_id", "ledger_id", "reason"),
    [
        ("unread-version", "u1", "invalid_timestamp"),
        ("unread-version-and-number", "u2", "invalid_number"),
    ],
)
def test_a_version_with_an_unreadable_time_is_not_passed_over(
    company: Warehouse, grant_id: str, ledger_id: str, reason: str
) -> None:
    """It may be the newest: the grant is an exception, never valued at the older price."""
    assert booked(company, grant_id) == []
    assert listed(company, grant_id, ledger_id) == {(grant_id, reason): 1, (ledger_id, reason): 1}


def test_an_old_version_with_another_unreadable_time_is_superseded(company: Warehouse) -> None:
    """Only the time of the version itself says which is the newest; here it has none."""
    assert booked(company, "unread-old-version") == [
        ("granted", "cash", "deferred_revenue", Decimal(90))
    ]
    assert listed(company, "unread-old-version", "u3") == {}


def test_a_grant_in_force_without_ledger_rows_is_drift(company: Warehouse) -> None:
    """It is listed with the units that the source says remain; one that is yet to begin is not."""
    drift = {
        row["source_key"]: row["quantity"]
        for row in company.table("rec_exceptions")
        if row["reason_code"] == "source_balance_drift"
    }
    assert drift == {
        "absent": 1000,
        "absent-total": 1000,
        "absent-promo": 7,
        "absent-dear": int("9" * 18),
        "absent-last-day": 1,
    }
    assert booked(company, "absent") == []
    about = {row["source_key"] for row in company.table("rec_exceptions")}
    assert not about & {"absent-used-up", "absent-unsaid", "announced"}


def test_drift_is_what_explains_the_difference_to_the_source(company: Warehouse) -> None:
    """The tie-out with the source's balances shows the units that are not in the books."""
    (total,) = [
        row
        for row in company.table("rec_tie_outs")
        if row["tie_out"] == "T2_source_balances" and row["subject_type"] == "total"
    ]
    assert total["is_tied"]
    assert total["unexplained"] == 0
    # 1000 + 1 units at 50 cents, and what is dearer than can be said; without a ledger row nobody
    # knows how many units a whole price is for.
    assert total["expected"] == total["explained"] == 1001 * 50 + 10**19


# --------------------------------------------------------------------------------------------------
# The generic tables
# --------------------------------------------------------------------------------------------------

GENERIC_GRANT = (
    "grant_id",
    "customer_id",
    "credit_unit",
    "funding",
    "granted_units",
    "remaining_units",
    "consumed_units",
    "price_total",
    "price_per_unit",
    "currency",
    "payment_status",
    "priority",
    "invoice_id",
    "invoice_status",
    "effective_at",
    "expires_at",
    "known_at",
    "pool_id",
    "source_order",
)
GENERIC_ENTRY = (
    "entry_id",
    "grant_id",
    "customer_id",
    "reference",
    "entry_type",
    "units",
    "effective_at",
    "known_at",
    "invoice_id",
    "pool_id",
)


def test_missing_values_of_the_generic_tables(tmp_path: Path) -> None:
    """An empty payment status is none, so settled; blanks around one, or a type, do not count."""
    terms = {"funding": " Paid", "price_per_unit": "0.50", "currency": "usd "}
    statuses = {"none": None, "empty": "", "blank": " ", "settled": " Settled ", "odd": "perhaps"}
    statuses |= {"pending": "pending "}
    grants = [
        {"grant_id": name, "payment_status": status, "invoice_id": "", "known_at": JANUARY, **terms}
        for name, status in statuses.items()
    ]
    ledger = [
        {"entry_id": "", "grant_id": name, "entry_type": kind, "units": units, "effective_at": when}
        for name in statuses
        for kind, units, when in ((" grant", "100", JANUARY), ("Consume ", "-10", FEBRUARY))
    ]
    tables = {"credit_grants": (GENERIC_GRANT, grants), "credit_entries": (GENERIC_ENTRY, ledger)}
    variables = {**VARS, "sources": ["generic"]}
    with Warehouse.duckdb(tmp_path) as house:
        books.load_company(house, {"credit_grants": [], "credit_ledger": []}, [])
        for table, (columns, rows) in tables.items():
            house.load("generic", table, dict.fromkeys(columns, "text"), rows)
        books.build_marts(house, variables, ("fct_journal_entries", "rec_exceptions"))
        found = {name: booked(house, name) for name in statuses}
        reasons = Counter(row["reason_code"] for row in house.table("rec_exceptions"))
    entries = [
        ("consumed", "deferred_revenue", "credit_revenue", Decimal(5)),
        ("granted", "cash", "deferred_revenue", Decimal(50)),
    ]
    assert found == {
        **dict.fromkeys(("none", "empty", "blank", "settled"), entries),
        "odd": [],
        "pending": [],
    }
    assert reasons == {"unknown_payment_status": 3}
