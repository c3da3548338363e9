"""The dbt project and the oracle make the same books where credits pay invoices.

Random companies arrive through the generic room. `credit_project` installs revrec and owes goodwill
from its issue to one customer. They differ in their close calendar and the day of the books. A
failure names the seed; `--seed` repeats it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import books
import credit_event_histories
import credit_event_oracle
import histories
import pytest
import rooms
from installing import install
from test_credit_events import CLOSES, COMPANY, ENTRY_TYPES, GRANT_TYPES, PROJECT
from warehouse import Row, Warehouse

MARTS = (
    "fct_credit_event_lines",
    "fct_credit_grant_periods",
    "fct_journal_entries",
    "fct_journal_evidence",
    "rec_completeness",
    "rec_exceptions",
    "rec_tie_outs",
)
TABLES = ("credit_grants", "credit_entries")
# What the source says of itself; the oracle has no opinion on it.
UNJUDGED = ("source_balance_drift", "expired_with_balance")


@dataclass(frozen=True)
class Setting:
    """One company of a run."""

    closes: str
    as_of_date: str = "2026-06-30"


SETTINGS = {
    "open": Setting("none", "2026-04-17"),
    "monthly": Setting("monthly"),
    "quarterly": Setting("quarterly", "2026-05-31"),
    "reopened": Setting("reopened", "2026-05-17"),
}
# Postgres has closes and reopenings in the companies that stay.
LONG_ON_POSTGRES = ("open", "monthly", "quarterly")


@cache
def company(seed: int, name: str) -> histories.Tables:
    """The company of a setting."""
    closes = histories.CLOSE_CALENDARS[SETTINGS[name].closes]
    return credit_event_histories.random_company(seed + list(SETTINGS).index(name), closes)


@cache
def expected_books(seed: int, name: str) -> credit_event_oracle.Books:
    """The oracle's books of that company; both engines are compared with them."""
    setting = SETTINGS[name]
    closes = histories.CLOSE_CALENDARS[setting.closes]
    return oracle_books(company(seed, name), closes, setting.as_of_date)


def oracle_books(
    tables: histories.Tables, closes: list[Row], as_of_date: str
) -> credit_event_oracle.Books:
    """The oracle's books of any company."""
    return credit_event_oracle.build_books(
        tables,
        closes,
        date.fromisoformat(as_of_date),
        {row["currency"]: int(row["exponent"]) for row in books.read_seed("currencies")},
        lambda customer: customer == credit_event_histories.OWED_AT_ISSUE,
    )


def test_the_oracle_knows_the_company_worked_by_hand() -> None:
    """The entries and the exceptions that test_credit_events has on paper, but those of pools."""
    pooled = {row["grant_id"] for row in COMPANY.grants if row.get("pool_id")}
    own_entries = [row for row in COMPANY.entries if row.get("grant_id") not in {None, *pooled}]
    own_keys = {row["entry_id"] for row in own_entries}
    tables = {
        "credit_grants": [dict.fromkeys(GRANT_TYPES) | row for row in COMPANY.grants],
        "credit_entries": [dict.fromkeys(ENTRY_TYPES) | row for row in own_entries],
        "service_lines": [
            {"booked_known_at": None, **row} for row in COMPANY.tables["service_lines"]
        ],
    }
    closes = [{**row, "reopened_at": None} for row in CLOSES]
    made = oracle_books(tables, closes, "2026-06-30")
    columns = ("accounting_period", "event_type", "debit_account", "credit_account")
    found = Counter(
        (row["obligation_id"], *(row[column] for column in columns), row["amount_minor"])
        for row in made.entries
        if row["amount_minor"] and row["obligation_id"] in COMPANY.expected
    )
    wanted = Counter(
        (grant_id, *entry[:4], int(Decimal(entry[4]).scaleb(2)))
        for grant_id, entries in COMPANY.expected.items()
        for entry in entries
        if grant_id not in pooled
    )
    assert found == wanted
    listed = {item[1]: item[2] for item in made.exceptions if item[0] == "credit_entries"}
    assert listed == {key: reason for key, reason in COMPANY.bad.items() if key in own_keys}


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
    def expected(self) -> credit_event_oracle.Books:
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
        lines.append(self.history(first.get("obligation_id") or first.get("grant_id")))
        pytest.fail("\n".join(lines), pytrace=False)

    def history(self, grant_id: str | None) -> str:
        """The raw rows of a grant and of the invoices that it pays."""
        tables = company(self.seed, self.name)
        rows = [row for table in TABLES for row in tables[table] if row["grant_id"] == grant_id]
        paid = {row.get("invoice_id") for row in rows} - {None}
        rows += [row for row in tables["service_lines"] if row["invoice_id"] in paid]
        rows.sort(key=lambda row: str(row.get("effective_at") or row["booked_at"]))
        shown = ({k: str(v) for k, v in row.items() if v is not None} for row in rows)
        return "\n".join([f"history of {grant_id}:", *(f"  {row}" for row in shown)])


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, with revrec installed by `dbt deps`."""
    return install(PROJECT, tmp_path_factory.mktemp("credit_event_parity"))


@pytest.fixture(scope="module", params=list(SETTINGS))
def run(
    request: pytest.FixtureRequest, warehouse: Warehouse, project: Path, seed: int
) -> Iterator[Run]:
    """Each company on each engine, built once."""
    setting, tables = SETTINGS[request.param], company(seed, request.param)
    services = {name: rows for name, rows in tables.items() if name not in TABLES}
    rooms.load_room(warehouse, "generic", services)
    warehouse.load("generic", "credit_grants", GRANT_TYPES, tables["credit_grants"])
    warehouse.load("generic", "credit_entries", ENTRY_TYPES, tables["credit_entries"])
    books.load_finance(warehouse, {}, histories.CLOSE_CALENDARS[setting.closes])
    warehouse.build(
        *("build", "--select", *(f"+{mart}" for mart in MARTS)),
        *("--exclude-resource-type", "test", "unit_test"),
        vars=books.company_vars(setting.as_of_date, sources=["generic"]),
        project_dir=project,
    ).check()
    yield Run(seed, request.param, warehouse)


def picked(rows: list[Row], like: list[Row]) -> list[Row]:
    """The rows with the columns that the oracle has."""
    columns = list(like[0])
    return [{column: row[column] for column in columns} for row in rows]


def comparable(entries: list[Row], unclear: set[tuple]) -> list[Row]:
    """Entries without what nobody says: the sides of zero, and the quantity of `unclear` ones."""
    found = []
    for row in entries:
        one, other = row["debit_account"], row["credit_account"]
        if not row["amount_minor"]:
            one, other = sorted((one, other))
        quantity = None if entry_key(row) in unclear else row["quantity"]
        found.append({**row, "debit_account": one, "credit_account": other, "quantity": quantity})
    return found


def entry_key(entry: Row) -> tuple:
    """The grain of the journal."""
    columns = ("obligation_id", "event_type", "invoice_id", "accounting_period")
    columns += ("effective_period", "debit_account", "credit_account")
    return tuple(entry[column] for column in columns)


def test_journal_entries(run: Run) -> None:
    """Every entry of every grant, with its days, accounts, amount and number of rows."""
    wanted = run.expected.entries
    unclear = {entry_key(row) for row in wanted if row["quantity"] is None}
    rows = [
        row
        for row in run.warehouse.table("fct_journal_entries")
        if row["obligation_type"] == "credit_grant"
    ]
    run.assert_same_rows(
        "fct_journal_entries",
        comparable(wanted, unclear),
        comparable(picked(rows, wanted), unclear),
    )


def test_grant_periods(run: Run) -> None:
    """Units and value of every grant in every period."""
    wanted = run.expected.grant_periods
    found = picked(run.warehouse.table("fct_credit_grant_periods"), wanted)
    run.assert_same_rows("fct_credit_grant_periods", wanted, found)


def test_credit_event_lines(run: Run) -> None:
    """Every line of every goodwill, on-account, prepayment and gift-card credit."""
    wanted = run.expected.event_lines
    found = picked(run.warehouse.table("fct_credit_event_lines"), wanted)
    run.assert_same_rows("fct_credit_event_lines", wanted, found)


def test_exceptions(run: Run) -> None:
    """The same rows and grants are listed, for the same reasons."""
    found = {
        (row["source_table"], row["source_key"], row["reason_code"])
        for row in run.warehouse.table("rec_exceptions")
        if row["source_table"] in TABLES and row["reason_code"] not in UNJUDGED
    }
    different = sorted(run.expected.exceptions ^ found, key=repr)
    shown = [
        f"{'missing' if item in run.expected.exceptions else 'too much'}: {item}"
        for item in different
    ]
    assert not different, "\n".join([run.context, *shown[:10]])


def test_dispositions(run: Run) -> None:
    """Every raw row has the same disposition, for the same reason; and as many have it."""
    wanted: Counter = Counter()
    for (table, key, disposition, reason), count in run.expected.dispositions.items():
        wanted[table, key, disposition, None if disposition == "memo" else reason] += count
    found = {
        (
            row["source_table"],
            row["source_key"],
            row["disposition"],
            None if row["disposition"] == "memo" else row["reason"],
        )
        for row in run.warehouse.table("fct_journal_evidence")
        if row["source_table"] in TABLES
    }
    different = sorted(set(wanted) ^ found, key=repr)
    shown = [f"{'missing' if item in wanted else 'too much'}: {item}" for item in different]
    assert not different, "\n".join([run.context, *shown[:10]])

    columns = {"journaled": "journaled", "memo": "memo", "terms": "terms", "excluded": "excluded"}
    columns["exception"] = "exceptions"
    counts = {table: Counter() for table in TABLES}
    for (table, _, disposition, _), count in wanted.items():
        counts[table][columns[disposition]] += count
    listed = {
        row["source_table"]: Counter({name: row[name] for name in columns.values() if row[name]})
        for row in run.warehouse.table("rec_completeness")
        if row["source_table"] in TABLES
    }
    assert listed == counts, run.context


def test_the_histories_have_what_is_hard(run: Run) -> None:
    """Credits expire on their date, and come back from it, also in another period."""
    evidence = [
        row
        for row in run.warehouse.table("fct_journal_evidence")
        if row["source_table"] == "synthesised_expiry"
    ]
    assert evidence
    assert {row["disposition"] for row in evidence} == {"synthesised"}
    events = Counter(row["event_type"] for row in run.expected.entries)
    assert events["credit_expired"] and events["credit_expiry_reversed"], run.context


def test_receivables(run: Run) -> None:
    """What is receivable of each invoice: its total less what credits paid of it."""
    found: dict[str, int] = {}
    for row in run.warehouse.table("fct_journal_entries"):
        name, amount = row["invoice_id"], row["amount_minor"]
        if name is not None:
            is_added = row["debit_account"] == "accounts_receivable"
            is_taken = row["credit_account"] == "accounts_receivable"
            found[name] = found.get(name, 0) + amount * (is_added - is_taken)
    wanted = run.expected.receivables
    different = [
        f"{name}: {wanted.get(name)} expected, {found.get(name)} found"
        for name in sorted({*wanted, *found})
        if wanted.get(name) != found.get(name)
    ]
    assert not different, "\n".join([run.context, *different[:10]])


def test_everything_ties(run: Run) -> None:
    """No row is lost and every tie-out is tied, that of the receivables among them."""
    books.assert_all_is_accounted_for(run.warehouse, run.context)
