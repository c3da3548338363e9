"""The worked example of the credit books, entry by entry.

The data in vectors/credits_worked_example are a transcription of the page
`credits_worked_example.md`, where every amount is worked out by hand.
"""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path

import books
import pytest
from warehouse import Row, Warehouse

VECTORS = Path(__file__).parent / "vectors" / "credits_worked_example"
EXPECTED_MEMO_ROWS = 3


def vector(name: str) -> list[Row]:
    """The rows of one table of the example; an empty field is null."""
    with (VECTORS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [{k: v or None for k, v in row.items()} for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def example(warehouse: Warehouse) -> Warehouse:
    """The example, built."""
    tables = {"credit_grants": vector("grants"), "credit_ledger": vector("ledger")}
    books.load_company(warehouse, tables, vector("closes"))
    books.build_marts(warehouse, books.company_vars("2026-03-31"))
    return warehouse


def test_the_journal_is_exactly_that_of_the_table(example: Warehouse) -> None:
    """No entry is missing, none is too much, and every amount is the same to the cent."""
    expected = vector("journal")
    columns = list(expected[0])
    for row in expected:
        row["amount"] = Decimal(row["amount"])
        row["is_correction"] = row["is_correction"] == "true"
    actual = [
        {column: row[column] for column in columns} for row in example.table("fct_journal_entries")
    ]
    assert books.row_differences(expected, actual) == []
    assert {row["currency"] for row in example.table("fct_journal_entries")} == {"USD"}


def test_deferred_revenue_closes_as_the_example_says(example: Warehouse) -> None:
    """29.97, 49.98, and nothing once all is used, expired or void."""
    actual = {
        row["accounting_period"]: row["closing_amount"]
        for row in example.table("fct_account_balances")
        if row["account"] == "deferred_revenue"
    }
    expected = {
        row["accounting_period"]: Decimal(row["closing_amount"])
        for row in vector("deferred_balances")
    }
    assert actual == expected


def test_grant_periods_add_up_to_the_same_deferred_revenue(example: Warehouse) -> None:
    """The subledger says what the ledger says, in every period."""
    closing: Counter = Counter()
    for row in example.table("fct_credit_grant_periods"):
        closing[row["accounting_period"]] += row["closing_deferred_minor"]
    for row in vector("deferred_balances"):
        assert Decimal(closing[row["accounting_period"]]) / 100 == Decimal(row["closing_amount"])


def test_promotional_rows_are_memo(example: Warehouse) -> None:
    """The rows of g2 have a disposition and no entry."""
    rows = [r for r in example.table("fct_journal_evidence") if r["disposition"] == "memo"]
    assert {row["source_key"] for row in rows} == {"2", "3", "8"}
    assert len(rows) == EXPECTED_MEMO_ROWS
    assert all(row["journal_entry_id"] is None for row in rows)


def test_nothing_is_lost_and_nothing_is_wrong(example: Warehouse) -> None:
    """Every tie-out is tied, every row accounted for, and there is no exception."""
    books.assert_all_is_accounted_for(example, example.engine)
    # The example does not say what the source has as remaining units.
    assert example.table("rec_exceptions") == []
