"""Closed periods are sealed: what later builds may not move, what they post instead.

A company is told as of an instant: `build` loads the rows that were recorded and the closes that
were made by then, and keeps the seals of the builds before. Every close has a row of the grant
`pulse` just after it, for a period is sealed once its sources have recorded something since.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import books
import histories
import pytest
from warehouse import BuildResult, Row, Warehouse

GUARD = "assert_sealed_periods_do_not_move"
MARTS = ("fct_period_seals", "rec_seal_breaks", "rec_tie_outs", "rec_completeness")
CORRECT = {"on_seal_break": "correct"}
START = datetime(2025, 12, 1)
JANUARY, FEBRUARY, MARCH = (
    histories.close_row(period, closed_at)
    for period, closed_at in (
        ("2026-01", datetime(2026, 2, 4)),
        ("2026-02", datetime(2026, 3, 4)),
        ("2026-03", datetime(2026, 4, 4)),
    )
)
CLOSES = [JANUARY, FEBRUARY, MARCH]


# --------------------------------------------------------------------------------------------------
# A company
# --------------------------------------------------------------------------------------------------


def entry(
    grant_id: str, event_type: str, units: int | str, when: datetime, known: datetime | None = None
) -> Row:
    """A row of the ledger, recorded when it happened unless it is said when; its id is what it is."""
    return {
        "id": f"{grant_id} {event_type} {when:%m%d%H}",
        "customer_id": f"customer {grant_id}",
        "credit_grant_id": grant_id,
        "credit_currency_id": "credits",
        "event_type": f"CREDITS_{event_type}",
        "amount": Decimal(units),
        "timestamp": when,
        "created_at": known or when,
    }


class Company:
    """The raw rows of a company, all that it will ever have recorded."""

    def __init__(self, closes: list[Row] = CLOSES) -> None:
        """A company of the grant `pulse`."""
        self.closes = deepcopy(closes)
        self.grants: dict[str, Row] = {}
        self.ledger: dict[str, Row] = {}
        self.grant("pulse", price="0.01", units=100000)
        for row in self.closes:
            self.use("pulse", 1, row["closed_at"] + timedelta(seconds=1))

    def grant(
        self, name: str, price: str = "1.00", units: int = 1000, currency: str = "USD"
    ) -> None:
        """A paid grant of December, with the units that it grants."""
        self.grants[name] = {
            "grant_id": name,
            "customer_id": f"customer {name}",
            "currency_id": "credits",
            "category": "PAID",
            "cost_basis": Decimal(price),
            "cost_currency": currency,
            "updated_at": START,
        }
        self.add(entry(name, "GRANTED", units, START))

    def add(self, row: Row) -> str:
        """A row of the ledger; its id."""
        self.ledger[row["id"]] = row
        return row["id"]

    def use(self, name: str, units: int, when: datetime, known: datetime | None = None) -> str:
        """Units of a grant are consumed; the id of the row."""
        return self.add(entry(name, "CONSUMED", units, when, known))

    def rename(self, name: str, customer_id: str) -> None:
        """The grant is another customer's, on every row."""
        rows = (row for row in self.ledger.values() if row["credit_grant_id"] == name)
        for row in (self.grants[name], *rows):
            row["customer_id"] = customer_id

    def load(self, house: Warehouse, at: datetime, *, keeps_seals: bool = True) -> None:
        """What had been recorded and closed before an instant; the terms of grants always were."""
        tables = {
            "credit_grants": list(self.grants.values()),
            "credit_ledger": [row for row in self.ledger.values() if row["created_at"] < at],
        }
        books.load_company(house, tables, closes_before(self.closes, at), keeps_seals=keeps_seals)


def closes_before(closes: list[Row], at: datetime) -> list[Row]:
    """The closes and reopenings of before an instant."""
    return [
        {**row, "reopened_at": row["reopened_at"] if (row["reopened_at"] or at) < at else None}
        for row in closes
        if row["closed_at"] < at
    ]


def build(
    house: Warehouse,
    company: Company,
    at: datetime,
    *options: str,
    keeps_seals: bool = True,
    is_stopped: bool = False,
    **variables: Any,
) -> BuildResult:
    """Build the company as of an instant, with the guard.

    Args:
        house: where.
        company: whose books.
        at: when; the day is as_of_date, unless `variables` have another.
        options: of dbt.
        keeps_seals: False for another company than the one before.
        is_stopped: the guard fails, as the only one, and nothing is posted.
        variables: of dbt.

    Raises:
        AssertionError: the build did not end so, or its books do not tie.
    """
    company.load(house, at, keeps_seals=keeps_seals)
    given = books.company_vars(at.date()) | variables
    result = books.build_marts(house, given, MARTS, *options, tests=[GUARD])
    if is_stopped:
        assert [name.split(".")[-1] for name in result.failed] == [GUARD], str(result)
        for mart in ("fct_journal_entries", "fct_sealed_entries", "fct_period_seals"):
            assert result.nodes[f"model.revrec.{mart}"].status == "skipped", mart
    else:
        result.check()
        books.assert_all_is_accounted_for(house, f"{house.engine}, {at}")
        assert_seals_hold(house)
    return result


# --------------------------------------------------------------------------------------------------
# What came out
# --------------------------------------------------------------------------------------------------

# What tells one build from another.
OF_A_BUILD = ("sealed_at", "invocation_id")


def seals(house: Warehouse) -> list[Row]:
    """Every seal, but when and by which build."""
    rows = house.table("fct_period_seals", order_by="seal_id")
    return [{k: v for k, v in row.items() if k not in OF_A_BUILD} for row in rows]


def sealed_periods(house: Warehouse) -> list[tuple[str, int]]:
    """Period and version of every seal of a period as a whole, in order."""
    return sorted(
        (row["accounting_period"], row["seal_version"])
        for row in seals(house)
        if row["entity_id"] is None
    )


def journal(house: Warehouse, through: str = "9999") -> list[Row]:
    """The entries of periods through one."""
    rows = house.table("fct_journal_entries", order_by="journal_entry_id")
    return [row for row in rows if row["accounting_period"] <= through]


def assert_seals_hold(house: Warehouse) -> None:
    """Of every period the newest seal holds the journal's entries, unless it was taken back.

    And every difference that is left is posted.
    """
    newest = dict(sealed_periods(house))
    states = house.table("int_seal_states", schema=f"{house.schema}_intermediate")
    for state in states:
        if state["seal_state"] != "in_force":
            newest.pop(state["accounting_period"]) if newest[
                state["accounting_period"]
            ] == state["seal_version"] else None
    posted = journal(house)
    sealed = house.table("fct_sealed_entries")
    for period, version in newest.items():
        expected = [
            {k: v for k, v in row.items() if k not in ("seal_id", "books_id", "seal_version", "entry_digest")}
            for row in sealed
            if (row["accounting_period"], row["seal_version"]) == (period, version)
        ]
        actual = [row for row in posted if row["accounting_period"] == period]
        assert books.row_differences(expected, actual) == [], f"{house.engine}, {period}"


def corrections(house: Warehouse, period: str | None = None) -> set[tuple]:
    """The corrections that were posted to a period: obligation, customer, revenue, units.

    Revenue that is taken back is negative, and so are its units.
    """
    found = set()
    for row in journal(house):
        if row["event_type"] == "seal_correction" and period in (None, row["accounting_period"]):
            sign = -1 if row["debit_account"].endswith("revenue") and (
                row["debit_account"] != "deferred_revenue"
            ) else 1
            found.add(
                (row["obligation_id"], row["effective_period"], sign * row["amount_minor"],
                 sign * row["quantity"])
            )
    return found


def breaks(house: Warehouse) -> dict[str, set[tuple]]:
    """By obligation, what broke: type, period, event, difference and whether it is corrected."""
    found: dict[str, set[tuple]] = {}
    for row in house.table("rec_seal_breaks"):
        found.setdefault(row["obligation_id"], set()).add(
            (
                row["difference_type"],
                row["accounting_period"],
                row["event_type"].removeprefix("credit_"),
                row["difference_minor"],
                row["is_corrected"],
            )
        )
    return found
