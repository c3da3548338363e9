"""The journal is a pure function of the exports: no order, repeat or replay changes it.

Closed periods do not move when something late arrives. Companies that are built month by month are
in test_seals.py.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import books
import histories
import pytest
from warehouse import Row, Warehouse

AS_OF_DATE = "2026-06-30"
VARS = books.company_vars(AS_OF_DATE)
CLOSES = histories.CLOSE_CALENDARS["monthly"]
LAST_CLOSED, FIRST_OPEN = "2026-03", "2026-04"
OTHER_ZONES = ("Pacific/Auckland", "America/St_Johns")
CUSTOMERS = 40

Snapshot = dict[str, list[Row]]


# On Postgres in `make test-long`.
LONG_ON_POSTGRES = ("test_shuffled_and_repeated_rows",)

# --------------------------------------------------------------------------------------------------
# Helpers
# --------------------------------------------------------------------------------------------------


def build(
    warehouse: Warehouse,
    tables: histories.Tables,
    closes: list[Row] = CLOSES,
    variables: dict[str, Any] = VARS,
    marts: tuple[str, ...] = books.MARTS,
) -> Snapshot:
    """Load and build a company; all rows of its marts. The Stigg times have a zone."""
    books.load_company(warehouse, tables, closes, typing="zoned")
    books.build_marts(warehouse, variables, marts)
    return snapshot(warehouse, marts)


def snapshot(warehouse: Warehouse, marts: tuple[str, ...] = books.MARTS) -> Snapshot:
    """All rows of all marts."""
    return {mart: warehouse.table(mart) for mart in marts}


def assert_same(expected: Snapshot, actual: Snapshot, context: str) -> None:
    """Every mart has the same rows, as often."""
    assert expected.keys() == actual.keys()
    for mart, rows in expected.items():
        different = books.row_differences(rows, actual[mart])
        shown = "\n".join(f"  {side}: {row}" for side, row in different[:5])
        assert not different, f"{context}: {len(different)} rows of {mart} differ\n{shown}"


def repeatable(tables: histories.Tables) -> histories.Tables:
    """The rows with an id of which no other row says something else."""
    ledger, grants = defaultdict(list), defaultdict(list)
    for row in tables["credit_ledger"]:
        ledger[row.get("id")].append(row)
    for row in tables["credit_grants"]:
        grants[row["grant_id"], row["updated_at"]].append(row)
    return {
        "credit_ledger": [rows[0] for key, rows in ledger.items() if key and is_uniform(rows)],
        "credit_grants": [rows[0] for key, rows in grants.items() if key[0] and is_uniform(rows)],
    }


def is_uniform(rows: list[Row]) -> bool:
    """Whether all rows are alike."""
    return all(row == rows[0] for row in rows)


def unreadable_rows(tables: histories.Tables) -> list[Row]:
    """Rows without an id whose key is made of what nobody can read, an instant among it."""
    any_grant = next(row for row in tables["credit_grants"] if row["grant_id"] is not None)
    row = {
        "credit_grant_id": any_grant["grant_id"],
        "event_type": "CREDITS_TELEPORTED",
        "amount": Decimal("1.5"),
        "timestamp": datetime(2025, 7, 1, 12, 30, 0, 500000),
    }
    return [row, {**row, "event_id": "ev_1"}, {**row, "event_id": "ev_1"}]


# --------------------------------------------------------------------------------------------------
# The same company in other shapes
# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Original:
    """A company with faults, as it was first built."""

    seed: int
    tables: histories.Tables
    warehouse: Warehouse
    marts: Snapshot

    @property
    def context(self) -> str:
        """What repeats the run."""
        return f"--seed {self.seed}, {self.warehouse.engine}"

    def restore(self) -> None:
        """Load the raw tables again as they were."""
        books.load_company(self.warehouse, self.tables, CLOSES, typing="zoned")


@pytest.fixture(scope="module")
def original(warehouse: Warehouse, seed: int) -> Iterator[Original]:
    """One company on each engine."""
    tables = histories.random_company(seed, CUSTOMERS, closes=CLOSES)
    tables["credit_ledger"] += unreadable_rows(tables)
    yield Original(seed, tables, warehouse, build(warehouse, tables))


@pytest.fixture
def duckdb_original(original: Original) -> Original:
    """The same where one engine is enough: what is tested is in no engine's own SQL."""
    if original.warehouse.engine != "duckdb":
        pytest.skip("DuckDB is enough")
    return original


def test_a_second_build_in_another_session_time_zone(original: Original) -> None:
    """The session's zone is nobody's business, and building again changes nothing."""
    zone = OTHER_ZONES[original.seed % len(OTHER_ZONES)]
    original.restore()
    original.warehouse.session_timezone = zone
    try:
        books.build_marts(original.warehouse, VARS, books.MARTS, is_whole=True)
    finally:
        original.warehouse.session_timezone = None
    assert_same(original.marts, snapshot(original.warehouse), f"{original.context}, {zone}")


def test_shuffled_and_repeated_rows(original: Original) -> None:
    """The order of rows says nothing, and a row with an id counts once.

    Only rec_completeness and fct_journal_evidence know of the repeats: as excluded duplicates.
    """
    more = repeatable(original.tables)
    repeated = {
        **original.tables,
        **{name: original.tables[name] + rows for name, rows in more.items()},
    }
    marts = build(original.warehouse, histories.shuffled(repeated, original.seed + 1))
    telling = ("rec_completeness", "fct_journal_evidence")
    quiet = {mart: rows for mart, rows in original.marts.items() if mart not in telling}
    assert_same(quiet, {mart: marts[mart] for mart in quiet}, original.context)

    new = books.row_differences(
        original.marts["fct_journal_evidence"], marts["fct_journal_evidence"]
    )
    # A superseded version stays superseded, however often it comes.
    reasons = Counter((side, row["disposition"], row["reason"]) for side, row in new)
    assert reasons.keys() <= {
        ("too much", "excluded", "duplicate"),
        ("too much", "excluded", "superseded_version"),
    }, f"{original.context}: {reasons}"
    assert sum(reasons.values()) == sum(len(rows) for rows in more.values()), original.context
    books.assert_all_is_accounted_for(original.warehouse, original.context)


def test_shuffled_rows_a_second_build_and_a_full_refresh(duckdb_original: Original) -> None:
    """The order of rows says nothing, and every build reads the exports anew."""
    shuffled = histories.shuffled(duckdb_original.tables, duckdb_original.seed + 2)
    books.load_company(duckdb_original.warehouse, shuffled, CLOSES, typing="zoned")
    for options in ((), ("--full-refresh",)):
        books.build_marts(duckdb_original.warehouse, VARS, books.MARTS, *options)
        marts = snapshot(duckdb_original.warehouse)
        assert_same(duckdb_original.marts, marts, f"{duckdb_original.context}, {options}")


# --------------------------------------------------------------------------------------------------
# Late rows
# --------------------------------------------------------------------------------------------------

# Grants of a price that needs no rounding: what a late row is worth is seen at once.
ROUND_GRANTS = {"late-usd": ("USD", Decimal("0.25"), 25), "late-kwd": ("KWD", Decimal("0.5"), 500)}
LATE_KNOWN = datetime(2026, 6, 2)


def round_company() -> histories.Tables:
    """Two grants of a round price with some use in closed periods."""
    tables: histories.Tables = {"credit_grants": [], "credit_ledger": []}
    for name, (currency, price, _) in ROUND_GRANTS.items():
        tables["credit_grants"].append(
            {
                "grant_id": name,
                "customer_id": name,
                "currency_id": "credits",
                "category": "PAID",
                "cost_basis": price,
                "cost_currency": currency,
                "updated_at": datetime(2025, 2, 1),
            }
        )
        for month, event_type, amount in (
            (2, "CREDITS_GRANTED", 1000),
            (4, "CREDITS_CONSUMED", 100),
            (9, "CREDITS_CONSUMED", 250),
        ):
            when = datetime(2025, month, 10, 8)
            tables["credit_ledger"].append(late_row(name, event_type, Decimal(amount), when, when))
    return tables


def late_row(
    grant_id: str, event_type: str, amount: Decimal, when: datetime, known: datetime
) -> Row:
    """A ledger row that was recorded at `known`."""
    return {
        "id": f"{grant_id} {event_type} {when} {known}",
        "customer_id": grant_id,
        "credit_grant_id": grant_id,
        "credit_currency_id": "credits",
        "event_type": event_type,
        "amount": amount,
        "timestamp": when,
        "created_at": known,
    }


def late_rows(tables: histories.Tables) -> list[Row]:
    """Rows of every kind, effective in closed periods and known after the last close.

    They name every grant that the ledger has granted units, in turn.
    """
    grants = sorted(
        {
            row["credit_grant_id"]
            for row in tables["credit_ledger"]
            if row["event_type"].upper() == "CREDITS_GRANTED"
        }
    )
    kinds = [
        ("CREDITS_CONSUMED", Decimal(1)),
        ("CREDITS_EXPIRED", Decimal("0.5")),
        ("CREDITS_VOIDED", Decimal("0.25")),
        ("CREDITS_CONSUMPTION_TRANSFER_SOURCE", Decimal("0.125")),
        ("CREDITS_UPDATED", Decimal("0.3")),
        ("CREDITS_UPDATED", Decimal("-0.7")),
    ]
    rows = []
    for number, grant_id in enumerate(grants):
        event_type, amount = kinds[number % len(kinds)]
        when = datetime(2025, 1 + number % 12, 1 + number % 28, number % 24)
        rows.append(late_row(grant_id, event_type, amount, when, LATE_KNOWN))
    return rows


def test_late_rows_move_no_closed_period(
    duckdb_warehouse: Warehouse, postgres_warehouse: Warehouse, seed: int
) -> None:
    """Entries of closed periods are the same in every column; the corrections hold the value."""
    for warehouse in (duckdb_warehouse, postgres_warehouse):
        context = f"--seed {seed}, {warehouse.engine}"
        tables = histories.random_company(seed, CUSTOMERS, closes=CLOSES, sane_share=1)
        for name, rows in round_company().items():
            tables[name] += rows
        marts = ("fct_journal_entries",)
        before = build(warehouse, tables, marts=marts)["fct_journal_entries"]

        # Two late rows of one kind and period are one correction.
        april, may = datetime(2025, 4, 20), datetime(2025, 5, 3)
        late = late_rows(tables)
        for name in ROUND_GRANTS:
            late = [row for row in late if row["credit_grant_id"] != name]
            late += [
                late_row(name, "CREDITS_CONSUMED", Decimal(7), april, LATE_KNOWN),
                late_row(name, "CREDITS_CONSUMED", Decimal(5), april + timedelta(1), LATE_KNOWN),
                late_row(name, "CREDITS_EXPIRED", Decimal(40), may, LATE_KNOWN),
                late_row(name, "CREDITS_UPDATED", Decimal(-16), may, LATE_KNOWN),
            ]
        tables["credit_ledger"] += late
        after = build(warehouse, tables, marts=marts)["fct_journal_entries"]

        closed_before, closed_after = (
            [row for row in rows if row["accounting_period"] <= LAST_CLOSED]
            for rows in (before, after)
        )
        assert closed_before, context
        assert books.row_differences(closed_before, closed_after) == [], context
        for name, (_, _, minor) in ROUND_GRANTS.items():
            corrections = {
                (row["event_type"], row["effective_period"], row["accounting_period"]): (
                    row["amount_minor"],
                    row["debit_account"],
                    row["quantity"],
                )
                for row in after
                if row["obligation_id"] == name and row["is_correction"]
            }
            assert corrections == {
                ("credit_consumed", "2025-04", FIRST_OPEN): (12 * minor, "deferred_revenue", 12),
                ("credit_expired", "2025-05", FIRST_OPEN): (40 * minor, "deferred_revenue", 40),
                ("credit_adjusted", "2025-05", FIRST_OPEN): (16 * minor, "deferred_revenue", 16),
            }, context
