"""The dbt project and the oracle make the same books of random companies with metered usage.

A project that installs revrec (`usage_project`) reads the policies of a customer from its id, so
that one build holds every recognition with every rating. The companies differ in their close
calendar, accounting calendar, time zone, day of the books and in how the raw tables are typed. A
failure names the seed; `--seed` repeats it.

The company `monthly` has the published examples too, a customer per example, and on Postgres its
rows come in another order and again; what the examples are is said in vectors/README.md.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import books
import histories
import oracle
import pytest
import test_stripe_vectors as published
import test_usage_oracle
import usage_histories
import usage_oracle
import usage_rows
from installing import install
from usage_histories import Tables
from usage_oracle import Policy
from warehouse import BuildResult, Row, Warehouse

PROJECT = Path(__file__).parent / "usage_project"
MARTS = (
    "fct_journal_entries",
    "fct_journal_evidence",
    "rec_completeness",
    "rec_exceptions",
    "rec_tie_outs",
)
SHORTFALL = "usage_shortfall"
# A usage period is known by its contents, not by the hash that is its id.
ENTRY_COLUMNS = tuple(name for name in books.ENTRY_COLUMNS if name != "obligation_id")


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
    tables = usage_histories.random_company(
        seed + number,
        setting.customers,
        histories.CLOSE_CALENDARS[setting.closes],
        date.fromisoformat(setting.as_of_date),
        **setting.oracle_vars,
    )
    examples = usage_rows.example_tables() if name == "monthly" else {}
    return {table: rows + examples.get(table, []) for table, rows in tables.items()}


@cache
def company_on(engine: str, seed: int, name: str) -> Tables:
    """The company as an engine gets it."""
    tables = company(seed, name)
    if engine == "postgres" and name == "monthly":
        return usage_histories.shuffled_and_repeated(tables, seed)
    return tables


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


def company_vars(setting: Setting, as_of_date: date | None = None) -> dict[str, Any]:
    """The vars of a build."""
    day = as_of_date or setting.as_of_date
    return books.company_vars(day, sources=["metering", "stigg"], **setting.vars)


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
    variables = company_vars(setting, as_of_date)
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
    def tables(self) -> Tables:
        """What was loaded."""
        return company_on(self.warehouse.engine, self.seed, self.name)


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
    tables = company_on(warehouse.engine, seed, request.param)
    build(warehouse, project, tables, SETTINGS[request.param])
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
        SHORTFALL,
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
    used = [key for key, period in expected.periods.items() if period.facts]
    subscriptions = {(key.customer_id, key.subscription_id) for key in used}
    assert len(subscriptions) > len({key.customer_id for key in used}), f"--seed {seed}"
    short = {row["obligation"] for row in expected.entries if row["event_type"] == SHORTFALL}
    assert len(short - set(used)) >= 5, f"--seed {seed}"


def test_journal_entries(run: Run) -> None:
    """Every entry of every usage period, with its periods, accounts, amount and quantity."""
    expected = expected_books(run.seed, run.name).entries
    assert_same_journal(run.tables, expected, run.warehouse, run.context)


def test_dispositions(run: Run) -> None:
    """Every raw event and invoice is in the books, or not for the same reason."""
    wanted = {
        key: Counter({o: 1 if o[0] == "journaled" else n for o, n in counts.items()})
        for key, counts in oracle_books(run.tables, SETTINGS[run.name]).dispositions.items()
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
# Published examples
# --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def changes(run: Run) -> dict[str | None, published.Changes]:
    """The changes of every account of every customer, read once."""
    return published.changes_by_customer(run.warehouse)


@pytest.mark.parametrize("run", ["monthly"], indirect=True)
@pytest.mark.parametrize("example_id", test_usage_oracle.EXAMPLES)
def test_an_example(changes: dict[str | None, published.Changes], example_id: str) -> None:
    """To the cent, in every printed period, for every account that is printed."""
    test_usage_oracle.assert_example(changes[example_id], example_id)


@pytest.mark.parametrize("run", ["monthly"], indirect=True)
def test_the_invoice_of_the_seed_text_reverses_what_was_accrued(run: Run) -> None:
    """60.00 leave the unbilled receivable, and revenue has no part in it."""
    found = [
        (row["amount"], row["debit_account"], row["credit_account"])
        for row in journal_of(run.warehouse)
        if row["customer_id"] == "U_seed_invoiced" and row["event_type"] != "usage_accrued"
        if row["amount_minor"]
    ]
    assert found == [(Decimal(60), "accounts_receivable", "unbilled_receivable")]


# --------------------------------------------------------------------------------------------------
# The same company in another order, and as it grew
# --------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_shuffled_and_repeated_rows(duckdb_warehouse: Warehouse, project: Path, seed: int) -> None:
    """The order of rows says nothing, and a row that comes again counts once."""
    warehouse, tables = duckdb_warehouse, company(seed, "monthly")
    again = usage_histories.shuffled_and_repeated(tables, seed)
    build(warehouse, project, again, SETTINGS["monthly"])
    context = f"--seed {seed}, shuffled, {warehouse.engine}"
    expected = expected_books(seed, "monthly").entries
    assert_same_journal(again, expected, warehouse, context)
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


# --------------------------------------------------------------------------------------------------
# What stops a build
# --------------------------------------------------------------------------------------------------

VARS = company_vars(SETTINGS["monthly"])
WRONG = {
    "usage_recognition": Policy(recognition="when_paid"),
    "right_to_invoice_limits": Policy(limits="Allow"),
    "commitment_shortfall": Policy(shortfall="deferred_revenue"),
    "usage_accrual_reversal": Policy(reversal="never"),
}
BEHIND_THE_POLICIES = (
    "int_usage_steps",
    "int_usage_movements",
    "fct_journal_entries",
    "fct_account_balances",
    "rpt_usage_reconciliation",
    "rec_tie_outs",
)


@pytest.fixture(scope="module")
def empty_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """Another DuckDB file."""
    with Warehouse.duckdb(tmp_path_factory.mktemp("stopped")) as house:
        yield house


def schedule(
    name: str, customer_id: str | None, first: str, last: str | None, product_id: str = "calls"
) -> Row:
    """A row of rate_schedules, a dollar a unit."""
    return {
        "rate_schedule_id": name,
        "product_id": product_id,
        "customer_id": customer_id,
        "currency": "USD",
        "model": "per_unit",
        "aggregation": "sum",
        "effective_from": datetime.fromisoformat(first),
        "effective_to": None if last is None else datetime.fromisoformat(last),
    }


def tables_of(schedules: list[Row], customers: list[str]) -> Tables:
    """A company whose customers each made a call in January."""
    return {
        "rate_schedules": schedules,
        "rate_tiers": [
            {"rate_schedule_id": row["rate_schedule_id"], "tier": 1, "unit_amount": Decimal(1)}
            for row in schedules
        ],
        "usage_events": [
            {
                "event_id": f"call-{number}",
                "customer_id": customer_id,
                "product_id": "calls",
                "quantity": Decimal(1),
                "occurred_at": datetime(2026, 1, 10),
            }
            for number, customer_id in enumerate(customers)
        ],
    }


def build_some(warehouse: Warehouse, project: Path, tables: Tables, *selection: str) -> BuildResult:
    """Load a company and build what is selected."""
    usage_rows.load_metering(warehouse, tables)
    books.load_company(warehouse, dict.fromkeys(usage_histories.CREDIT_TABLES, ()), [])
    command = ("build", "--select", *selection, "--exclude-resource-type", "unit_test")
    # A test of something else that is not built would fail, too.
    command += ("--indirect-selection", "cautious")
    return warehouse.build(*command, vars=VARS, project_dir=project)


def failed_tests(result: BuildResult) -> set[str]:
    """The names of the tests that failed."""
    return {name.split(".")[2] for name in result.failed}


def test_overlapping_schedules_stop_the_build(empty_warehouse: Warehouse, project: Path) -> None:
    """Two for a customer, two for everyone; what meets or is another's does not overlap."""
    schedules = [
        schedule("everyone-old", None, "2025-01-01", "2026-01-10"),
        schedule("everyone-new", None, "2026-01-09T23:59:59", None),
        schedule("own-old", "c_1", "2025-01-01", None),
        schedule("own-new", "c_1", "2026-01-01", "2026-02-01"),
        schedule("another-old", "c_2", "2025-01-01", "2026-01-01"),
        schedule("another-new", "c_2", "2026-01-01", None),
        schedule("other-product", None, "2025-01-01", None, "texts"),
    ]
    name = "assert_rate_schedules_do_not_overlap"
    selection = ("+int_usage_rate_segments", name)
    result = build_some(empty_warehouse, project, tables_of(schedules, ["c_1"]), *selection)
    assert failed_tests(result) == {name}
    assert result.nodes["model.revrec.int_usage_rate_segments"].status == "skipped"
    told = result.log.split(f"revrec: {name} found:")[1]
    for named in ("everyone-old", "everyone-new", "own-old", "own-new"):
        assert named in told
    assert "another" not in told
    assert "other-product" not in told


def test_wrong_options_stop_the_build(empty_warehouse: Warehouse, project: Path) -> None:
    """A test fails for each, its name says which policy, and nothing that holds money is built."""
    customers = [
        usage_histories.customer_name(number, policy)
        for number, policy in enumerate(WRONG.values())
    ]
    tables = tables_of([schedule("everyone", None, "2025-01-01", None)], customers)
    selection = ("+int_usage_period_terms", "int_usage_period_terms+")
    result = build_some(empty_warehouse, project, tables, *selection)
    built = [
        name
        for name in BEHIND_THE_POLICIES
        if result.nodes[f"model.revrec.{name}"].status != "skipped"
    ]
    assert (failed_tests(result), built) == (
        {f"policy_{policy}_is_an_option" for policy in WRONG},
        [],
    )
