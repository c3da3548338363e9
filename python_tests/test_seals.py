"""Closed periods are sealed: what later builds may not move, what they post instead.

A company is told as of an instant: `build` loads the rows that were recorded and the closes that
were made by then, and keeps the seals of the builds before. Every close has a row of the grant
`pulse` just after it, for a period is sealed once its sources have recorded something since.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Mapping
from copy import deepcopy
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import books
import histories
import pytest
import rooms
import yaml
from installing import install
from warehouse import REPOSITORY, BuildResult, Row, Warehouse

INSTALLING = Path(__file__).parent / "installing_project"
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

# The long way round; what engines do differently is in the tests that stay.
LONG_ON_POSTGRES = (
    "test_a_period_is_closed_reopened_and_closed_again",
    "test_every_cause_stops_the_build_and_can_be_corrected",
    "test_ten_thousand_late_rows_move_no_sealed_period",
)


# --------------------------------------------------------------------------------------------------
# A company
# --------------------------------------------------------------------------------------------------


def entry(
    grant_id: str, event_type: str, units: int | str, when: datetime, known: datetime | None = None
) -> Row:
    """A row of the ledger, recorded when it happened by default; its id says what it is."""
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
        self.fx_rates: list[Row] = []
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
            "fx_rates": self.fx_rates,
        }
        books.load_company(house, tables, closes_before(self.closes, at), keeps_seals=keeps_seals)


def closes_before(closes: list[Row], at: datetime) -> list[Row]:
    """The closes and reopenings of before an instant."""
    return [
        {**row, "reopened_at": row["reopened_at"] if (row["reopened_at"] or at) < at else None}
        for row in closes
        if row["closed_at"] < at
    ]


def run_vars(at: datetime, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The vars of a build as of an instant."""
    return books.company_vars(at.date()) | dict(variables)


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
    given = run_vars(at, variables)
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
    """The entries of every period whose newest seal is in force are those that were sealed."""
    states = house.table("int_seal_states", schema=f"{house.schema}_intermediate")
    unbroken = {s["accounting_period"] for s in states if s["seal_state"] == "in_force"}
    newest = dict(sealed_periods(house))
    posted, sealed = journal(house), house.table("fct_sealed_entries")
    for period in unbroken:
        of_a_seal = ("seal_id", "books_id", "seal_version", "entry_digest")
        expected = [
            {k: v for k, v in row.items() if k not in of_a_seal}
            for row in sealed
            if (row["accounting_period"], row["seal_version"]) == (period, newest[period])
        ]
        actual = [row for row in posted if row["accounting_period"] == period]
        assert books.row_differences(expected, actual) == [], f"{house.engine}, {period}"


def corrections(house: Warehouse, period: str | None = None) -> set[tuple]:
    """The corrections that a period has: obligation, effective period, minor units, units.

    What is taken back is negative.
    """
    found = set()
    for row in journal(house):
        if row["event_type"] != "seal_correction" or period not in (None, row["accounting_period"]):
            continue
        # Use credits revenue, and a grant what is deferred.
        credited = "credit_revenue", "deferred_revenue"
        accounts = [row["debit_account"], row["credit_account"]]
        account = next(name for name in credited if name in accounts)
        sign = 1 if row["credit_account"] == account else -1
        found.add(
            (
                row["obligation_id"],
                row["effective_period"],
                sign * row["amount_minor"],
                sign * row["quantity"],
            )
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


# --------------------------------------------------------------------------------------------------
# What breaks a seal
# --------------------------------------------------------------------------------------------------

CAUSES = (
    "arrived",
    "deleted",
    "edited",
    "basis",
    "earlier",
    "later",
    "renamed",
    "moved",
    "swapped",
    "words",
)


def company_of_causes() -> Company:
    """A grant for each cause, of which 100 units were used in January."""
    company = Company()
    for name in CAUSES:
        company.grant(name)
        company.use(name, 100, datetime(2026, 1, 10))
    company.use("deleted", 7, datetime(2026, 1, 12))
    company.use("earlier", 30, datetime(2026, 1, 20), datetime(2026, 2, 10))
    company.use("later", 30, datetime(2026, 1, 20))
    company.add(entry("swapped", "UPDATED", 5, datetime(2026, 1, 20)))
    return company


def rewritten(company: Company) -> Company:
    """The same company after its sources have rewritten what was sealed."""
    broken = deepcopy(company)
    broken.use("arrived", 5, datetime(2026, 1, 11))
    del broken.ledger["deleted CONSUMED 011200"]
    broken.ledger["edited CONSUMED 011000"]["amount"] = Decimal(140)
    broken.grants["basis"]["cost_basis"] = Decimal("1.25")
    broken.ledger["earlier CONSUMED 012000"]["created_at"] = datetime(2026, 1, 21)
    broken.ledger["later CONSUMED 012000"]["created_at"] = datetime(2026, 2, 10)
    broken.rename("renamed", "somebody else")
    broken.ledger["moved CONSUMED 011000"]["timestamp"] = datetime(2026, 2, 10)
    broken.ledger["words CONSUMED 011000"]["timestamp"] = datetime(2026, 1, 15)
    broken.ledger["swapped UPDATED 012000"]["amount"] = Decimal(-5)
    # A currency that the sealed periods never had.
    broken.grant("currency", currency="KWD")
    broken.use("currency", 100, datetime(2026, 1, 10))
    return broken


# By cause: what of the seals differs, as (type, period, event, difference in minor units).
BROKEN = {
    "arrived": {("changed", "2026-01", "consumed", 500)},
    "deleted": {("changed", "2026-01", "consumed", -700)},
    "edited": {("changed", "2026-01", "consumed", 4000)},
    "basis": {
        ("changed", "2025-12", "granted", 25000),
        ("changed", "2026-01", "consumed", 2500),
    },
    "earlier": {
        ("changed", "2026-01", "consumed", 3000),
        ("only_in_seal", "2026-02", "consumed", -3000),
    },
    "later": {
        ("changed", "2026-01", "consumed", -3000),
        ("only_in_books", "2026-02", "consumed", 3000),
    },
    "renamed": {
        (kind, period, event, sign * minor)
        for kind, sign in (("only_in_seal", -1), ("only_in_books", 1))
        for period, event, minor in (
            ("2025-12", "granted", 100000),
            ("2026-01", "consumed", 10000),
        )
    },
    "moved": {
        ("only_in_seal", "2026-01", "consumed", -10000),
        ("only_in_books", "2026-02", "consumed", 10000),
    },
    "swapped": {("changed", "2026-01", "adjusted", -1000)},
    "words": {("changed", "2026-01", "consumed", 0)},
    "currency": {
        ("only_in_books", "2025-12", "granted", 1000000),
        ("only_in_books", "2026-01", "consumed", 100000),
    },
}
# What corrects them: (effective period, amount, units), minus where the sides are swapped.
CORRECTED = {
    "arrived": {("2026-01", 500, 5)},
    "deleted": {("2026-01", -700, -7)},
    "edited": {("2026-01", 4000, 40)},
    "basis": {("2025-12", 25000, 0), ("2026-01", 2500, 0)},
    # Nothing to correct: the entry of 0 says that it was seen.
    "earlier": {("2026-01", 0, 0)},
    "later": {("2026-01", 0, 0)},
    "swapped": {("2026-01", -1000, -10)},
    "words": {("2026-01", 0, 0)},
    "renamed": {
        ("2025-12", 100000, 1000),
        ("2025-12", -100000, -1000),
        ("2026-01", 10000, 100),
        ("2026-01", -10000, -100),
    },
    "moved": {("2026-01", -10000, -100), ("2026-02", 10000, 100)},
    "currency": {("2025-12", 1000000, 1000), ("2026-01", 100000, 100)},
}


def corrected_in(house: Warehouse, period: str) -> dict[str, set[tuple]]:
    """The corrections of a period, in the shape of CORRECTED."""
    found: dict[str, set[tuple]] = {}
    for name, effective_period, amount, units in corrections(house, period):
        found.setdefault(name, set()).add((effective_period, amount, units))
    return found


def open_breaks(house: Warehouse) -> dict[str, set[tuple]]:
    """The breaks that are not corrected, in the shape of BROKEN."""
    found = {name: {row[:4] for row in rows if not row[4]} for name, rows in breaks(house).items()}
    return {name: rows for name, rows in found.items() if rows}


def test_every_cause_stops_the_build_and_can_be_corrected(
    duckdb_warehouse: Warehouse, postgres_warehouse: Warehouse
) -> None:
    """The guard names what moved; corrected, the difference is posted, sealed and done with.

    On both engines with the same seals.
    """
    march, april = datetime(2026, 3, 6), datetime(2026, 4, 6)
    written = []
    for house in (duckdb_warehouse, postgres_warehouse):
        company = company_of_causes()
        # Two periods that were closed, and the one that the first close holds, in one build.
        build(house, company, march, keeps_seals=False)
        assert sealed_periods(house) == [("2025-12", 1), ("2026-01", 1), ("2026-02", 1)]
        posted, first = journal(house), seals(house)

        broken = rewritten(company)
        stopped = build(house, broken, march, is_stopped=True)
        assert open_breaks(house) == BROKEN, house.engine
        for period in ("2025-12", "2026-01", "2026-02"):
            rows = [r for r in house.table("rec_seal_breaks") if r["accounting_period"] == period]
            moved = len({row["journal_entry_id"] for row in rows})
            accounts = {row[side] for row in rows for side in ("debit_account", "credit_account")}
            (line,) = [x for x in stopped.log.splitlines() if f"accounting_period={period}" in x]
            assert f"entries_that_moved={moved}, accounts={', '.join(sorted(accounts))}," in line
        assert (journal(house), seals(house)) == (posted, first), house.engine

        build(house, broken, march, **CORRECT)
        assert corrected_in(house, "2026-03") == CORRECTED, house.engine
        assert seals(house) == first
        build(house, broken, april, **CORRECT)
        assert sealed_periods(house)[-1] == ("2026-03", 1)
        assert corrected_in(house, "2026-03") == CORRECTED, house.engine
        assert corrected_in(house, "2026-04") == {}, house.engine

        # From 5 to 8 after the 5 was sealed, and back to nothing after the 40 were.
        again = deepcopy(broken)
        again.use("arrived", 3, datetime(2026, 1, 13))
        again.ledger["edited CONSUMED 011000"]["amount"] = Decimal(100)
        build(house, again, april, is_stopped=True)
        assert open_breaks(house) == {
            "arrived": {
                ("changed", "2026-01", "consumed", 800),
                ("only_in_seal", "2026-03", "seal_correction", -500),
            },
            "edited": {("only_in_seal", "2026-03", "seal_correction", -4000)},
        }, house.engine
        build(house, again, april, **CORRECT)
        expected = {"arrived": {("2026-01", 300, 3)}, "edited": {("2026-01", -4000, -40)}}
        assert corrected_in(house, "2026-04") == expected, house.engine

        # Taken back before they were sealed they leave nothing, and no build stops any more.
        build(house, broken, april)
        assert corrected_in(house, "2026-04") == {}, house.engine
        written.append(seals(house))
    assert written[0] == written[1]


def services(*, is_rewritten: bool) -> dict[str, list[Row]]:
    """Two invoices of January for services of its quarter, and one after the close of February.

    Rewritten, a line costs more, and another has moved to the other invoice.
    """
    second = "in_1" if is_rewritten else "in_2"
    lines = [
        ("line_edited", "in_1", "120.00" if is_rewritten else "90.00", datetime(2026, 1, 1)),
        ("line_moved", second, "90.00", datetime(2026, 1, 1)),
        ("line_kept", "in_2", "30.00", datetime(2026, 1, 1)),
        ("line_pulse", "in_3", "1.00", datetime(2026, 3, 4, 0, 0, 1)),
    ]
    totals: Counter = Counter()
    for _, invoice_id, amount, _ in lines:
        totals[invoice_id] += Decimal(amount)
    about = {"customer_id": "cus_1", "currency": "USD"}
    return {
        "service_lines": [
            {
                **{"line_id": name, "invoice_id": invoice_id, "amount": Decimal(amount), **about},
                **{"booked_at": booked, "service_starts_on": booked.date()},
                **{"service_ends_on": date(2026, 4, 1)},
            }
            for name, invoice_id, amount, booked in lines
        ],
        "invoices": [
            {
                **{"invoice_id": name, "total": total, **about},
                "booked_at": datetime(2026, 3, 4, 0, 0, 1) if name == "in_3" else lines[0][3],
            }
            for name, total in totals.items()
        ],
    }


def test_corrected_books_pass_every_test_of_the_project(duckdb_warehouse: Warehouse) -> None:
    """Credits of every cause, a line of another amount, and one that moves to another invoice."""
    house, march = duckdb_warehouse, datetime(2026, 3, 6)
    company = company_of_causes()
    both = {"sources": ["stigg", "generic"]}
    rooms.load_room(house, "generic", services(is_rewritten=False))
    build(house, company, march, keeps_seals=False, **both)
    assert sealed_periods(house)[-1] == ("2026-02", 1)
    rooms.load_room(house, "generic", services(is_rewritten=True))
    build(house, rewritten(company), march, is_stopped=True, **both)
    broken = open_breaks(house)
    assert {*BROKEN, "line_edited", "line_moved"} == broken.keys()
    assert {row[:3] for row in broken["line_moved"]} >= {
        (kind, "2026-01", "service_recognised") for kind in ("only_in_seal", "only_in_books")
    }

    given = run_vars(march, {**both, **CORRECT})
    house.build("build", "--exclude-resource-type", "unit_test", vars=given).check()
    # 59 of 90 days of 30.00 were over.
    corrected = [
        row["amount_minor"]
        for row in journal(house)
        if row["obligation_id"] == "line_edited"
        and row["event_type"] == "seal_correction"
        and row["credit_account"] == "service_revenue"
    ]
    assert sum(corrected) == 1967
    books.assert_all_is_accounted_for(house, "corrected")
    assert_seals_hold(house)


FUNCTIONAL_TESTS = (
    "assert_functional_balances_balance",
    "assert_no_amount_is_negative",
    "assert_debits_equal_credits",
    "assert_balances_balance",
)


@pytest.mark.long
def test_a_rate_is_edited_and_an_entity_renamed(duckdb_warehouse: Warehouse) -> None:
    """Only functional value moves, then all of it to another entity; what is posted says both."""
    house, march = duckdb_warehouse, datetime(2026, 3, 6)
    company = Company()
    company.grant("euros", currency="EUR")
    company.use("euros", 100, datetime(2026, 1, 10))
    rate = {"rate_date": "2025-12-01", "from_currency": "EUR", "to_currency": "USD", "rate": "1.10"}
    company.fx_rates = [rate]
    fresh = {"fx_max_age_days": 400, "functional_currency": "USD"}
    build(house, company, march, keeps_seals=False, **fresh)
    rate["rate"] = "1.20"
    build(house, company, march, is_stopped=True, **fresh)
    build(house, company, march, **fresh, **CORRECT)
    posted = [row for row in journal(house) if row["event_type"] == "seal_correction"]
    assert {
        (r["effective_period"], r["amount_minor"], r["functional_amount_minor"]) for r in posted
    } == {("2025-12", 0, 10000), ("2026-01", 0, 1000)}
    (deferred,) = house.fetch(
        "select closing_minor, functional_closing_minor from fct_account_balances where "
        "account = 'deferred_revenue' and currency = 'EUR' and accounting_period = '2026-03'"
    )
    assert tuple(deferred.values()) == (90000, 108000)

    renamed = {**fresh, "entity_id": "other"}
    build(house, company, march, is_stopped=True, **renamed)
    build(house, company, march, **renamed, **CORRECT)
    house.build("test", "--select", *FUNCTIONAL_TESTS, vars=run_vars(march, renamed)).check()
    deferred = house.fetch(
        "select entity_id, closing_minor, functional_closing_minor from fct_account_balances where "
        "account = 'deferred_revenue' and currency = 'EUR' and accounting_period = '2026-03'"
    )
    assert {tuple(row.values()) for row in deferred} == {
        ("default", 0, 0),
        ("other", 90000, 108000),
    }


def test_a_policy_is_edited(
    duckdb_warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A project that installs revrec decides otherwise what was sealed; later seals say so."""
    house, march = duckdb_warehouse, datetime(2026, 3, 6)
    company = Company()
    company.grant("forfeit")
    company.rename("forfeit", "c_forfeit")
    company.add(
        {**entry("forfeit", "VOIDED", 100, datetime(2026, 1, 10)), "customer_id": "c_forfeit"}
    )
    build(house, company, march, keeps_seals=False)
    project = install(INSTALLING, tmp_path_factory.mktemp("installing"))

    def build_there(at: datetime, **variables: str) -> BuildResult:
        company.load(house, at)
        names = ("+fct_period_seals", GUARD, "--indirect-selection", "empty")
        given = run_vars(at, variables)
        return house.build("build", "--select", *names, vars=given, project_dir=project)

    stopped = build_there(march)
    assert [name.split(".")[-1] for name in stopped.failed] == [GUARD], str(stopped)
    # Voided credits are forfeited there, and entities are told by currency.
    assert {row[2:4] for row in breaks(house)["forfeit"]} == {
        ("granted", -100000),
        ("granted", 100000),
        ("revoked", -10000),
        ("revoked", 10000),
    }
    build_there(datetime(2026, 4, 6), **CORRECT).check()
    assert_seals_hold(house)
    digests = {(r["accounting_period"], r["policy_digest"]) for r in seals(house)}
    assert len(digests) == 4
    assert len({digest for _, digest in digests}) == 2


def test_every_policy_is_in_the_digest_and_the_version_is_that_of_the_project() -> None:
    """The macros of seals name every file in macros/policy, and the version of the project."""
    said = (REPOSITORY / "macros" / "project" / "seals.sql").read_text(encoding="utf-8")
    names = re.search(r"macro policy_names\(\).*?return\(\[(.*?)\]\)", said, re.S)
    files = {path.stem for path in (REPOSITORY / "macros" / "policy").glob("*.sql")}
    assert set(re.findall(r'"(\w+)"', names[1])) == files
    version = re.search(r"macro project_version\(\).*?return\(\"(.*?)\"\)", said, re.S)
    project = yaml.safe_load((REPOSITORY / "dbt_project.yml").read_text(encoding="utf-8"))
    assert version[1] == project["version"]


# --------------------------------------------------------------------------------------------------
# Random histories
# --------------------------------------------------------------------------------------------------

CUSTOMERS = 200
LAST_DAY = datetime(2026, 6, 30)
WEEKS = {"calendar": "4-4-5", "fiscal_year_start": "2025-02-03"}


def week_closes() -> list[Row]:
    """Every period of the 4-4-5 year that begins on 3 February 2025, and what was before it."""
    ends = [datetime(2025, 2, 3) - timedelta(days=1)]
    for number in range(12):
        ends.append(ends[-1] + timedelta(weeks=5 if number % 3 == 2 else 4))
    names = ["FY2024-P12", *(f"FY2025-P{number:02d}" for number in range(1, 13))]
    return histories.closes_of_periods([(n, d.date()) for n, d in zip(names, ends, strict=True)])


class History(Company):
    """A random company, with a pulse after every close; the rows of a ledger may have no id."""

    def __init__(self, seed: int, closes: list[Row]) -> None:
        """A company of CUSTOMERS customers, all of whose rows can be booked."""
        super().__init__(closes)
        tables = histories.random_company(seed, CUSTOMERS, closes=closes, sane_share=1)
        self.tables = {
            "credit_grants": [*tables["credit_grants"], *self.grants.values()],
            "credit_ledger": [*tables["credit_ledger"], *self.ledger.values()],
        }

    def load(self, house: Warehouse, at: datetime, *, keeps_seals: bool = True) -> None:
        """What had been recorded and closed before an instant; the terms of grants always were."""
        rows = self.tables["credit_ledger"]
        known = [row for row in rows if (row["created_at"] or row["timestamp"]) < at]
        tables = {**self.tables, "credit_ledger": known}
        books.load_company(house, tables, closes_before(self.closes, at), keeps_seals=keeps_seals)


def instants_of(closes: list[Row], *, every: bool) -> list[datetime]:
    """When a month by month company is built: before each close or reopening, and in the end.

    Or only before the reopenings, and before every fifth close where there are none.
    """
    instants = histories.close_instants(closes)[1:]
    reopened = sorted({row["reopened_at"] for row in closes} - {None})
    return [*(instants if every else reopened or instants[4::5]), LAST_DAY]


@pytest.mark.parametrize(
    ("name", "every"),
    [
        ("quarterly", True),
        pytest.param("reopened", False, marks=pytest.mark.long),
        pytest.param("reopened", True, marks=pytest.mark.long),
        pytest.param("monthly", True, marks=pytest.mark.long),
        pytest.param("weeks", True, marks=pytest.mark.long),
        pytest.param("monthly", False, marks=pytest.mark.long),
    ],
)
def test_builds_month_by_month_give_the_closed_periods_of_one_final_build(
    duckdb_warehouse: Warehouse, postgres_warehouse: Warehouse, seed: int, name: str, every: bool
) -> None:
    """What each build sealed of what was known by then is what one build of everything says."""
    closes = week_closes() if name == "weeks" else histories.CLOSE_CALENDARS[name]
    variables = WEEKS if name == "weeks" else {}
    company = History(seed, closes)
    sealed = []
    for house in (duckdb_warehouse, postgres_warehouse):
        for number, at in enumerate(instants_of(closes, every=every)):
            build(house, company, at, keeps_seals=number > 0, **variables)
            assert house.table("rec_seal_breaks") == [], f"--seed {seed}, {house.engine}, {at}"
        by_month = journal(house)
        sealed.append(seals(house))
        versions = {row["seal_version"] for row in sealed[-1]}
        assert versions == ({1, 2, 3} if name == "reopened" else {1}), versions

        # Sealed all at once, of a company that is new: all that its books say is derived.
        build(house, company, LAST_DAY, keeps_seals=False, **variables)
        assert journal(house) == by_month, f"--seed {seed}, {house.engine}"
        newest = dict(sealed_periods(house))
        assert newest.keys() == {row["accounting_period"] for row in sealed[-1]} - (
            {"2026-02"} if name == "reopened" else set()
        )
    assert sealed[0] == sealed[1]


# --------------------------------------------------------------------------------------------------
# Reopening
# --------------------------------------------------------------------------------------------------


def test_a_period_is_closed_reopened_and_closed_again(warehouse: Warehouse) -> None:
    """Late facts post where their time says, and what had corrected older seals posts once more."""
    closes = [
        histories.close_row("2025-12", datetime(2026, 1, 5)),
        histories.close_row("2026-01", datetime(2026, 2, 4), datetime(2026, 2, 20)),
        histories.close_row("2026-01", datetime(2026, 2, 25)),
    ]
    company = Company(closes)
    company.grant("walk")
    company.use("walk", 100, datetime(2026, 1, 10))
    late = {
        day: company.use("walk", day, datetime(2026, 1, 11, day % 24), datetime(2026, 2, day))
        for day in (10, 22, 26)
    }
    assert len(late) == 3
    company.grant("older")
    build(warehouse, company, datetime(2026, 1, 6), keeps_seals=False)
    assert sealed_periods(warehouse) == [("2025-12", 1)]

    # December is derived otherwise: corrected in January, which is sealed with it.
    company.use("older", 5, START + timedelta(days=1))
    build(warehouse, company, datetime(2026, 2, 6), **CORRECT)
    assert sealed_periods(warehouse) == [("2025-12", 1), ("2026-01", 1)]
    first = seals(warehouse)
    entries = warehouse.table("fct_sealed_entries")
    assert corrections(warehouse) == {("older", "2025-12", 500, 5)}
    assert corrections(warehouse, "2026-01") == corrections(warehouse)

    def posted() -> dict[tuple[str, str], Decimal]:
        """Units used of the grant, by effective and accounting period."""
        return {
            (row["effective_period"], row["accounting_period"]): row["quantity"]
            for row in journal(warehouse)
            if row["obligation_id"] == "walk" and row["event_type"] == "credit_consumed"
        }

    # Reopened: nothing of January is sealed now, and December still is.
    build(warehouse, company, datetime(2026, 2, 24), **CORRECT)
    assert posted() == {("2026-01", "2026-01"): 122, ("2026-01", "2026-02"): 10}
    assert corrections(warehouse, "2026-01") == {("older", "2025-12", 500, 5)}
    assert seals(warehouse) == first

    # Closed again, which the default allows once the correction is sealed, not before.
    build(warehouse, company, datetime(2026, 2, 27), is_stopped=True)
    build(warehouse, company, datetime(2026, 2, 27), **CORRECT)
    build(warehouse, company, datetime(2026, 2, 27))
    assert posted() == {("2026-01", "2026-01"): 122, ("2026-01", "2026-02"): 36}
    assert corrections(warehouse) == {("older", "2025-12", 500, 5)}
    assert sealed_periods(warehouse) == [("2025-12", 1), ("2026-01", 1), ("2026-01", 2)]
    assert books.row_differences(first, seals(warehouse)) == [
        ("too much", row)
        for _, row in books.row_differences(first, seals(warehouse))
        if row["seal_version"] == 2
    ]
    kept = {row["seal_id"] for row in first}
    now = [row for row in warehouse.table("fct_sealed_entries") if row["seal_id"] in kept]
    assert books.row_differences(entries, now) == []


# --------------------------------------------------------------------------------------------------
# Ten thousand late rows
# --------------------------------------------------------------------------------------------------

LATE_ROWS = 10_000
PRICES = ("0.0333", "0.333333333333", "0.005", "1.00", "0.10", "7.777777777777", "0.666666666667")


def half_away(value: Fraction) -> int:
    """The nearest integer to a positive fraction, halves up."""
    return int(value + Fraction(1, 2))


def test_ten_thousand_late_rows_move_no_sealed_period(
    duckdb_warehouse: Warehouse, postgres_warehouse: Warehouse, seed: int
) -> None:
    """Three closed months stay as they are, and the corrections are the late rows, to the cent."""
    rng = random.Random(seed)
    grants = [f"g{number:02d}" for number in range(50)]
    company, used, late = Company(), Counter(), Counter()
    for number, name in enumerate(grants):
        company.grant(name, price=PRICES[number % len(PRICES)], units=1_000_000)
        for month in (1, 2, 3):
            units = rng.randint(1, 999)
            company.use(name, units, datetime(2026, month, rng.randint(1, 28)))
            used[name] += units
    with_late_rows = deepcopy(company)
    for number in range(LATE_ROWS):
        name, units = rng.choice(grants), Decimal(rng.randint(1, 9999)).scaleb(-2)
        when = datetime(2026, 1, 1) + timedelta(seconds=rng.randrange(90 * 86400))
        row = entry(name, "CONSUMED", units, when, datetime(2026, 4, 10))
        with_late_rows.add({**row, "id": f"late {number}"})
        late[name] += units
    expected = 0
    for name in grants:
        price = 100 * Fraction(company.grants[name]["cost_basis"])
        before, after = Fraction(used[name]), Fraction(used[name]) + Fraction(late[name])
        expected += half_away(after * price) - half_away(before * price)

    written = []
    for house in (duckdb_warehouse, postgres_warehouse):
        context = f"--seed {seed}, {house.engine}"
        build(house, company, datetime(2026, 4, 6), keeps_seals=False)
        sealed, closed = seals(house), journal(house, "2026-03")
        assert sealed_periods(house)[-1] == ("2026-03", 1), context
        build(house, with_late_rows, datetime(2026, 4, 11))
        assert seals(house) == sealed, context
        assert journal(house, "2026-03") == closed, context
        assert house.table("rec_seal_breaks") == [], context
        posted = [row for row in journal(house) if row["is_correction"]]
        assert sum(row["amount_minor"] for row in posted) == expected, context
        assert sum(row["source_entry_count"] for row in posted) == LATE_ROWS, context
        written.append((sealed, journal(house)))
    assert written[0] == written[1], f"--seed {seed}"


# --------------------------------------------------------------------------------------------------
# When a period is sealed, and what never changes a seal
# --------------------------------------------------------------------------------------------------


def test_what_a_seal_waits_for(duckdb_warehouse: Warehouse) -> None:
    """The close has been made, as_of_date covers the period, every source has come since."""
    house, february = duckdb_warehouse, datetime(2026, 2, 6)
    company = Company()
    # The exports end before the close of January.
    pulse = company.ledger.pop("pulse CONSUMED 020400")
    company.use("pulse", 3, datetime(2026, 1, 30))
    build(house, company, february, keeps_seals=False)
    assert sealed_periods(house) == []
    company.add(pulse)
    # As of a day in January, only December is over.
    pulse["timestamp"] = datetime(2026, 1, 30)
    build(house, company, february, as_of_date="2026-01-30")
    assert sealed_periods(house) == [("2025-12", 1)]
    # Nobody closes a month in the future.
    future = Company([histories.close_row("2026-01", datetime(2099, 1, 1))])
    build(house, future, datetime(2099, 2, 1), as_of_date="2026-04-05", keeps_seals=False)
    assert sealed_periods(house) == []


@pytest.mark.long
def test_what_leaves_seals_alone(duckdb_warehouse: Warehouse) -> None:
    """A second build, a full refresh, books of an earlier day and other books."""
    house, march = duckdb_warehouse, datetime(2026, 3, 6)
    company = Company()
    company.grant("a")
    company.use("a", 100, datetime(2026, 1, 10))
    build(house, company, march, keeps_seals=False)
    kept = ("fct_period_seals", "fct_sealed_entries")
    first = [house.table(name) for name in kept]
    build(house, company, march, "--full-refresh")
    assert [house.table(name) for name in kept] == first

    # As of a day before the newest seal they are not read either.
    late = deepcopy(company)
    late.use("a", 5, datetime(2026, 1, 11))
    build(house, late, march, as_of_date="2026-01-31")
    assert {row["quantity"] for row in journal(house) if row["obligation_id"] == "a"} == {105, 1000}
    assert [house.table(name) for name in kept] == first

    # Other books: in another time zone these rows are sealed as they are now.
    build(house, late, march, accounting_timezone="Europe/Berlin")
    assert len(house.table("fct_period_seals")) == 2 * len(first[0])
    assert len({row["books_id"] for row in house.table("fct_period_seals")}) == 2
    build(house, late, march, is_stopped=True)


@pytest.mark.long
def test_a_withdrawn_close_keeps_its_seal(duckdb_warehouse: Warehouse) -> None:
    """A line of period_closes that is gone, or says something else, lets nothing move silently."""
    house, march = duckdb_warehouse, datetime(2026, 3, 10)
    company = Company()
    company.grant("a")
    company.use("a", 100, datetime(2026, 2, 10))
    company.use("a", 5, datetime(2026, 2, 11), datetime(2026, 3, 6))
    build(house, company, march, keeps_seals=False)
    for closes in ([JANUARY], [JANUARY, {**FEBRUARY, "closed_at": datetime(2026, 3, 8)}]):
        withdrawn = deepcopy(company)
        withdrawn.closes = closes
        build(house, withdrawn, march, is_stopped=True)
        assert open_breaks(house) == {"a": {("changed", "2026-02", "consumed", 500)}}
    # Reopened after it was edited, it is open: the seal is not of another close.
    reopened = deepcopy(company)
    reopened.closes = [
        JANUARY,
        {
            **FEBRUARY,
            "closed_at": datetime(2026, 3, 5),
            "reopened_at": datetime(2026, 3, 5, 12),
        },
    ]
    build(house, reopened, march)
    assert {r["accounting_period"] for r in journal(house) if r["quantity"] == 105} == {"2026-02"}


def test_a_seal_is_retired(warehouse: Warehouse) -> None:
    """By whom and why is kept; the next build seals the period again, as its next version."""
    march = datetime(2026, 3, 6)
    company = Company()
    company.grant("a")
    company.use("a", 100, datetime(2026, 1, 10))
    build(warehouse, company, march, keeps_seals=False)
    company.use("a", 5, datetime(2026, 1, 11))

    def retire(**arguments: Any) -> BuildResult:
        given = books.company_vars(march.date())
        args = json.dumps(arguments)
        return warehouse.build("run-operation", "retire_seal", "--args", args, vars=given)

    who = {"accounting_period": "2026-01", "retired_by": "ann"}
    for arguments, said in (
        ({**who, "reason": " "}, "reason of retire_seal is a text of 1 to 500 characters"),
        ({**who, "reason": 7}, "reason of retire_seal is a text"),
        ({**who, "reason": "x", "accounting_period": "2026-03"}, "2026-03 has no seal in force"),
    ):
        refused = retire(**arguments)
        assert not refused.success
        assert said in refused.log, refused.log[-2000:]
    assert warehouse.table("fct_seal_retirements") == []

    refused = retire(**who, reason="Ann's mistake")
    assert "2026-02 is sealed and rests on 2026-01" in refused.log, refused.log[-2000:]
    retire(**{**who, "accounting_period": "2026-02"}, reason="rests on January").check()
    done = retire(**who, reason="Ann's mistake").check()
    assert "the seal of 2026-01 (version 1) is retired by ann" in done.log
    rows = warehouse.table("fct_seal_retirements")
    january = [row for row in rows if row["accounting_period"] == "2026-01"]
    assert {(row["retired_by"], row["reason"]) for row in january} == {("ann", "Ann's mistake")}
    assert len(january) == 2  # of the currency, and of the period as a whole
    assert "no seal in force" in retire(**who, reason="again").log

    build(warehouse, company, march)
    assert sealed_periods(warehouse) == [
        ("2025-12", 1),
        ("2026-01", 1),
        ("2026-01", 2),
        ("2026-02", 1),
        ("2026-02", 2),
    ]
    assert 105 in {row["quantity"] for row in journal(warehouse, "2026-01")}
