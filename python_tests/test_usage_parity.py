"""The dbt project and the oracle make the same books of random companies with metered usage.

A project that installs revrec (`usage_project`) reads the policies of a customer from its id, so
that one build holds every recognition with every rating. The companies differ in their close
calendar, accounting calendar, time zone, day of the books and in how the raw tables are typed. A
failure names the seed; `--seed` repeats it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import books
import histories
import oracle
import pytest
import usage_histories
import usage_oracle
import usage_rows
from installing import install
from usage_histories import Tables
from warehouse import Row, Warehouse

PROJECT = Path(__file__).parent / "usage_project"
MARTS = (
    "fct_journal_entries",
    "fct_journal_evidence",
    "rec_completeness",
    "rec_exceptions",
    "rec_tie_outs",
)
ENTRY_COLUMNS = (
    "customer_id",
    "product_id",
    "event_type",
    "booked_date",
    "entry_date",
    "effective_period",
    "accounting_period",
    "is_correction",
    "debit_account",
    "credit_account",
    "amount_minor",
    "amount",
    "currency",
    "quantity",
    "source_entry_count",
)
LONG_ON_POSTGRES = ("test_shuffled_and_repeated_rows",)


@dataclass(frozen=True)
class Setting:
    """One company of a run."""

    closes: str = "monthly"
    typing: str = "native"
    as_of_date: str = "2026-06-30"
    vars: dict[str, Any] = field(default_factory=dict)
    customers: int = 60

    @property
    def oracle_vars(self) -> dict[str, Any]:
        """What the oracle needs to know of the vars."""
        return {
            "timezone": self.vars.get("accounting_timezone", "UTC"),
            "calendar": self.vars.get("calendar", "monthly"),
            "fiscal_year_start": self.vars.get("fiscal_year_start", 1),
        }


SETTINGS = {
    "monthly": Setting(),
    "open-weeks": Setting("none", vars={"calendar": "4-4-5", "fiscal_year_start": "2025-02-02"}),
    "quarterly-text": Setting("quarterly", "text"),
    "reopened-mid-month": Setting("reopened", as_of_date="2026-05-17"),
    "berlin": Setting("monthly", "zoned", vars={"accounting_timezone": "Europe/Berlin"}),
    "adelaide": Setting("quarterly", vars={"accounting_timezone": "Australia/Adelaide"}),
}
# One company at each change of the code; `make test-long` has the others.
COMPANIES = [
    name if name == "monthly" else pytest.param(name, marks=pytest.mark.long) for name in SETTINGS
]


@cache
def company(seed: int, name: str) -> Tables:
    """The company of a setting."""
    setting, number = SETTINGS[name], list(SETTINGS).index(name)
    return usage_histories.random_company(
        seed + number,
        setting.customers,
        histories.CLOSE_CALENDARS[setting.closes],
        date.fromisoformat(setting.as_of_date),
        **setting.oracle_vars,
    )


@cache
def expected_books(seed: int, name: str) -> usage_oracle.Books:
    """The oracle's books of that company; both engines are compared with them."""
    return oracle_books(company(seed, name), SETTINGS[name])


def oracle_books(
    tables: Tables, setting: Setting, as_of_date: date | None = None
) -> usage_oracle.Books:
    """The oracle's books of any company."""
    return usage_histories.books_of(
        tables,
        histories.CLOSE_CALENDARS[setting.closes],
        as_of_date or date.fromisoformat(setting.as_of_date),
        **setting.oracle_vars,
    )


def build(
    warehouse: Warehouse,
    project: Path,
    tables: Tables,
    setting: Setting,
    as_of_date: date | None = None,
) -> None:
    """Load a company and build its books, without tests: other tests run those.

    Raises:
        AssertionError: a model failed.
    """
    usage_rows.load_metering(warehouse, tables, typing=setting.typing)
    closes = histories.CLOSE_CALENDARS[setting.closes]
    books.load_company(warehouse, tables, closes, typing=setting.typing)
    day = as_of_date or setting.as_of_date
    variables = books.company_vars(day, sources=["metering", "stigg"], **setting.vars)
    selection = [f"+{mart}" for mart in MARTS]
    command = ("build", "--select", *selection, "--exclude-resource-type", "test", "unit_test")
    warehouse.build(*command, vars=variables, project_dir=project).check()


# --------------------------------------------------------------------------------------------------
# The same rows as the oracle's
# --------------------------------------------------------------------------------------------------


def says_something(row: Row) -> bool:
    """An entry of no amount, no quantity and no events is as good as none."""
    return bool(row["amount_minor"] or row["quantity"] or row["source_entry_count"])


def comparable(row: Row) -> Row:
    """An entry with the columns that are compared; only accruals count events."""
    found = {column: row[column] for column in ENTRY_COLUMNS}
    is_accrual = row["event_type"] == "usage_accrued"
    found["quantity"] = Fraction(row["quantity"] or 0) if is_accrual else Fraction(0)
    found["source_entry_count"] = row["source_entry_count"] if is_accrual else 0
    found["amount"] = Decimal(row["amount"])
    return found


def journal_of(warehouse: Warehouse) -> list[Row]:
    """The entries of metered usage."""
    return [
        row for row in warehouse.table("fct_journal_entries") if row["obligation_type"] == "usage"
    ]


def by_obligation(rows: Iterable[Row], obligation: str) -> Counter:
    """The entries of each usage period together, however it is called."""
    groups: dict[Any, list[tuple]] = defaultdict(list)
    for row in rows:
        same = comparable(row)
        if says_something(same):
            groups[row[obligation]].append(books.frozen(same))
    return Counter(tuple(sorted(entries, key=repr)) for entries in groups.values())


def dispositions_of(warehouse: Warehouse) -> dict[tuple, Counter]:
    """(table, key) -> how many raw rows have which (disposition, reason).

    A journaled row may support several entries; it counts once.
    """
    found: dict[tuple, Counter] = defaultdict(Counter)
    for row in warehouse.table("fct_journal_evidence"):
        if row["source_table"] not in ("usage_events", "usage_invoices"):
            continue
        name = books.nameless(row["source_key"])
        if row["source_table"] == "usage_invoices":
            name = name.split(":")[0]
        key = row["source_table"], name
        outcome = row["disposition"], row["reason"]
        if row["disposition"] == "journaled":
            found[key][outcome] = 1
        else:
            found[key][outcome] += 1
    return dict(found)


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
    def expected(self) -> usage_oracle.Books:
        """The oracle's books."""
        return expected_books(self.seed, self.name)


def assert_same_journal(
    tables: Tables, expected: list[dict], warehouse: Warehouse, context: str
) -> None:
    """The same usage periods with the same entries; else the shortest history that differs."""
    wanted = by_obligation(expected, "obligation")
    found = by_obligation(journal_of(warehouse), "obligation_id")
    if wanted == found:
        return
    different: dict[tuple, list[str]] = defaultdict(list)
    for side, groups in (("missing", wanted - found), ("too much", found - wanted)):
        for group in groups.elements():
            rows = [dict(row) for row in group]
            subject = rows[0]["customer_id"], rows[0]["product_id"]
            different[subject] += [f"  {side}: {row}" for row in rows]
    first = min(different, key=lambda subject: (len(history_of(tables, *subject)), subject))
    lines = [f"{context}: usage periods of {len(different)} customers differ, {first} for one"]
    lines += different[first][:24] + history_of(tables, *first)
    pytest.fail("\n".join(lines), pytrace=False)


def history_of(tables: Tables, customer_id: str, product_id: str) -> list[str]:
    """The raw rows of a customer and what rates them."""
    rates = {
        row["rate_schedule_id"]
        for row in tables["rate_schedules"]
        if row["product_id"] == product_id and row.get("customer_id") in (None, customer_id)
    }
    found = []
    for name in (name for name in usage_histories.TABLES if name in tables):
        for row in tables[name]:
            is_rate = row.get("rate_schedule_id") in rates
            is_estimate = row.get("product_id") == product_id and name == "usage_estimates"
            if row.get("customer_id") == customer_id or is_rate or is_estimate:
                values = {k: str(v) for k, v in row.items() if v is not None}
                found.append(f"  {name} {values}")
    return found


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project of metered usage, with revrec installed by `dbt deps`."""
    return install(PROJECT, tmp_path_factory.mktemp("usage"))


@pytest.fixture(scope="module", params=COMPANIES)
def run(
    request: pytest.FixtureRequest, warehouse: Warehouse, project: Path, seed: int
) -> Iterator[Run]:
    """Each company on each engine, built once."""
    build(warehouse, project, company(seed, request.param), SETTINGS[request.param])
    yield Run(seed, request.param, warehouse)


def test_a_company_has_everything(seed: int) -> None:
    """A run that compares less would say less than it seems to."""
    expected = expected_books(seed, "monthly")
    outcomes = Counter(o for counts in expected.dispositions.values() for o in counts)
    kinds = Counter(row["event_type"] for row in expected.entries)
    assert outcomes["journaled", None] > 200, f"--seed {seed}: {outcomes}"
    assert len(outcomes) >= 8, f"--seed {seed}: {outcomes}"
    assert kinds.keys() == {
        "usage_accrued",
        "usage_shortfall",
        "usage_invoiced",
        "usage_invoice_difference",
        "usage_accrual_reversed",
        "usage_accrued_again",
    }, f"--seed {seed}: {kinds}"
    ratings = {
        (segment.schedule.model, key.aggregation)
        for key, period in expected.periods.items()
        for segment in period.segments
    }
    assert len(ratings) >= 15, f"--seed {seed}: {ratings}"


def test_journal_entries(run: Run) -> None:
    """Every entry of every usage period, with its periods, accounts, amount and quantity."""
    tables = company(run.seed, run.name)
    assert_same_journal(tables, run.expected.entries, run.warehouse, run.context)


def test_dispositions(run: Run) -> None:
    """Every raw event and invoice is in the books, or not for the same reason."""
    wanted = {
        key: Counter({o: 1 if o[0] == "journaled" else n for o, n in counts.items()})
        for key, counts in run.expected.dispositions.items()
    }
    found = dispositions_of(run.warehouse)
    different = {
        key: (dict(wanted.get(key, {})), dict(found.get(key, {})))
        for key in wanted.keys() | found.keys()
        if wanted.get(key) != found.get(key)
    }
    shown = sorted(different.items(), key=repr)[:8]
    assert not different, f"{run.context}: {len(different)} differ: {shown}"


def test_nothing_is_lost(run: Run) -> None:
    """Every tie-out is tied and every raw row accounted for."""
    books.assert_all_is_accounted_for(run.warehouse, run.context)


# --------------------------------------------------------------------------------------------------
# The same company in another order, and as it grew
# --------------------------------------------------------------------------------------------------


def test_shuffled_and_repeated_rows(warehouse: Warehouse, project: Path, seed: int) -> None:
    """The order of rows says nothing, and a row that comes again counts once."""
    setting, tables = SETTINGS["monthly"], company(seed, "monthly")
    again = usage_histories.shuffled(tables, seed)
    again["usage_events"] += [row for row in tables["usage_events"] if row["event_id"]]
    again["usage_invoices"] += tables["usage_invoices"]
    build(warehouse, project, again, setting)
    context = f"--seed {seed}, shuffled, {warehouse.engine}"
    expected = expected_books(seed, "monthly").entries
    assert_same_journal(tables, expected, warehouse, context)
    books.assert_all_is_accounted_for(warehouse, context)


@pytest.mark.long
@pytest.mark.parametrize("period", ["2025-06", "2025-10", "2026-02"])
def test_a_close_holds(warehouse: Warehouse, project: Path, period: str, seed: int) -> None:
    """A build at a close has, for every closed period, the entries of the build of today."""
    setting, tables = SETTINGS["monthly"], company(seed, "monthly")
    calendar = oracle.make_calendar()
    last_day = calendar.periods[calendar.index_of(period)].ends_on
    closes = histories.CLOSE_CALENDARS[setting.closes]
    (instant,) = (row["closed_at"] for row in closes if row["accounting_period"] == period)
    then = usage_histories.as_known(tables, instant)
    build(warehouse, project, then, setting, last_day)
    expected = [
        row for row in expected_books(seed, "monthly").entries if row["accounting_period"] <= period
    ]
    context = f"--seed {seed}, {period}, {warehouse.engine}"
    assert_same_journal(then, expected, warehouse, context)
