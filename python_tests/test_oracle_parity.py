"""The dbt project and the oracle make the same books of random companies.

Every company is one build: many customers, each with a few grants, sane and spoiled ones. The
companies differ in their close calendar, accounting calendar, time zone and in how the export
types its columns. A failure names the seed; `--seed` repeats it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import books
import histories
import oracle
import pytest
from warehouse import Warehouse

AS_OF_DATE = "2026-06-30"
FIRST_DAY = "2025-02-02"


@dataclass(frozen=True)
class Setting:
    """One company of a run."""

    closes: str
    typing: str
    vars: dict[str, Any] = field(default_factory=dict)
    customers: int = 80


SETTINGS = {
    "monthly": Setting("monthly", "native", customers=120),
    "reopened-text": Setting("reopened", "text"),
    "open-4-4-5": Setting("none", "zoned", {"calendar": "4-4-5", "fiscal_year_start": FIRST_DAY}),
    "weeks-4-4-5-text": Setting(
        "weeks", "text", {"calendar": "4-4-5", "fiscal_year_start": FIRST_DAY}
    ),
    "quarterly-berlin": Setting("quarterly", "native", {"accounting_timezone": "Europe/Berlin"}),
    "reopened-new-york": Setting("reopened", "zoned", {"accounting_timezone": "America/New_York"}),
}
# Postgres has week calendars, zones, text and closes in the companies that stay.
LONG_ON_POSTGRES = ("weeks-4-4-5-text", "quarterly-berlin")


def closes_named(name: str) -> list[dict]:
    """The close calendar of a setting."""
    if name != "weeks":
        return histories.CLOSE_CALENDARS[name]
    calendar = oracle.make_calendar("4-4-5", FIRST_DAY)
    first, last = calendar.index_of("FY2026-P01"), calendar.index_of("FY2027-P02")
    assert first is not None and last is not None
    # Every third period is left out: the next close holds for it too.
    return histories.closes_of_periods(
        (period.name, period.ends_on)
        for period in calendar.periods[first : last + 1]
        if period.index % 3
    )


@cache
def company(seed: int, name: str) -> histories.Tables:
    """The company of a setting."""
    setting = SETTINGS[name]
    number = list(SETTINGS).index(name)
    return histories.random_company(
        seed + number,
        setting.customers,
        as_text=setting.typing == "text",
        closes=closes_named(setting.closes),
    )


@cache
def expected_books(seed: int, name: str) -> oracle.Books:
    """The oracle's books of that company; both engines are compared with them."""
    setting = SETTINGS[name]
    return books.oracle_books(
        company(seed, name),
        closes_named(setting.closes),
        books.company_vars(AS_OF_DATE, **setting.vars),
    )


@dataclass(frozen=True)
class Run:
    """A company that has been built."""

    seed: int
    name: str
    warehouse: Warehouse

    @property
    def context(self) -> str:
        """What repeats the run."""
        return f"--seed {self.seed}, company {self.name}, {self.warehouse.engine}"

    @property
    def expected(self) -> oracle.Books:
        """The oracle's books."""
        return expected_books(self.seed, self.name)

    def assert_same_rows(self, what: str, expected: list[dict], actual: list[dict]) -> None:
        """The same rows, as often; else the first five differences and a history."""
        different = books.row_differences(expected, actual)
        if not different:
            return
        lines = [f"{self.context}: {len(different)} rows of {what} differ"]
        lines += [f"  {side}: {row}" for side, row in different[:5]]
        first = different[0][1]
        grant_id = first.get("obligation_id") or first.get("grant_id")
        if grant_id is not None:
            lines.append(books.history_of(company(self.seed, self.name), grant_id))
        pytest.fail("\n".join(lines), pytrace=False)


@pytest.fixture(scope="module", params=list(SETTINGS))
def run(request: pytest.FixtureRequest, warehouse: Warehouse, seed: int) -> Iterator[Run]:
    """Each company on each engine, built once."""
    setting = SETTINGS[request.param]
    tables = company(seed, request.param)
    closes = closes_named(setting.closes)
    books.load_company(warehouse, tables, closes, typing=setting.typing)
    books.build_marts(warehouse, books.company_vars(AS_OF_DATE, **setting.vars))
    yield Run(seed, request.param, warehouse)


def test_there_are_500_histories(seed: int) -> None:
    """A run that compares less would say less than it seems to."""
    grants = {
        row["grant_id"]
        for name in SETTINGS
        for row in company(seed, name)["credit_grants"]
        if row["grant_id"] is not None
    }
    assert len(grants) >= 500, f"--seed {seed}"


def test_journal_entries(run: Run) -> None:
    """Every entry, with its dates, accounts, amount, quantity and number of rows."""
    run.assert_same_rows(
        "fct_journal_entries", run.expected.entries, books.entries_of(run.warehouse)
    )


def test_grant_periods(run: Run) -> None:
    """Units and value of every grant in every period, promotional and overdraft grants too."""
    run.assert_same_rows(
        "fct_credit_grant_periods", run.expected.grant_periods, books.periods_of(run.warehouse)
    )


def test_account_balances(run: Run) -> None:
    """Every balance of every account in every period."""
    run.assert_same_rows(
        "fct_account_balances", run.expected.balances, books.balances_of(run.warehouse)
    )


def test_exceptions(run: Run) -> None:
    """The same rows are listed, for the same reasons."""
    expected, actual = set(run.expected.exceptions), books.exceptions_of(run.warehouse)
    different = sorted(expected ^ actual, key=repr)
    if different:
        lines = [f"{run.context}: {len(different)} exceptions differ"]
        for item in different[:5]:
            lines.append(f"  {'missing' if item in expected else 'too much'}: {item}")
            lines.append(f"    {rows_with_key(company(run.seed, run.name), *item[:2])}")
        pytest.fail("\n".join(lines), pytrace=False)


def rows_with_key(tables: histories.Tables, table: str, key: str | None) -> list[dict]:
    """The raw rows that a key of the exceptions names, the first five."""
    column = {"credit_grants": "grant_id", "credit_ledger": "id"}[table]
    return [row for row in tables[table] if row[column] == key][:5]


def test_dispositions(run: Run) -> None:
    """As many raw rows have each disposition, for each reason."""
    expected, actual = (
        books.oracle_dispositions(run.expected),
        books.dispositions_of(run.warehouse),
    )
    different = [
        f"{table} {key}: {expected[table].get(key, 0)} expected, {actual[table].get(key, 0)} found"
        for table in expected
        for key in sorted({*expected[table], *actual[table]}, key=repr)
        if expected[table].get(key, 0) != actual[table].get(key, 0)
    ]
    assert not different, "\n".join([run.context, *different])


def test_nothing_is_lost(run: Run) -> None:
    """Every tie-out is tied and every raw row accounted for, whatever the raw rows are."""
    books.assert_all_is_accounted_for(run.warehouse, run.context)


def test_every_exception_says_how_to_fix_it(run: Run) -> None:
    """An exception without a remedy is a riddle."""
    rows = run.warehouse.table("rec_exceptions")
    assert rows, f"{run.context}: a company with faults has exceptions"
    mute = [row for row in rows if not row["how_to_fix"] or "no description" in row["detail"]]
    assert not mute, f"{run.context}: {mute[:5]}"
