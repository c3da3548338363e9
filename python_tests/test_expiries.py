"""Credits that expire although the source writes no row of it, and more revoked than is left.

Worked out by hand, in an in-house ledger (the generic room) and in Stigg's, by a project that
installs revrec and chooses the policies per customer. January 2026 was closed on 3 February,
February on 3 March. Unless a case says otherwise 100 credits were sold for 100.00 on 5 January and
expire on 25 January.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import books
import pytest
import rooms
from installing import install
from test_credit_events import ENTRY_TYPES, GRANT_TYPES, Company
from warehouse import Warehouse

PROJECT = Path(__file__).parent / "expiry_project"
VARS = books.company_vars("2026-06-30", sources=["generic", "stigg"])
CLOSES = [
    {"accounting_period": "2026-01", "closed_at": "2026-02-03"},
    {"accounting_period": "2026-02", "closed_at": "2026-03-03"},
]
SOLD, ENDS = datetime(2026, 1, 5), datetime(2026, 1, 25, 12)
FEBRUARY, APRIL = datetime(2026, 2, 10), datetime(2026, 4, 10)

CASH, DEFERRED, USED, LOST = "cash", "deferred_revenue", "credit_revenue", "breakage_revenue"
OWED = "refund_liability"
Entry = tuple[str, str, str, str, str, str]
"""Accounting period, effective period, event, debit, credit, amount."""

GRANTED = ("2026-01", "2026-01", "credit_granted", CASH, DEFERRED, "100.00")


def expired(amount: str, posted: str = "2026-01", effective: str = "2026-01") -> Entry:
    """What expires."""
    return (posted, effective, "credit_expired", DEFERRED, LOST, amount)


def returned(amount: str, posted: str = "2026-02", effective: str = "2026-01") -> Entry:
    """What comes back from expiry."""
    return (posted, effective, "credit_expiry_reversed", LOST, DEFERRED, amount)


def used(amount: str, posted: str, effective: str) -> Entry:
    """What is used."""
    return (posted, effective, "credit_consumed", DEFERRED, USED, amount)


class Expiring(Company):
    """Cases by the name of their grant."""

    def case(self, name: str, *entries: Entry, left: str = "0", **columns: object) -> None:
        """100 credits of a grant, as the module says, and the entries that it should have."""
        terms = {"credit_unit": "credits", "expires_at": ENDS, "known_at": SOLD, **columns}
        self.grant(name, "paid", "100", left, SOLD, **terms)
        self.expected[name] = [GRANTED, *entries]

    def version(self, name: str, **columns: object) -> None:
        """A newer version of the row of a grant; no second entry grants it."""
        (row,) = [row for row in self.grants if row["grant_id"] == name]
        self.grants.append({**row, **columns})


def company() -> Expiring:
    """All cases."""
    it = Expiring()

    # The example of the rules: 40 used on 20 January are known in February only.
    it.case("late_use", expired("100.00"), returned("40.00"), used("40.00", "2026-02", "2026-01"))
    it.entry("late_use", "consume", "-40", datetime(2026, 1, 20), known_at=FEBRUARY)

    it.case("known_use", used("40.00", "2026-01", "2026-01"), expired("60.00"))
    it.entry("known_use", "consume", "-40", datetime(2026, 1, 20))

    # The source let its customer use credits that had expired: that is its consumption.
    it.case("used_after", expired("100.00"), returned("40.00"), used("40.00", "2026-02", "2026-02"))
    it.entry("used_after", "consume", "-40", FEBRUARY)

    # The source writes its row: in time; a day later but before the close; late; next month.
    it.case("row_in_time", expired("100.00"))
    it.entry("row_in_time", "expire", "-100", datetime(2026, 1, 26))
    it.case("row_while_open", expired("100.00", "2026-02", "2026-02"))
    it.entry("row_while_open", "expire", "-100", datetime(2026, 2, 1))
    it.case("row_known_late", expired("100.00"), returned("100.00"), expired("100.00", "2026-02"))
    it.entry("row_known_late", "expire", "-100", ENDS, known_at=FEBRUARY)
    it.case(
        "row_next_month",
        expired("100.00"),
        returned("100.00"),
        expired("100.00", "2026-02", "2026-02"),
    )
    it.entry("row_next_month", "expire", "-100", FEBRUARY)
    # It expires 60 only, so the rest expires by its date all the same.
    it.case("row_of_a_part", expired("100.00"), returned("60.00"), expired("60.00", "2026-02"))
    it.entry("row_of_a_part", "expire", "-60", ENDS, known_at=FEBRUARY)

    # The date is changed: in a version of February, in the only row that there is.
    it.case(
        "extended",
        expired("100.00"),
        returned("100.00"),
        used("30.00", "2026-04", "2026-04"),
        expired("70.00", "2026-04", "2026-04"),
    )
    it.version("extended", known_at=FEBRUARY, expires_at=datetime(2026, 4, 20))
    it.entry("extended", "consume", "-30", APRIL)
    it.case("extended_in_time", expired("100.00", "2026-04", "2026-04"))
    it.version("extended_in_time", known_at=datetime(2026, 2, 2), expires_at=datetime(2026, 4, 20))
    it.case("never_after_all", expired("100.00"), returned("100.00"), left="100")
    it.version("never_after_all", known_at=FEBRUARY, expires_at=None)
    it.case("shortened", expired("100.00", "2026-02"), expires_at=datetime(2026, 12, 1))
    it.version("shortened", known_at=FEBRUARY, expires_at=ENDS)
    it.case("edited", expired("100.00", "2026-04", "2026-04"), known_at=FEBRUARY, expires_at=APRIL)

    it.case("ahead", left="100", expires_at=datetime(2026, 7, 1))
    it.case("on_the_last_day", expired("100.00", "2026-06", "2026-06"))
    it.grants[-1]["expires_at"] = datetime(2026, 6, 30, 23)

    # What is added to credits that have expired expires after it was added.
    added = ("2026-02", "2026-02", "credit_adjusted", CASH, DEFERRED, "50.00")
    it.case("added", expired("100.00"), added, expired("50.00", "2026-02", "2026-02"))
    it.entry("added", "adjust", "50", FEBRUARY)

    # Revoked after it expired: the breakage of it is reversed first.
    it.case(
        "revoked",
        expired("100.00"),
        returned("30.00"),
        ("2026-02", "2026-02", "credit_revoked", DEFERRED, OWED, "30.00"),
    )
    it.entry("revoked", "revoke", "-30", FEBRUARY)

    # The grant itself became known after the close.
    it.grant("late_grant", "paid", "100", "0", SOLD, credit_unit="credits", expires_at=ENDS)
    it.entries[-1]["known_at"] = FEBRUARY
    it.expected["late_grant"] = [
        ("2026-02", "2026-01", "credit_granted", CASH, DEFERRED, "100.00"),
        expired("100.00", "2026-02"),
    ]

    # A use of a pool that is known late still finds the credits that had not expired then; one
    # after the expiry finds nothing.
    pool = {"pool_id": "pool", "customer_id": "pool", "remaining_units": None}
    it.case(
        "pool", expired("100.00"), returned("10.00"), used("10.00", "2026-02", "2026-01"), **pool
    )
    it.use("pool", "10", datetime(2026, 1, 20), known_at=FEBRUARY)
    it.use("pool", "7", FEBRUARY)
    it.bad["pool-use-02100000"] = "no_credit_left"

    # Credits that are owed, and given away.
    owed = {"customer_id": "owed_at_issue", "expires_at": ENDS}
    it.grant("goodwill", "goodwill", "25", "0", SOLD, **owed)
    it.expected["goodwill"] = [
        ("2026-01", "2026-01", "credit_granted", "credit_notes", "customer_balance", "25.00"),
        ("2026-01", "2026-01", "credit_expired", "customer_balance", "credit_notes", "25.00"),
    ]
    it.grant("promo", "promotional", "50", "0", SOLD, credit_unit="credits", expires_at=ENDS)
    it.expected["promo"] = []

    # The source keeps what has expired in its balance, or has another opinion altogether.
    it.case("source_keeps", expired("100.00"), left="100")
    it.case("source_drifts", expired("100.00"), left="93")
    it.warned = {("source_drifts", "source_balance_drift"): Decimal(7)}

    # Policy from_ledger, and credits that began only after their end: they stay and are listed.
    it.case("no_row", left="100", customer_id="writes_rows")
    it.warned["no_row", "expired_with_balance"] = Decimal(100)
    it.case("began_after", left="100", effective_at=datetime(2026, 1, 26))
    it.warned["began_after", "expired_with_balance"] = Decimal(100)

    # 70 of 100 at 0.333 are used, 50 are revoked, then 60 more; there was use of 70.
    for name, customer in (("excess", "c"), ("paid_back", "pays_back")):
        price = {"price_per_unit": Decimal("0.333"), "expires_at": None}
        it.case(name, left="0", customer_id=customer, **price)
        it.entry(name, "consume", "-70", datetime(2026, 1, 20))
        it.entry(name, "revoke", "-50", FEBRUARY)
        it.entry(name, "revoke", "-60", APRIL)
        it.expected[name] = [
            ("2026-01", "2026-01", "credit_granted", CASH, DEFERRED, "33.30"),
            used("23.31", "2026-01", "2026-01"),
            ("2026-02", "2026-02", "credit_revoked", DEFERRED, OWED, "9.99"),
        ]
        it.warned[name, "source_balance_drift"] = Decimal(80)
    it.expected["paid_back"] += [
        ("2026-02", "2026-02", "credit_usage_refunded", USED, OWED, "6.66"),
        ("2026-04", "2026-04", "credit_usage_refunded", USED, OWED, "16.65"),
    ]
    it.warned["excess", "refund_above_remaining"] = Decimal(80)
    it.warned["paid_back", "refund_above_remaining"] = Decimal(10)
    # More is granted later: it covers what was paid back, and that is revenue again.
    it.case("restored", left="20", customer_id="pays_back", expires_at=None)
    it.entry("restored", "consume", "-70", datetime(2026, 1, 20))
    it.entry("restored", "revoke", "-60", FEBRUARY)
    it.entry("restored", "adjust", "50", APRIL)
    it.expected["restored"] += [
        used("70.00", "2026-01", "2026-01"),
        ("2026-02", "2026-02", "credit_revoked", DEFERRED, OWED, "30.00"),
        ("2026-02", "2026-02", "credit_usage_refunded", USED, OWED, "30.00"),
        ("2026-04", "2026-04", "credit_adjusted", CASH, DEFERRED, "50.00"),
        used("30.00", "2026-04", "2026-04"),
    ]
    return it


COMPANY = company()
STIGG_GRANT = {
    "grant_id": "stigg_no_row",
    "customer_id": "s",
    "category": "PAID",
    "currency_id": "credits",
    "amount_granted": Decimal(3),
    "amount_remaining": Decimal(2),
    "cost_amount": Decimal("10.00"),
    "cost_currency": "USD",
    "effective_at": SOLD,
    "expires_at": ENDS,
    "created_at": SOLD,
    "updated_at": SOLD,
}
STIGG_LEDGER = [
    {
        "id": f"stigg-{event}",
        "customer_id": "s",
        "credit_grant_id": "stigg_no_row",
        "event_type": event,
        "amount": Decimal(units),
        "timestamp": SOLD,
        "created_at": SOLD,
    }
    for event, units in (("CREDITS_GRANTED", 3), ("CREDITS_CONSUMED", -1))
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, with revrec installed by `dbt deps`."""
    return install(PROJECT, tmp_path_factory.mktemp("expiries"))


@pytest.fixture(scope="module")
def house(warehouse: Warehouse, project: Path) -> Iterator[Warehouse]:
    """The company, built with all tests."""
    rooms.load_room(warehouse, "generic", COMPANY.tables)
    warehouse.load("generic", "credit_grants", GRANT_TYPES, COMPANY.grants)
    warehouse.load("generic", "credit_entries", ENTRY_TYPES, COMPANY.entries)
    stigg = {"credit_grants": [STIGG_GRANT], "credit_ledger": STIGG_LEDGER}
    books.load_company(warehouse, stigg, CLOSES)
    options = ("build", "--exclude-resource-type", "unit_test")
    warehouse.build(*options, vars=VARS, project_dir=project).check()
    yield warehouse


ENTRY_COLUMNS = (
    "accounting_period",
    "effective_period",
    "event_type",
    "debit_account",
    "credit_account",
)


def entries_of(house: Warehouse, condition: str) -> Counter:
    """Entries with an amount, by their grant."""
    rows = house.fetch(
        f"select obligation_id, {', '.join(ENTRY_COLUMNS)}, amount from fct_journal_entries "
        f"where amount <> 0 and source_system = 'generic' and {condition}"
    )
    return Counter(
        (
            row["obligation_id"],
            *(row[column] for column in ENTRY_COLUMNS),
            row["amount"].quantize(Decimal("0.01")),
        )
        for row in rows
    )


@pytest.mark.parametrize("grant_id", COMPANY.expected)
def test_what_a_grant_posts(house: Warehouse, grant_id: str) -> None:
    """Each entry of it, with its two periods."""
    expected = Counter(
        (grant_id, *entry[:5], Decimal(entry[5])) for entry in COMPANY.expected[grant_id]
    )
    assert entries_of(house, f"obligation_id = '{grant_id}'") == expected


def test_what_is_in_doubt_is_listed(house: Warehouse) -> None:
    """And nothing else of the grants: a synthesised expiry leaves no doubt."""
    listed = {
        (row["source_key"], row["reason_code"]): row["quantity"]
        for row in house.table("rec_exceptions")
        if row["source_system"] == "generic"
    }
    bad = {(key, reason): Decimal(7) for key, reason in COMPANY.bad.items()}
    assert listed == COMPANY.warned | bad


def test_a_grant_without_its_row_of_expiry_is_listed_with_its_value(house: Warehouse) -> None:
    """Stigg writes such rows: nothing is synthesised, count and value are stated."""
    (row,) = [row for row in house.table("rec_exceptions") if row["source_system"] == "stigg"]
    assert (row["reason_code"], row["source_key"]) == ("expired_with_balance", "stigg_no_row")
    assert row["quantity"] == 2
    assert "(6.6700 USD deferred)" in row["detail"]


def test_a_synthesised_expiry_has_its_own_disposition(house: Warehouse) -> None:
    """It stands behind its entries, without a raw row; what has no value has no entry."""
    evidence = house.fetch(
        "select evidence.*, entries.event_type, entries.accounting_period, "
        "entries.source_entry_count from fct_journal_evidence as evidence "
        "left join fct_journal_entries as entries "
        "on evidence.journal_entry_id = entries.journal_entry_id "
        "where evidence.source_table = 'synthesised_expiry'"
    )
    assert {(row["disposition"], row["reason"]) for row in evidence} == {
        ("synthesised", "no_expiry_row")
    }
    found: dict[str, list] = {}
    for row in evidence:
        about = (row["event_type"], row["accounting_period"], row["quantity"])
        found.setdefault(row["source_key"], []).append(about)
    assert sorted(found["late_use"]) == [
        ("credit_expired", "2026-01", 100),
        ("credit_expiry_reversed", "2026-02", 40),
    ]
    assert found["promo"] == [(None, None, 50)]
    assert "row_in_time" not in found and "row_while_open" not in found
    assert all(row["source_entry_count"] in (0, None) for row in evidence)
    assert "synthesised_expiry" not in {
        row["source_table"] for row in house.table("rec_completeness")
    }


def test_its_corrections_have_a_reason_and_a_time(house: Warehouse) -> None:
    """A use that came late, or the version of the grant that changed its date."""
    rows = {
        (row["obligation_id"], row["event_type"]): (row["reason"], row["known_at"])
        for row in house.table("rpt_corrections")
    }
    late = ("late_expiry", FEBRUARY)
    assert rows["late_use", "credit_expiry_reversed"] == late
    assert rows["extended", "credit_expiry_reversed"] == late
    assert rows["shortened", "credit_expired"] == late
    assert rows["never_after_all", "credit_expiry_reversed"] == late
    assert all(reason for reason, _ in rows.values())


def test_the_day_of_an_expiry_is_that_of_its_entry(house: Warehouse) -> None:
    """In the period to which it posts."""
    rows = house.fetch(
        "select obligation_id, entry_date from fct_journal_entries "
        "where event_type = 'credit_expired' and obligation_id in "
        "('known_use', 'on_the_last_day', 'shortened')"
    )
    assert {row["obligation_id"]: str(row["entry_date"]) for row in rows} == {
        "known_use": "2026-01-25",
        "on_the_last_day": "2026-06-30",
        "shortened": "2026-02-01",
    }


def test_what_the_source_has_not_let_expire_is_explained(house: Warehouse) -> None:
    """As that, and not as drift; nor is it drift where the source has."""
    (total,) = [
        row
        for row in house.table("rec_source_balances")
        if row["subject_type"] == "total"
        and row["source_system"] == "generic"
        and row["currency"] == "USD"
    ]
    assert (total["not_expired"], total["unexplained"]) == (Decimal(20000), 0)
    rows = house.fetch(
        "select grant_id, expired_units, closing_units from fct_credit_grant_periods "
        "where accounting_period = '2026-01' and grant_id in ('source_keeps', 'promo')"
    )
    assert {row["grant_id"]: (row["expired_units"], row["closing_units"]) for row in rows} == {
        "source_keeps": (100, 0),
        "promo": (50, 0),
    }


def test_everything_ties(house: Warehouse) -> None:
    """No row is lost and every tie-out is tied."""
    books.assert_all_is_accounted_for(house, "expiries")


def test_a_close_is_as_it_was_known_then(house: Warehouse, project: Path) -> None:
    """What posts to January does not change with what became known after its close."""
    of_today = entries_of(house, "accounting_period = '2026-01'")
    options = ("build", "--select", "+fct_journal_entries", "--indirect-selection", "empty")
    variables = {**VARS, "known_as_of": "2026-02-03 00:00:00", "as_of_date": "2026-02-02"}
    house.build(*options, vars=variables, project_dir=project).check()
    assert entries_of(house, "accounting_period = '2026-01'") == of_today
