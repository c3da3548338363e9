"""One company with every kind of bad row among good ones.

Each bad row ends in rec_exceptions with its reason and what to do about it, or is excluded for a
reason, and the books of the good grants are those of a company that never had the bad rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import books
import pytest
from warehouse import Row, Warehouse

VARS = books.company_vars("2026-06-30")
CLOSES = [{"accounting_period": "2026-01", "closed_at": "2026-02-03", "closed_by": "me"}]
TARGET = "good-paid"
"""The good grant at which the bad ledger rows are aimed."""

GRANT_DEFAULTS: Row = {
    "currency_id": "credits",
    "category": "PAID",
    "status": "ACTIVE",
    "cost_currency": "USD",
    "effective_at": "2026-01-05T10:00:00Z",
    "created_at": "2026-01-05T10:00:00Z",
    "updated_at": "2026-01-06T10:00:00Z",
}
LEDGER_DEFAULTS: Row = {
    "credit_currency_id": "credits",
    "event_type": "CREDITS_CONSUMED",
    "amount": "1",
    "timestamp": "2026-02-10T12:00:00Z",
    "created_at": "2026-02-10T12:00:05Z",
}
Listed = tuple[str, str | None, str]


def grant(grant_id: str | None, **columns: str | None) -> Row:
    """A raw grant row, paid and in dollars unless `columns` say otherwise."""
    return {"grant_id": grant_id, "customer_id": f"c-{grant_id}", **GRANT_DEFAULTS, **columns}


def entry(entry_id: str | None, grant_id: str | None, **columns: str | None) -> Row:
    """A raw ledger row, the consumption of one unit unless `columns` say otherwise."""
    return {
        "id": entry_id,
        "credit_grant_id": grant_id,
        "customer_id": f"c-{grant_id}",
        **LEDGER_DEFAULTS,
        **columns,
    }


def granted(entry_id: str, grant_id: str, amount: str, **columns: str | None) -> Row:
    """The ledger row that grants units, on 5 January 2026."""
    time = "2026-01-05T10:00:00Z"
    given = {"event_type": "CREDITS_GRANTED", "timestamp": time, "created_at": time, **columns}
    return entry(entry_id, grant_id, amount=amount, **given)


# --------------------------------------------------------------------------------------------------
# The good ones
# --------------------------------------------------------------------------------------------------

GOOD_GRANTS = [
    grant(
        "good-paid",
        cost_basis="0.0333",
        amount_granted="1000",
        amount_remaining="399",
        invoice_id="in_1",
        invoice_status="PAID",
    ),
    grant("good-total", cost_amount="10.00", cost_currency="EUR", amount_remaining="0"),
    grant("good-yen", category="recurring", cost_basis="3.5", cost_currency="jpy"),
    grant("good-fine", cost_basis="0.666666666667", amount_remaining="10"),
    # Used before it was granted, and the use is worth less than half a yen.
    grant("good-late", cost_basis="0.005", cost_currency="JPY"),
    grant("good-promo", category="Promo", cost_currency=None),
    grant("good-overdraft", category="OVERDRAFT", cost_currency=None),
]
GOOD_LEDGER = [
    granted("g1", "good-paid", "1000"),
    entry("g2", "good-paid", amount="100", timestamp="2026-01-25T00:00:00Z", created_at=None),
    entry("g3", "good-paid", amount="50", timestamp="2026-01-30T00:00:00Z"),
    entry("g4", "good-paid", amount="450"),
    granted("g5", "good-total", "300"),
    entry("g6", "good-total", amount="33.5", timestamp="2026-03-02"),
    entry("g7", "good-total", amount="266.5", event_type="CREDITS_EXPIRED"),
    granted("g8", "good-yen", "7"),
    entry("g9", "good-yen", event_type="CREDITS_VOIDED", amount="2"),
    granted("g10", "good-promo", "20"),
    entry("g11", "good-promo", amount="3"),
    entry("g12", "good-overdraft", amount="1"),
    entry("g13", "good-overdraft", event_type="CREDITS_CONSUMPTION_TRANSFER_SOURCE"),
    entry("g14", "good-paid", event_type="CREDITS_CONSUMPTION_TRANSFER_TARGET"),
    granted("g15", "good-fine", "10"),
    entry("g16", "good-late", amount="48.3", timestamp="2026-03-25", created_at="2026-03-25"),
    granted("g17", "good-late", "197", timestamp="2026-04-04", created_at="2026-04-04"),
    entry("g18", "good-late", amount="79.6", timestamp="2026-05-24", created_at="2026-05-24"),
]
GOOD_IDS = {row["grant_id"] for row in GOOD_GRANTS}


# --------------------------------------------------------------------------------------------------
# The bad ones
# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """Bad rows, what rec_exceptions lists for them, and which raw rows are excluded instead."""

    grants: list[Row] = field(default_factory=list)
    ledger: list[Row] = field(default_factory=list)
    listed: set[Listed] = field(default_factory=set)
    excluded: set[Listed] = field(default_factory=set)
    only_text: bool = False


def bad_entry(reason: str, *, only_text: bool = False, **columns: str | None) -> Fault:
    """A ledger row of a good grant that cannot be used."""
    name = f"bad-{reason}-{'-'.join(columns)}"
    row = {**entry(name, TARGET), **columns}
    return Fault(ledger=[row], listed={("credit_ledger", name, reason)}, only_text=only_text)


def bad_grant(
    reason: str,
    *,
    units: str | None = "10",
    is_excluded: bool = False,
    only_text: bool = False,
    **columns: str | None,
) -> Fault:
    """A grant that cannot be used, and with it its two ledger rows (one without `units`)."""
    name = f"bad-{reason}-{'-'.join(columns)}"
    ledger = [entry(f"{name}-2", name)]
    if units is not None:
        ledger.append(granted(f"{name}-1", name, units))
    about = {("credit_ledger", row["id"], reason) for row in ledger}
    if reason == "missing_grant_entry":
        assert not columns, "the terms of the grant itself are good"
    else:
        about.add(("credit_grants", name, reason))
    terms = {"cost_basis": "0.5", **columns}
    return Fault(
        [grant(name, **terms)],
        ledger,
        set() if is_excluded else about,
        about if is_excluded else set(),
        only_text,
    )


def warned(reason: str, *ledger: Row) -> Fault:
    """A grant of 10 units whose rows are booked all the same, but listed."""
    name = f"warn-{reason}"
    rows = [granted(f"{name}-1", name, "10")]
    rows += [
        {**row, "id": f"{name}-{number}", "credit_grant_id": name}
        for number, row in enumerate(ledger, start=2)
    ]
    return Fault([grant(name, cost_basis="0.5")], rows, {("credit_grants", name, reason)})


FAULTS = [
    bad_entry("unknown_event_type", event_type="CREDITS_TELEPORTED"),
    bad_entry("unknown_event_type", event_type=None, amount="abc", only_text=True),
    bad_entry("unknown_event_type", event_type="=cmd()", feature_id="x"),
    bad_entry("missing_amount", amount=None),
    bad_entry("missing_amount", amount="  ", timestamp="x", only_text=True),
    bad_entry("invalid_number", amount="abc", only_text=True),
    bad_entry("invalid_number", amount="1e5", resource_id="x", only_text=True),
    bad_entry("invalid_number", amount="1,000", feature_id="x", only_text=True),
    bad_entry("invalid_number", amount="NaN", event_id="x", only_text=True),
    bad_entry("precision_exceeded", amount="1.0000000001", only_text=True),
    bad_entry("precision_exceeded", amount="12345678901234567890", feature_id="x"),
    bad_entry("precision_exceeded", amount="-99999999999999999999999999999", resource_id="x"),
    bad_entry("out_of_range", amount="100000000000"),
    bad_entry("out_of_range", amount="-999999999999999999.999999999", resource_id="x"),
    bad_entry("missing_timestamp", timestamp=None),
    bad_entry("invalid_timestamp", timestamp="2026-02-30T00:00:00Z", only_text=True),
    bad_entry("invalid_timestamp", created_at="yesterday", only_text=True),
    bad_entry("unknown_grant", credit_grant_id="nobody"),
    bad_entry("unknown_grant", credit_grant_id=None, customer_id=None),
    bad_entry("outside_calendar", timestamp="1999-12-31T23:59:59Z"),
    bad_entry("outside_calendar", timestamp="2060-01-01T00:00:00Z", feature_id="x"),
    bad_entry("out_of_range", credit_grant_id="good-fine", amount="999999999999999999"),
    bad_entry("precision_exceeded", amount="12345678901234567890", credit_grant_id="good-fine"),
    Fault(
        ledger=[entry("later", TARGET, timestamp="2026-07-01T00:00:00Z")],
        excluded={("credit_ledger", "later", "after_as_of_date")},
    ),
    Fault(
        ledger=[entry("twice", TARGET, amount="1"), entry("twice", TARGET, amount="2")],
        listed={("credit_ledger", "twice", "duplicate_conflict")},
    ),
    Fault(
        # The same instant and number as g4, written in another way.
        ledger=[
            entry(
                "g4",
                TARGET,
                amount="+450.000",
                timestamp="2026-02-10T14:00:00+02:00",
                created_at="2026-02-10 06:30:05.000-0530",
            )
        ],
        excluded={("credit_ledger", "g4", "duplicate")},
        only_text=True,
    ),
    Fault(
        ledger=[entry("unreadable", TARGET, amount="abc") for _ in range(2)],
        listed={("credit_ledger", "unreadable", "invalid_number")},
        excluded={("credit_ledger", "unreadable", "duplicate")},
        only_text=True,
    ),
    bad_grant("missing_cost_basis", cost_basis=None),
    bad_grant("recurring_without_cost", cost_basis=None, category="RECURRING"),
    bad_grant("negative_cost", cost_basis="-0.01"),
    bad_grant("negative_cost", cost_amount="-3", cost_basis=None),
    bad_grant("unknown_currency", cost_currency="XXQ"),
    bad_grant("unknown_currency", cost_currency=None, display_name="x"),
    bad_grant("unknown_currency", cost_currency="", category="paid"),
    bad_grant("cost_basis_conflict", cost_amount="0.01"),
    bad_grant("cost_without_units", cost_amount="5", cost_basis=None, units="0"),
    bad_grant("missing_grant_entry", units=None),
    bad_grant("unknown_category", category="GIFT"),
    bad_grant("unknown_category", category=None, display_name="x"),
    bad_grant("invalid_number", cost_basis="1,000", only_text=True),
    bad_grant("precision_exceeded", cost_basis="0.1234567890123", only_text=True),
    bad_grant("precision_exceeded", cost_basis="12345678901234567", display_name="x"),
    bad_grant("precision_exceeded", amount_consumed="12345678901234567890"),
    bad_grant("invalid_timestamp", effective_at="not a time", only_text=True),
    bad_grant("out_of_range", cost_basis="999999999999", units="9999999999"),
    bad_grant("payment_pending", status="payment_pending", is_excluded=True),
    bad_grant("payment_failed", status="PAYMENT_FAILED", is_excluded=True),
    bad_grant("payment_failed", status="FAILED", display_name="x", is_excluded=True),
    bad_grant("payment_failed", invoice_status="failed", invoice_id="in_9", is_excluded=True),
    Fault(
        grants=[grant(None, cost_basis="1")], listed={("credit_grants", None, "missing_grant_id")}
    ),
    Fault(
        grants=[grant("two-terms", cost_basis="1"), grant("two-terms", cost_basis="2")],
        # An adjustment of nothing shares the fate of its grant.
        ledger=[
            granted("two-terms-1", "two-terms", "10"),
            entry("two-terms-2", "two-terms", event_type="CREDITS_UPDATED", amount="0"),
        ],
        listed={
            ("credit_grants", "two-terms", "duplicate_conflict"),
            ("credit_ledger", "two-terms-1", "duplicate_conflict"),
            ("credit_ledger", "two-terms-2", "duplicate_conflict"),
        },
    ),
    Fault(
        grants=[grant("half-and-half", cost_basis="0.000000000001")],
        ledger=[granted(f"half-{number}", "half-and-half", "50000000000") for number in (1, 2)],
        listed={
            ("credit_grants", "half-and-half", "out_of_range"),
            ("credit_ledger", "half-1", "out_of_range"),
            ("credit_ledger", "half-2", "out_of_range"),
        },
    ),
    warned("overdrawn", entry("", "", amount="15")),
    warned(
        "over_reversed",
        entry("", "", amount="1"),
        entry("", "", event_type="CREDITS_CONSUMPTION_TRANSFER_SOURCE", amount="3"),
    ),
    # The source says it has more than the books could ever value: drift, and no more than that.
    Fault(
        grants=[grant("drift", cost_basis="0.666666666667", amount_remaining="9" * 18)],
        ledger=[granted("drift-1", "drift", "10")],
    ),
    Fault(
        grants=[grant("dear", cost_basis="999999999.123456789012")],
        ledger=[granted("dear-1", "dear", "1"), entry("dear-2", "dear", amount="99999999999")],
        listed={("credit_grants", "dear", "overdrawn")},
    ),
    warned("over_adjusted", entry("", "", event_type="CREDITS_UPDATED", amount="-12")),
    Fault(
        grants=[grant("nameless", cost_basis="0.5")],
        ledger=[granted("nameless-1", "nameless", "10")]
        + [entry(None, "nameless", amount="2") for _ in range(3)],
        listed={("credit_ledger", None, "possible_duplicate")},
    ),
]

# Text that breaks what is glued together, sorted, trimmed, quoted, indexed or opened in Excel.
STRANGE = [
    "=cmd()",
    "=cmd|' /C calc'!A0",
    "'; drop table fct_journal_entries; --",
    '"quoted"',
    "O'Brien",
    "\\N",
    "\\",
    "line\nbreak",
    "tab\there",
    "carriage\rreturn",
    "🙂💸",
    "e\u0301",
    "\u00e9",
    "Ä",
    "ä",
    "a",
    "A",
    " a",
    "a ",
    "\u202eabc",
    "zero\u200bwidth",
    "null",
    "0",
    "00",
    "{{ var('x') }}",
    "%s",
    "a\x1fb",
    "a\x1eb",
    "row:1",
    "ü" * 10_000,
]


def strange_rows(text: str) -> tuple[Row, list[Row]]:
    """A plain grant and its ledger, with a strange text in every column of text."""
    everywhere = {"customer_id": text, "resource_id": text}
    row = grant(text, cost_basis="0.0333", currency_id=text, display_name=text, **everywhere)
    more = {"credit_currency_id": text, "event_id": text, "feature_id": text, **everywhere}
    ledger = [
        granted(text, text, "10", **more),
        entry(f"strange {text} 2", text, amount="2.5", **more),
        entry(f"strange {text} 3", text, amount="7.5", event_type="CREDITS_EXPIRED", **more),
    ]
    return row, ledger


# --------------------------------------------------------------------------------------------------
# Builds
# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Faulty:
    """The company with its faults, built, and the good books of the company without them."""

    warehouse: Warehouse
    typing: str
    good_books: dict[str, list[Row]]

    @property
    def faults(self) -> list[Fault]:
        """The faults that columns of these types can hold."""
        return [fault for fault in FAULTS if self.typing == "text" or not fault.only_text]


def good_books(warehouse: Warehouse) -> dict[str, list[Row]]:
    """All columns of the entries and grant periods of the good grants."""
    entries, periods = (
        warehouse.table("fct_journal_entries"),
        warehouse.table("fct_credit_grant_periods"),
    )
    return {
        "fct_journal_entries": [row for row in entries if row["obligation_id"] in GOOD_IDS],
        "fct_credit_grant_periods": [row for row in periods if row["grant_id"] in GOOD_IDS],
    }


@cache
def faulty_tables(typing: str) -> dict[str, list[Row]]:
    """The raw tables of the company with its faults and strange ids."""
    faults = [fault for fault in FAULTS if typing == "text" or not fault.only_text]
    strange = [strange_rows(text) for text in STRANGE]
    return {
        "credit_grants": [
            *GOOD_GRANTS,
            *(row for fault in faults for row in fault.grants),
            *(row for row, _ in strange),
        ],
        "credit_ledger": [
            *GOOD_LEDGER,
            *(row for fault in faults for row in fault.ledger),
            *(row for _, ledger in strange for row in ledger),
        ],
    }


@pytest.fixture(scope="module")
def good(warehouse: Warehouse) -> dict[str, list[Row]]:
    """The books of the company without faults, per engine; its columns are text."""
    tables = {"credit_grants": GOOD_GRANTS, "credit_ledger": GOOD_LEDGER}
    books.load_company(warehouse, tables, CLOSES, typing="text")
    books.build_marts(warehouse, VARS)
    assert warehouse.table("rec_exceptions") == []
    return good_books(warehouse)


@pytest.fixture(scope="module", params=["text", "native"])
def faulty(
    request: pytest.FixtureRequest, warehouse: Warehouse, good: dict[str, list[Row]]
) -> Iterator[Faulty]:
    """The company with its faults."""
    books.load_company(warehouse, faulty_tables(request.param), CLOSES, typing=request.param)
    books.build_marts(warehouse, VARS)
    yield Faulty(warehouse, request.param, good)


# --------------------------------------------------------------------------------------------------
# Tests
# --------------------------------------------------------------------------------------------------


def test_every_fault_is_listed_with_its_reason_and_nothing_else_is(faulty: Faulty) -> None:
    """No fault is missed and no good row is blamed."""
    expected = set().union(*(fault.listed for fault in faulty.faults))
    actual = books.exceptions_of(faulty.warehouse)
    assert sorted(actual - expected, key=repr) == []
    assert sorted(expected - actual, key=repr) == []


def test_every_exception_says_what_to_do(faulty: Faulty) -> None:
    """The reason is one of the seed, with its meaning and its remedy."""
    for row in faulty.warehouse.table("rec_exceptions"):
        assert row["how_to_fix"], row
        assert "Add the reason" not in row["how_to_fix"], row
        assert "no description" not in row["detail"], row


def test_excluded_rows_are_excluded_for_their_reason(faulty: Faulty) -> None:
    """What waits, failed, repeats or lies ahead is excluded and not listed as a fault."""
    evidence = {
        (row["source_table"], row["source_key"], row["reason"]): row["disposition"]
        for row in faulty.warehouse.table("fct_journal_evidence")
    }
    for fault in faulty.faults:
        for item in fault.excluded:
            assert evidence.get(item) == "excluded", item


def test_the_excess_of_an_overdrawn_grant_is_stated(faulty: Faulty) -> None:
    """A warning says how many units it is about."""
    quantities = {
        row["reason_code"]: row["quantity"]
        for row in faulty.warehouse.table("rec_exceptions")
        if row["source_key"].startswith("warn-")
    }
    assert quantities == {"overdrawn": 5, "over_reversed": 2, "over_adjusted": 2}


@pytest.mark.parametrize("mart", ["fct_journal_entries", "fct_credit_grant_periods"])
def test_good_grants_have_the_books_of_a_build_without_bad_rows(faulty: Faulty, mart: str) -> None:
    """Faults of others, and bad rows of its own, change nothing of a grant."""
    assert faulty.good_books[mart], "the good grants have books"
    different = books.row_differences(faulty.good_books[mart], good_books(faulty.warehouse)[mart])
    assert different == []


def test_nothing_is_lost(faulty: Faulty) -> None:
    """Every raw row has a disposition and every tie-out is tied."""
    books.assert_all_is_accounted_for(
        faulty.warehouse, f"{faulty.warehouse.engine} {faulty.typing}"
    )


def test_the_oracle_agrees(faulty: Faulty) -> None:
    """The oracle finds the same faults and books the same entries."""
    expected = books.oracle_books(faulty_tables(faulty.typing), CLOSES, VARS)
    assert set(expected.exceptions) == books.exceptions_of(faulty.warehouse)
    assert books.row_differences(expected.entries, books.entries_of(faulty.warehouse)) == []
    periods = books.periods_of(faulty.warehouse)
    assert books.row_differences(expected.grant_periods, periods) == []
    dispositions = books.dispositions_of(faulty.warehouse)
    assert books.oracle_dispositions(expected) == dispositions


def test_strange_texts_are_booked_like_plain_ones(faulty: Faulty) -> None:
    """Every id stays as it is, apart from all others, and has the entries of any other grant."""
    rows = faulty.warehouse.table("fct_journal_entries")
    assert len({row["journal_entry_id"] for row in rows}) == len(rows)
    plain = [
        (row["event_type"], row["accounting_period"], row["amount_minor"])
        for row in rows
        if row["obligation_id"] == "a"
    ]
    assert sorted(plain) == [
        ("credit_consumed", "2026-02", 8),
        ("credit_expired", "2026-02", 25),
        ("credit_granted", "2026-01", 33),
    ]
    for text in STRANGE:
        found = [row for row in rows if row["obligation_id"] == text]
        assert sorted(plain) == sorted(
            (row["event_type"], row["accounting_period"], row["amount_minor"]) for row in found
        ), text[:50]
        assert {(row["customer_id"], row["product_id"]) for row in found} == {(text, text)}
