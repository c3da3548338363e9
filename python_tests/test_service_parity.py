"""The dbt project and the oracle make the same books of random companies with services.

The companies arrive through the generic room. A project that installs revrec (`service_project`)
reads the policies of a customer from its id, so that one build holds every granularity with every
rounding. The companies differ in their close calendar, accounting calendar, time zone, day of the
books and in how the raw tables are typed. A failure names the seed; `--seed` repeats it.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import books
import histories
import oracle
import pytest
import rooms
import service_histories
import service_oracle
from installing import install
from warehouse import Row, Warehouse

PROJECT = Path(__file__).parent / "service_project"
FIRST_DAY = "2025-02-02"
MARTS = (
    "fct_journal_entries",
    "fct_journal_evidence",
    "fct_revenue_schedule",
    "fct_account_balances",
    "fct_journal_evidence",
    "rec_completeness",
    "rec_exceptions",
    "rec_tie_outs",
)
ENTRY_COLUMNS = (
    "obligation_id",
    "customer_id",
    "event_type",
    "booked_date",
    "effective_period",
    "accounting_period",
    "is_correction",
    "debit_account",
    "credit_account",
    "amount_minor",
    "amount",
    "currency",
)
SCHEDULE_COLUMNS = (
    "line_id",
    "obligation_id",
    "effective_period",
    "accounting_period",
    "status",
    "amount_minor",
)


@dataclass(frozen=True)
class Setting:
    """One company of a run."""

    closes: str = "none"
    typing: str = "native"
    as_of_date: str = "2026-06-30"
    vars: dict[str, Any] = field(default_factory=dict)
    customers: int = 60


SETTINGS = {
    "open": Setting(),
    "monthly": Setting("monthly"),
    "quarterly-text": Setting("quarterly", "text"),
    "reopened-mid-month": Setting("reopened", as_of_date="2026-05-17"),
    "berlin": Setting("monthly", "zoned", vars={"accounting_timezone": "Europe/Berlin"}),
    "weeks": Setting("none", vars={"calendar": "4-4-5", "fiscal_year_start": FIRST_DAY}),
}
DAYS = Setting(as_of_date="2026-06-17")


@cache
def company(seed: int, name: str) -> service_histories.Tables:
    """The company of a setting."""
    setting, number = SETTINGS[name], list(SETTINGS).index(name)
    closes = histories.CLOSE_CALENDARS[setting.closes]
    return service_histories.random_company(seed + number, setting.customers, closes)


@cache
def expected_books(seed: int, name: str) -> service_oracle.Books:
    """The oracle's books of that company; both engines are compared with them."""
    return oracle_books(company(seed, name), SETTINGS[name])


def oracle_books(tables: service_histories.Tables, setting: Setting) -> service_oracle.Books:
    """The oracle's books of any company."""
    return service_histories.books_of(
        tables,
        histories.CLOSE_CALENDARS[setting.closes],
        date.fromisoformat(setting.as_of_date),
        timezone=setting.vars.get("accounting_timezone", "UTC"),
        calendar=setting.vars.get("calendar", "monthly"),
        fiscal_year_start=setting.vars.get("fiscal_year_start", 1),
    )


def build(
    warehouse: Warehouse,
    project: Path,
    tables: service_histories.Tables,
    setting: Setting,
    closes: list[Row] | None = None,
    marts: tuple[str, ...] = MARTS,
) -> None:
    """Load a company and build its books, without tests: other tests run those.

    The closes are those of the setting, unless others are given.

    Raises:
        AssertionError: a model failed.
    """
    rooms.load_room(warehouse, "generic", tables, typing=setting.typing)
    rules = {"recognition_rules": service_histories.RULES}
    if closes is None:
        closes = histories.CLOSE_CALENDARS[setting.closes]
    books.load_finance(warehouse, rules, closes)
    variables = books.company_vars(setting.as_of_date, sources=["generic"], **setting.vars)
    selection = [f"+{mart}" for mart in marts]
    command = ("build", "--select", *selection, "--exclude-resource-type", "test", "unit_test")
    warehouse.build(*command, vars=variables, project_dir=project).check()


def journal_of(warehouse: Warehouse) -> list[Row]:
    """The journal with the columns of the oracle, but entries of nothing."""
    return [
        {column: row[column] for column in ENTRY_COLUMNS}
        for row in warehouse.table("fct_journal_entries")
        if row["amount_minor"]
    ]


def schedule_of(warehouse: Warehouse) -> list[Row]:
    """The revenue schedule with the columns of the oracle, at its grain."""
    sums: Counter = Counter()
    for row in warehouse.table("fct_revenue_schedule"):
        sums[tuple(row[column] for column in SCHEDULE_COLUMNS[:-1])] += row["amount_minor"]
    return [
        dict(zip(SCHEDULE_COLUMNS, (*key, amount), strict=True))
        for key, amount in sums.items()
        if amount
    ]


# --------------------------------------------------------------------------------------------------
# The same rows as the oracle's
# --------------------------------------------------------------------------------------------------


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
    def expected(self) -> service_oracle.Books:
        """The oracle's books."""
        return expected_books(self.seed, self.name)

    def assert_same_rows(self, what: str, expected: list[dict], actual: list[dict]) -> None:
        """The same rows, as often; else the shortest history that differs."""
        different = books.row_differences(expected, actual)
        if not different:
            return
        tables = company(self.seed, self.name)
        by_history = defaultdict(list)
        for side, row in different:
            by_history[history_name(tables, row["obligation_id"])].append(f"  {side}: {row}")
        size = {name: len(history_of(tables, name)) for name in by_history}
        first = min(by_history, key=lambda name: (size[name], name))
        lines = [f"{self.context}: {len(different)} rows of {what} differ, {first} for one"]
        pytest.fail(
            "\n".join([*lines, *by_history[first][:8], *history_of(tables, first)]), pytrace=False
        )


def history_name(tables: service_histories.Tables, obligation_id: str) -> str:
    """The invoice of an obligation, or the line, or itself."""
    line_id = obligation_id.split(":")[0]
    lines = {row["line_id"]: row for row in tables["service_lines"]}
    return (lines[line_id]["invoice_id"] or line_id) if line_id in lines else obligation_id


def history_of(tables: service_histories.Tables, name: str) -> list[str]:
    """The raw rows of an invoice or a line."""
    lines = {row["line_id"] for row in tables["service_lines"] if row["invoice_id"] == name}
    events = {
        row["event_id"]
        for row in tables["line_events"]
        if row["invoice_id"] == name or row["line_id"] in {*lines, name}
    }
    found = []
    for table in (name for name in service_histories.TABLES if name in tables):
        for row in tables[table]:
            keys = {row.get("line_id"), row.get("invoice_id")} & {*lines, name}
            if keys or row.get("event_id") in events or row.get("settlement_id") == name:
                values = {k: str(v) for k, v in row.items() if v is not None}
                found.append(f"  {table} {values}")
    return found


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project of the services, with revrec installed by `dbt deps`."""
    return install(PROJECT, tmp_path_factory.mktemp("services"))


# One company at each change of the code; the others take ten minutes, so `make test-long` has them.
COMPANIES = [
    name if name == "open" else pytest.param(name, marks=pytest.mark.long) for name in SETTINGS
]


@pytest.fixture(scope="module", params=COMPANIES)
def run(
    request: pytest.FixtureRequest, warehouse: Warehouse, project: Path, seed: int
) -> Iterator[Run]:
    """Each company on each engine, built once."""
    build(warehouse, project, company(seed, request.param), SETTINGS[request.param])
    yield Run(seed, request.param, warehouse)


def test_there_are_1000_lines_with_every_schedule(seed: int) -> None:
    """A run that compares less would say less than it seems to."""
    lines = [row for name in SETTINGS for row in company(seed, name)["service_lines"]]
    assert len(lines) >= 1000, f"--seed {seed}"
    chosen = {service_histories.policy_of(row["customer_id"]) for row in lines}
    schedules = {(policy.granularity, policy.rounding) for policy in chosen}
    assert schedules == set(service_histories.SCHEDULES), f"--seed {seed}"


def test_journal_entries(run: Run) -> None:
    """Every entry, with its periods, its accounts and its amount."""
    actual = journal_of(run.warehouse)
    run.assert_same_rows("fct_journal_entries", run.expected.entries, actual)


def test_revenue_schedule(run: Run) -> None:
    """Every line in every period, recognised and scheduled."""
    actual = schedule_of(run.warehouse)
    run.assert_same_rows("fct_revenue_schedule", run.expected.schedule, actual)


def test_account_balances(run: Run) -> None:
    """The closing balance of every account is the sum of the oracle's entries."""
    sums: Counter = Counter()
    for entry in run.expected.entries:
        for side, sign in (("debit_account", 1), ("credit_account", -1)):
            key = entry[side], entry["currency"]
            sums[key] += sign * entry["amount_minor"]
    natural = {row["account"]: row["normal_side"] for row in books.read_seed("chart_of_accounts")}
    last: dict[tuple, Row] = {}
    for row in run.warehouse.table("fct_account_balances", order_by="accounting_period"):
        last[row["account"], row["currency"]] = row
    actual = {
        key: row["closing_minor"] * (1 if natural[key[0]] == "debit" else -1)
        for key, row in last.items()
    }
    assert actual == {key: sums[key] for key in actual}, run.context
    assert {key for key, amount in sums.items() if amount} <= actual.keys(), run.context


def test_what_lies_ahead_does_not_count(run: Run) -> None:
    """Rows after the day of the books are excluded, and no other row is."""
    names = {"service_lines", "line_events", "settlements"}
    excluded = {
        (row["source_table"], row["source_key"]): row["reason"]
        for row in run.warehouse.fetch(
            "select source_table, source_key, disposition, reason from fct_journal_evidence "
            "where disposition not in ('journaled', 'terms', 'memo') "
            # A pending item whose service has not begun has no entry yet.
            "and reason <> 'not_invoiced'"
        )
        if row["source_table"] in names
    }
    assert excluded == run.expected.ignored, run.context


def test_nothing_is_lost(run: Run) -> None:
    """Every tie-out is tied and every raw row accounted for."""
    books.assert_all_is_accounted_for(run.warehouse, run.context)


# --------------------------------------------------------------------------------------------------
# Close by close
# --------------------------------------------------------------------------------------------------

# What DuckDB shows in every run; `make test-long` replays it on Postgres too.
LONG_ON_POSTGRES = ("test_what_a_close_saw_stays",)


@pytest.mark.parametrize(
    ("name", "closes_replayed"),
    [
        ("monthly", 2),
        pytest.param("quarterly", 6, marks=pytest.mark.long),
        pytest.param("reopened", 15, marks=pytest.mark.long),
    ],
)
def test_what_a_close_saw_stays(
    warehouse: Warehouse, project: Path, seed: int, name: str, closes_replayed: int
) -> None:
    """What a build at a close says of the periods closed by it, the final build says too.

    Entry for entry, in every column; of a period that was reopened later nothing is promised.
    """
    closes = histories.CLOSE_CALENDARS[name]
    tables = service_histories.random_company(seed, 30, closes)
    marts = ("fct_journal_entries",)
    build(warehouse, project, tables, Setting(name), marts=marts)
    final = warehouse.table("fct_journal_entries")

    # Nothing happens before 2025.
    lasting = [
        row for row in closes if row["reopened_at"] is None and row["accounting_period"] >= "2025"
    ]
    chosen = random.Random(seed).sample(lasting, min(closes_replayed, len(lasting)))
    for closed_at in sorted(row["closed_at"] for row in chosen):
        known = [row for row in closes if row["closed_at"] <= closed_at]
        # A reopening that lies ahead is not known yet.
        known = [
            {**row, "reopened_at": None if row["reopened_at"] > closed_at else row["reopened_at"]}
            if row["reopened_at"]
            else row
            for row in known
        ]
        build(
            warehouse,
            project,
            service_histories.known_before(tables, closed_at),
            Setting(as_of_date=str(closed_at.date())),
            known,
            marts,
        )
        last = max(row["accounting_period"] for row in lasting if row["closed_at"] <= closed_at)
        expected, actual = (
            [row for row in rows if row["accounting_period"] <= last]
            for rows in (warehouse.table("fct_journal_entries"), final)
        )
        context = f"--seed {seed}, {warehouse.engine}, closes {name}, closed at {closed_at}"
        assert expected, context
        different = books.row_differences(expected, actual)
        lines = [f"  {side}: {row}" for side, row in different[:5]]
        if different:
            lines += history_of(tables, history_name(tables, different[0][1]["obligation_id"]))
        assert not different, "\n".join([f"{context}: {len(different)} entries differ", *lines])


# --------------------------------------------------------------------------------------------------
# Every first day of 2019 to 2032
# --------------------------------------------------------------------------------------------------


@cache
def days(seed: int) -> service_histories.Tables:
    """A line for every day."""
    return service_histories.every_start_day(seed)


@pytest.fixture(scope="module")
def day_books(warehouse: Warehouse, project: Path, seed: int) -> Warehouse:
    """The company of all days, built once on each engine."""
    build(warehouse, project, days(seed), DAYS)
    return warehouse


def minor(row: Row) -> int:
    """The amount of a raw line in minor units."""
    return int(row["amount"].scaleb(histories.CURRENCIES[row["currency"]]))


@pytest.mark.long
def test_every_first_day(day_books: Warehouse, seed: int) -> None:
    """Journal and schedule of a line for every day are the oracle's."""
    expected = oracle_books(days(seed), DAYS)
    for what, wanted, found in (
        ("entries", expected.entries, journal_of(day_books)),
        ("schedule", expected.schedule, schedule_of(day_books)),
    ):
        different = books.row_differences(wanted, found)
        lines = {row["line_id"]: row for row in days(seed)["service_lines"]}
        context = [lines.get(row["obligation_id"]) for _, row in different[:2]]
        assert not different, f"--seed {seed}, {what}: {different[:4]} of {context}"


@pytest.mark.long
def test_sums_are_exact(day_books: Warehouse, seed: int) -> None:
    """What is recognised and what is scheduled of a line make its amount."""
    sums: Counter = Counter()
    for row in schedule_of(day_books):
        sums[row["line_id"]] += row["amount_minor"]
    booked = {
        row["line_id"]: minor(row)
        for row in days(seed)["service_lines"]
        if row["booked_at"].date() <= date.fromisoformat(DAYS.as_of_date)
    }
    assert dict(sums) == booked, f"--seed {seed}"


@pytest.mark.long
def test_nothing_is_recognised_before_service_or_after_the_day_of_the_books(
    day_books: Warehouse, seed: int
) -> None:
    """Not in a period before the first day of service, and not beyond `as_of_date`."""
    calendar = oracle.make_calendar()
    last = calendar.index_at(date.fromisoformat(DAYS.as_of_date))
    first = {
        row["line_id"]: calendar.index_at(row["service_starts_on"])
        for row in days(seed)["service_lines"]
    }
    for entry in journal_of(day_books):
        if entry["event_type"] == "service_recognised":
            index = calendar.index_of(entry["effective_period"])
            assert first[entry["obligation_id"]] <= index <= last, entry


@pytest.mark.long
def test_the_month_grid_is_the_sum_of_the_day_grid(day_books: Warehouse, seed: int) -> None:
    """By day, what is recognised up to a month is the rounded sum of its days, counted one by one.

    Lines of at most 400 days, booked when the service began, so that no month is caught up.
    """
    by_month: dict[str, Counter] = defaultdict(Counter)
    for row in schedule_of(day_books):
        by_month[row["line_id"]][row["effective_period"]] += row["amount_minor"]
    compared = 0
    for line in days(seed)["service_lines"]:
        policy = service_histories.policy_of(line["customer_id"])
        starts_on, ends_on = line["service_starts_on"], line["service_ends_on"]
        length = max((ends_on - starts_on).days, 1)
        if (policy.granularity, policy.rounding) != ("by_day", "cumulative") or length > 400:
            continue
        if line["booked_at"].date() > min(starts_on, date.fromisoformat(DAYS.as_of_date)):
            continue
        days_of_month = Counter(
            f"{starts_on + timedelta(days=number):%Y-%m}" for number in range(length)
        )
        expected, passed, before = {}, 0, 0
        for month, count in sorted(days_of_month.items()):
            passed += count
            after = oracle.round_half_away(Fraction(minor(line) * passed, length))
            if after != before:
                expected[month] = after - before
            before = after
        found = {month: amount for month, amount in by_month[line["line_id"]].items() if amount}
        assert found == expected, f"--seed {seed}: {line}"
        compared += 1
    assert compared, f"--seed {seed}"


@pytest.mark.long
def test_the_order_of_the_input_is_irrelevant(
    day_books: Warehouse, project: Path, seed: int
) -> None:
    """The same rows in another order: the same journal, entry for entry, ids included."""
    tables = company(seed, "monthly")
    journals = []
    for rows in (tables, service_histories.shuffled(tables, seed)):
        build(day_books, project, rows, SETTINGS["monthly"])
        journals.append(day_books.table("fct_journal_entries", order_by="journal_entry_id"))
    assert journals[0] == journals[1]


@pytest.mark.long
def test_negative_amounts_are_the_mirror_image(
    day_books: Warehouse, project: Path, seed: int
) -> None:
    """Lines of the other sign: the same entries with the sides swapped."""
    build(day_books, project, days(seed), DAYS)
    mirrored = [
        {
            **row,
            "debit_account": row["credit_account"],
            "credit_account": row["debit_account"],
        }
        for row in journal_of(day_books)
    ]
    build(day_books, project, service_histories.negated(days(seed)), DAYS)
    assert books.row_differences(mirrored, journal_of(day_books)) == [], f"--seed {seed}"
