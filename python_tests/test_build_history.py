"""Every change of a figure between two builds is explained to the cent.

One small company, a grant of credits and a service line, is built again and again; between two
builds one thing happens, and the history says which. Amounts are worked out by hand: a credit
costs 1.00, the line is 120.00 for the year 2026.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any

import books
import pytest
import rooms
from warehouse import Row, Warehouse

LONG_ON_POSTGRES = ("test_each_change_has_one_class", "test_builds_that_leave_nothing_behind")

HISTORY = ("fct_builds", "rec_explained_changes")
TESTS = ("assert_changes_are_explained", "assert_build_history_is_the_journal")
# What builds change, as the tests read it: class, account, period and minor units.
Explained = dict[tuple[str, str, str], int]


def grant(grant_id: str) -> Row:
    """A grant that cost 1.00 USD per credit."""
    return {
        "grant_id": grant_id,
        "customer_id": "acme",
        "currency_id": "credits",
        "category": "PAID",
        "cost_basis": Decimal(1),
        "cost_currency": "USD",
        "updated_at": datetime(2026, 1, 1),
    }


def movement(
    key: str, kind: str, amount: int, when: datetime, known: datetime | None = None
) -> Row:
    """A row of the ledger of the grant that `key` begins with."""
    return {
        "id": key,
        "customer_id": "acme",
        "credit_grant_id": key.split()[0],
        "credit_currency_id": "credits",
        "event_type": f"CREDITS_{kind}",
        "amount": Decimal(amount),
        "timestamp": when,
        "created_at": known or when,
    }


class Company:
    """The company, which the tests change, and its builds.

    Attributes:
        warehouse: where it lives.
        ledger: rows by their id.
        grants: its grants.
        closes: rows of period_closes.
        variables: those of the next build.
    """

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self.grants = [grant("g1")]
        self.ledger: dict[str, Row] = {}
        self.closes: list[Row] = []
        self.variables = {
            **books.company_vars("2026-02-28", keep_build_history=True),
            "sources": ["stigg", "generic"],
        }
        self.move("g1 granted", "GRANTED", 100, datetime(2026, 1, 1))
        self.move("g1 january", "CONSUMED", 10, datetime(2026, 1, 10))
        self.move("g1 february", "CONSUMED", 20, datetime(2026, 2, 10))
        rooms.load_room(
            warehouse,
            "generic",
            {
                "service_lines": [
                    {
                        "line_id": "year",
                        "invoice_id": "in_1",
                        "customer_id": "acme",
                        "currency": "USD",
                        "amount": Decimal(120),
                        "service_starts_at": datetime(2026, 1, 1),
                        "service_ends_at": datetime(2027, 1, 1),
                        "booked_at": datetime(2026, 1, 1),
                        "known_at": datetime(2026, 1, 1),
                    }
                ],
                "invoices": [
                    {
                        "invoice_id": "in_1",
                        "customer_id": "acme",
                        "currency": "USD",
                        "total": Decimal(120),
                        "booked_at": datetime(2026, 1, 1),
                    }
                ],
            },
        )
        books.forget_seals(warehouse)

    def move(self, key: str, *values: Any) -> None:
        """Add a row to the ledger, or write it anew."""
        self.ledger[key] = movement(key, *values)

    def build(self, *marts: str, **more: Any) -> None:
        """Load what the company is now, and build it."""
        tables = {"credit_grants": self.grants, "credit_ledger": [*self.ledger.values()]}
        books.load_company(self.warehouse, tables, self.closes, keeps_seals=True)
        books.build_marts(self.warehouse, {**self.variables, **more}, marts or HISTORY)

    def explained(self, **more: Any) -> Explained:
        """Build, and what that build says of revenue that is not as it was."""
        before = self.newest_build()
        self.build(**more)
        assert self.newest_build() == before + 1
        return {
            (row["change_class"], row["account"], row["accounting_period"]): row["change_minor"]
            for row in self.changes(before + 1)
            if row["account"] in ("credit_revenue", "service_revenue")
        }

    def newest_build(self) -> int:
        """The number of the newest build in the history, 0 without one."""
        with suppress(Exception):
            return max(row["build_number"] for row in self.warehouse.table("fct_builds"))
        return 0

    def changes(self, build_number: int) -> list[Row]:
        """What a build changed."""
        return [
            row
            for row in self.warehouse.table("rec_explained_changes")
            if row["build_number"] == build_number
        ]

    def assert_proved(self) -> None:
        """The classes sum to the change of every balance, and the history is the journal."""
        result = self.warehouse.build("test", "--select", *TESTS, vars=self.variables).check()
        assert sum(name.startswith("test.") for name in result.nodes) == len(TESTS)


@pytest.fixture
def company(warehouse: Warehouse) -> Company:
    """The company after its first build, on each engine."""
    company = Company(warehouse)
    company.build()
    return company


def assert_all_is_new(company: Company) -> None:
    """The first build leads from nothing to the balances."""
    (build,) = company.warehouse.table("fct_builds")
    assert build["previous_build_id"] is None
    changes = company.changes(1)
    assert {row["change_class"] for row in changes} == {"new_obligation"}
    balances = {
        (row["account"], row["accounting_period"]): row["closing_minor"] - row["opening_minor"]
        for row in company.warehouse.table("fct_account_balances")
    }
    explained = {(row["account"], row["accounting_period"]): row["change_minor"] for row in changes}
    assert explained == {key: minor for key, minor in balances.items() if minor}
    # 100 credits less 10, and 120.00 less 31 days of 365.
    assert explained["deferred_revenue", "2026-01"] == 10000 - 1000 + 12000 - 1019
    assert {row["previous_minor"] for row in changes} == {0}


def test_each_change_has_one_class(company: Company) -> None:
    """What happened between two builds is what the history says, to the cent."""
    assert_all_is_new(company)
    assert company.explained() == {}, "nothing happened"

    company.grants.append(grant("g2"))
    company.move("g2 granted", "GRANTED", 50, datetime(2026, 2, 1))
    company.move("g2 used", "CONSUMED", 6, datetime(2026, 2, 21))
    company.move("g1 more", "CONSUMED", 5, datetime(2026, 2, 20))
    assert company.explained() == {
        ("new_obligation", "credit_revenue", "2026-02"): 600,
        ("new_rows", "credit_revenue", "2026-02"): 500,
    }
    deferred = {
        row["change_class"]: (row["previous_minor"], row["change_minor"], row["current_minor"])
        for row in company.changes(3)
        if row["account"] == "deferred_revenue"
    }
    # February before: 20 credits used, and 28 days of the line. Both classes show the whole.
    before, after = -2000 - 921, -2000 - 921 + 4400 - 500
    assert deferred == {
        "new_obligation": (before, 5000 - 600, after),
        "new_rows": (before, -500, after),
    }

    del company.ledger["g2 used"]
    company.move("g1 february", "CONSUMED", 22, datetime(2026, 2, 10))
    assert company.explained() == {
        ("deleted_rows", "credit_revenue", "2026-02"): -600,
        ("edited_rows", "credit_revenue", "2026-02"): 200,
    }

    # The close moves nothing; what was recorded after it is posted to February.
    january = {"accounting_period": "2026-01", "closed_at": datetime(2026, 2, 5)}
    company.closes = [january]
    company.move("g1 late", "CONSUMED", 7, datetime(2026, 1, 20), datetime(2026, 2, 15))
    assert company.explained() == {("late_rows", "credit_revenue", "2026-02"): 700}
    company.closes = [{**january, "closed_at": datetime(2026, 2, 16)}]
    assert company.explained() == {
        ("calendar_change", "credit_revenue", "2026-01"): 700,
        ("calendar_change", "credit_revenue", "2026-02"): -700,
    }

    # A day more of the line: time, and in February somebody's edit.
    company.variables["as_of_date"] = "2026-03-31"
    company.move("g1 february", "CONSUMED", 24, datetime(2026, 2, 10))
    assert company.explained() == {
        ("passage_of_time", "service_revenue", "2026-03"): 1019,
        ("edited_rows", "credit_revenue", "2026-02"): 200,
    }
    company.assert_proved()


def test_a_policy_moves_what_it_decides(company: Company) -> None:
    """The same rows, another policy: the books of one entity become another's."""
    company.variables["entity_id"] = "other"
    company.explained()
    moved = {
        (row["entity_id"], row["accounting_period"]): row["change_minor"]
        for row in company.changes(2)
        if row["account"] == "credit_revenue"
    }
    assert moved == {
        ("default", "2026-01"): -1000,
        ("default", "2026-02"): -2000,
        ("other", "2026-01"): 1000,
        ("other", "2026-02"): 2000,
    }
    assert {row["change_class"] for row in company.changes(2)} == {"policy_or_code_change"}
    company.assert_proved()


def test_builds_that_leave_nothing_behind(company: Company) -> None:
    """What a build without history or a killed one changed is explained by the next."""
    company.move("g1 unseen", "CONSUMED", 3, datetime(2026, 2, 25))
    company.build(keep_build_history=False)
    assert company.newest_build() == 1
    assert {row["build_number"] for row in company.warehouse.table("rec_explained_changes")} == {1}
    company.assert_proved()
    company.move("g1 seen", "CONSUMED", 4, datetime(2026, 2, 26))
    assert company.explained() == {("new_rows", "credit_revenue", "2026-02"): 700}

    # Entries and balances without their commit mark, as a build that is killed leaves them.
    company.move("g1 killed", "CONSUMED", 1, datetime(2026, 2, 27))
    company.build("fct_build_entries", "fct_build_balances")
    left = company.warehouse.fetch(
        "select distinct build_id from fct_build_entries "
        "where build_id not in (select build_id from fct_builds)"
    )
    assert len(left) == 1
    company.assert_proved()
    assert company.explained() == {("new_rows", "credit_revenue", "2026-02"): 100}
    for name in ("fct_build_entries", "fct_build_balances"):
        found = {row["build_id"] for row in company.warehouse.table(name)}
        assert not found & {row["build_id"] for row in left}, name
    company.assert_proved()


def test_the_proofs_can_fail(company: Company) -> None:
    """A history that says a cent more than the balances is found, by both proofs."""
    company.assert_proved()
    company.warehouse.execute(
        "update fct_build_entries set amount_minor = amount_minor + 1, entry_digest = 'x' "
        "where event_type = 'credit_consumed' and accounting_period = '2026-01'"
    )
    variables = {**company.variables, "keep_build_history": False}
    company.warehouse.build("run", "--select", "rec_explained_changes", vars=variables).check()
    result = company.warehouse.build("test", "--select", *TESTS, vars=variables)
    assert {name.split(".")[-1] for name in result.failed} == {*TESTS}


def test_a_late_row_of_a_sealed_period(duckdb_warehouse: Warehouse) -> None:
    """It arrives with an older recording time, and is a correction of what was sealed."""
    company = Company(duckdb_warehouse)
    company.variables |= {"sources": ["stigg"], "on_seal_break": "correct"}
    company.closes = [{"accounting_period": "2026-01", "closed_at": datetime(2026, 2, 5)}]
    marts = (*HISTORY, "fct_period_seals")
    company.build(*marts)
    assert company.warehouse.table("fct_period_seals")
    company.move("g1 arrived late", "CONSUMED", 2, datetime(2026, 1, 25))
    company.build(*marts)
    changes = {
        (row["change_class"], row["accounting_period"]): row["change_minor"]
        for row in company.changes(2)
        if row["account"] == "credit_revenue"
    }
    assert changes == {("late_rows", "2026-02"): 200}
    company.assert_proved()
