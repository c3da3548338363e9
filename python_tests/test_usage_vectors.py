"""Examples of metered usage, from raw rows of the meter to the change of every account per period.

One company holds them all, a customer per example, and is built once per engine by the project
that the other published examples use (`vector_project`), for volume pricing has the right to
invoice only where a policy allows it. What the examples are is said in vectors/README.md.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import books
import pytest
import test_stripe_vectors as published
import test_usage_oracle
import usage_rows
from installing import install
from warehouse import Warehouse

MARTS = (
    "fct_journal_entries",
    "fct_journal_evidence",
    "rec_completeness",
    "rec_exceptions",
    "rec_tie_outs",
)
Changes = dict[str | None, published.Changes]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project of the vectors, with revrec installed by `dbt deps`."""
    return install(published.PROJECT, tmp_path_factory.mktemp("vectors"))


@pytest.fixture(scope="module")
def company(warehouse: Warehouse, project: Path) -> Warehouse:
    """All examples, built once on each engine."""
    usage_rows.load_metering(warehouse, usage_rows.example_tables())
    books.load_finance(warehouse, {}, [])
    variables = books.company_vars(test_usage_oracle.AS_OF_DATE, sources=["metering"])
    selection = [f"+{mart}" for mart in MARTS]
    command = ("build", "--select", *selection, "--exclude-resource-type", "test", "unit_test")
    warehouse.build(*command, vars=variables, project_dir=project).check()
    return warehouse


@pytest.fixture(scope="module")
def changes(company: Warehouse) -> Changes:
    """The changes of the company, read once."""
    return published.changes_by_customer(company)


@pytest.mark.parametrize("example_id", test_usage_oracle.EXAMPLES)
def test_an_example(changes: Changes, example_id: str) -> None:
    """To the cent, in every printed period, for every account that is printed."""
    test_usage_oracle.assert_example(changes[example_id], example_id)


def test_the_invoice_of_the_seed_text_reverses_what_was_accrued(company: Warehouse) -> None:
    """60.00 leave the unbilled receivable, and revenue has no part in it."""
    found = [
        (row["amount"], row["debit_account"], row["credit_account"])
        for row in company.table("fct_journal_entries")
        if row["customer_id"] == "U_seed_invoiced" and row["event_type"] != "usage_accrued"
        if row["amount_minor"]
    ]
    assert found == [(Decimal(60), "accounts_receivable", "unbilled_receivable")]


def test_everything_is_accounted_for(company: Warehouse) -> None:
    """Every raw row has a disposition, every tie-out is tied and no row is an exception."""
    books.assert_all_is_accounted_for(company, company.engine)
    assert company.table("rec_exceptions") == []
