"""The dbt project and the oracle recognise the same breakage.

Random companies, with all methods, estimates that change, closes and unclaimed property; the first
has the published examples too, as raw rows. `breakage_project` installs revrec and answers the
policies. A failure names the seed; `--seed` repeats it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import books
import breakage_histories
import breakage_oracle
import histories
import pytest
from breakage_histories import month_at
from installing import install
from test_oracle_parity import FIRST_DAY, closes_named
from warehouse import Row, Warehouse

PROJECT = Path(__file__).parent / "breakage_project"
MARTS = (
    *books.JUDGED_MARTS,
    "dim_credit_grants",
    "fct_credit_breakage",
    "rpt_deferred_revenue_rollforward",
)
# What must hold of every company, also of one under a law of unclaimed property.
TESTS = (
    "assert_breakage_policies_are_in_range",
    "assert_debits_equal_credits",
    "assert_deferred_revenue_ends_with_the_units",
    "assert_deferred_revenue_rollforward_foots",
    "assert_every_reason_is_described",
    "assert_grant_periods_roll_and_foot",
    "assert_grants_sum_to_their_price",
    "assert_one_entry_per_movement",
    "assert_valued_units_follow_the_units",
    "fct_credit_breakage_is_unique",
    "fct_credit_grant_periods_are_not_negative",
    "int_breakage_moments_are_unique",
)
NEW_COLUMNS = ("breakage_ahead_minor", "unclaimed_minor")
DECIDED = ("credit_expired", "breakage_recognised", "credit_unclaimed")


@dataclass(frozen=True)
class Setting:
    """One company of a run."""

    closes: str
    as_of_date: str = "2026-06-30"
    vars: dict[str, Any] = field(default_factory=dict)
    customers: int = 84
    has_examples: bool = False


SETTINGS = {
    "monthly": Setting("monthly", has_examples=True),
    "reopened-berlin": Setting(
        "reopened", "2026-05-17", {"accounting_timezone": "Europe/Berlin"}, customers=70
    ),
    "weeks-new-york": Setting(
        "weeks",
        vars={
            "calendar": "4-4-5",
            "fiscal_year_start": FIRST_DAY,
            "accounting_timezone": "America/New_York",
        },
        customers=70,
    ),
}
# Postgres has all examples and closes in the company that stays.
LONG_ON_POSTGRES = ("reopened-berlin",)


@cache
def company(seed: int, name: str) -> histories.Tables:
    """The company of a setting."""
    setting = SETTINGS[name]
    number = list(SETTINGS).index(name)
    closes = closes_named(setting.closes)
    tables = breakage_histories.random_company(seed + number, setting.customers, closes)
    if setting.has_examples:
        examples = breakage_histories.tables_of(breakage_histories.examples())
        tables = breakage_histories.joined(tables, examples)
    return tables


@cache
def expected_books(seed: int, name: str) -> breakage_oracle.Books:
    """The oracle's books of that company; both engines are compared with them."""
    setting = SETTINGS[name]
    variables = {"timezone": setting.vars.get("accounting_timezone", "UTC")}
    variables |= {k: v for k, v in setting.vars.items() if k != "accounting_timezone"}
    return breakage_oracle.build_books(
        {**company(seed, name), "currencies": books.read_seed("currencies")},
        breakage_histories.choose,
        as_of_date=date.fromisoformat(setting.as_of_date),
        **variables,
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
    def expected(self) -> breakage_oracle.Books:
        """The oracle's books."""
        return expected_books(self.seed, self.name)

    def assert_same_rows(self, what: str, expected: list[Row], actual: list[Row]) -> None:
        """The same rows, as often; else the first differences and the history of a grant."""
        different = books.row_differences(expected, actual)
        if not different:
            return
        lines = [f"{self.context}: {len(different)} rows of {what} differ"]
        lines += [f"  {side}: {row}" for side, row in different[:6]]
        first = different[0][1]
        name = first.get("obligation_id") or first.get("grant_id")
        if name is not None:
            lines.append(self.history_of(name))
        pytest.fail("\n".join(lines), pytrace=False)

    def history_of(self, name: str) -> str:
        """The raw rows of a grant, and what the oracle makes of it."""
        lines = [books.history_of(company(self.seed, self.name), name)]
        lines.append(f"  {self.expected.choices.get(name)}")
        for index, state in self.expected.states.get(name, {}).items():
            lines.append(f"  {self.expected.calendar.periods[index].name}: {state}")
        return "\n".join(lines)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, with revrec installed by `dbt deps`."""
    return install(PROJECT, tmp_path_factory.mktemp("breakage_parity"))


@pytest.fixture(
    scope="module",
    params=["monthly", "reopened-berlin", pytest.param("weeks-new-york", marks=pytest.mark.long)],
)
def run(
    request: pytest.FixtureRequest, warehouse: Warehouse, project: Path, seed: int
) -> Iterator[Run]:
    """Each company on each engine, built once."""
    setting, tables = SETTINGS[request.param], company(seed, request.param)
    books.load_company(warehouse, tables, closes_named(setting.closes))
    variables = books.company_vars(setting.as_of_date, **setting.vars)
    result = books.build_marts(warehouse, variables, MARTS, project_dir=project, tests=TESTS)
    result.check()
    yield Run(seed, request.param, warehouse)


def test_journal_entries(run: Run) -> None:
    """Every entry, with its dates, accounts, amount, quantity and number of rows."""
    without_policy = [{k: v for k, v in e.items() if k != "policy"} for e in run.expected.entries]
    run.assert_same_rows("fct_journal_entries", without_policy, books.entries_of(run.warehouse))


def test_policies_are_named(run: Run) -> None:
    """What decided on breakage, and the law by which it is unclaimed property."""
    columns = ("obligation_id", "event_type", "accounting_period", "effective_period", "policy")

    def picked(rows: list[Row]) -> list[Row]:
        return [{c: row[c] for c in columns} for row in rows if row["event_type"] in DECIDED]

    run.assert_same_rows(
        "policies", picked(run.expected.entries), picked(run.warehouse.table("fct_journal_entries"))
    )


def test_grant_periods(run: Run) -> None:
    """Units and value of every grant in every period, with what is ahead and what is unclaimed."""
    columns = (*books.PERIOD_COLUMNS, *NEW_COLUMNS)
    found = [
        {column: row[column] for column in columns}
        for row in run.warehouse.table("fct_credit_grant_periods")
    ]
    run.assert_same_rows("fct_credit_grant_periods", run.expected.grant_periods, found)


def test_account_balances(run: Run) -> None:
    """Every balance of every account in every period."""
    run.assert_same_rows(
        "fct_account_balances", run.expected.balances, books.balances_of(run.warehouse)
    )


def state_row(name: str, period: str, books_: breakage_oracle.Books) -> Row:
    """The oracle's row of fct_credit_breakage."""
    choice, index = books_.choices[name], books_.calendar.index_of(period)
    assert index is not None
    state = books_.states[name].get(index, breakage_oracle.State())
    row = {
        "grant_id": name,
        "accounting_period": period,
        "breakage_policy": choice.method,
        "granted_units": state.granted,
        "exercised_units": state.exercised,
        "expired_units": state.expired,
        "breakage_to_date_minor": state.to_date,
        "breakage_ahead_minor": state.ahead,
        "revenue_to_date_minor": state.revenue,
        "held_minor": state.held,
        "unclaimed_to_date_minor": state.unclaimed,
    }
    if choice.method == "proportional":
        row |= {
            "constraint_policy": choice.constraint,
            "estimated_rate": state.estimated_rate,
            "applied_rate": state.applied_rate,
        }
    if choice.method == "remote":
        row["is_remote"] = state.is_remote
    return row


def test_breakage_by_period(run: Run) -> None:
    """Every row has the state of its period, and no period in which breakage changes lacks one."""
    found = run.warehouse.table("fct_credit_breakage")
    wanted = [state_row(row["grant_id"], row["accounting_period"], run.expected) for row in found]
    actual = [
        {column: row[column] for column in like} for row, like in zip(found, wanted, strict=True)
    ]
    run.assert_same_rows("fct_credit_breakage", wanted, actual)
    shown = {(row["grant_id"], row["accounting_period"]) for row in found}
    assert len(shown) == len(found), f"{run.context}: two rows of one period"
    for name, states in run.expected.states.items():
        choice = run.expected.choices[name]
        if choice.method == "at_expiry" and choice.jurisdiction is None:
            continue
        before = breakage_oracle.State()
        for index, state in states.items():
            key = (name, run.expected.calendar.periods[index].name)
            is_same = changing(state) == changing(before)
            assert is_same or key in shown, f"{run.context}: {key}\n{run.history_of(name)}"
            before = state


def changing(state: breakage_oracle.State) -> tuple[int, ...]:
    """What has a row where it changes."""
    return state.to_date, state.ahead, state.revenue, state.unclaimed


def test_exceptions(run: Run) -> None:
    """The same rows are listed, for the same reasons."""
    expected, actual = set(run.expected.exceptions), books.exceptions_of(run.warehouse)
    different = sorted(expected ^ actual, key=repr)
    lines = [f"{'missing' if item in expected else 'too much'}: {item}" for item in different]
    assert not different, "\n".join([run.context, *lines[:8], run.history_of(str(different[0][1]))])


def test_nothing_is_lost(run: Run) -> None:
    """Every tie-out is tied and every raw row accounted for."""
    books.assert_all_is_accounted_for(run.warehouse, run.context)


def test_published_examples(run: Run) -> None:
    """Revenue of each month and what is deferred at its end, of every row of breakage.csv."""
    if not SETTINGS[run.name].has_examples:
        pytest.skip("the examples are in another company")
    moved: dict[str, Counter] = {}
    for entry in run.warehouse.table("fct_journal_entries"):
        months = moved.setdefault(entry["obligation_id"], Counter())
        for side, sign in (("debit_account", -1), ("credit_account", 1)):
            months[entry[side], entry["accounting_period"]] += sign * entry["amount"]
    for example in breakage_histories.examples():
        months, left = moved[example.name], 0
        for month, (earned, liability) in enumerate(
            zip(example.revenue, example.liability, strict=True)
        ):
            period = f"{month_at(month, 1):%Y-%m}"
            revenue = months["credit_revenue", period] + months["breakage_revenue", period]
            left += months["deferred_revenue", period]
            assert (revenue, left) == (earned, liability), f"{example.name} {period}"
        unclaimed = {p: v for (account, p), v in months.items() if account == "unclaimed_property"}
        assert unclaimed == example.unclaimed, example.name
