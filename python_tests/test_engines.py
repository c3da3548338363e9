"""The sample company has the same marts on DuckDB and on Postgres, row for row."""

from __future__ import annotations

from collections import Counter

import books
import pytest
from warehouse import Row, Warehouse


@pytest.fixture(scope="module")
def both(duckdb_warehouse: Warehouse, postgres_warehouse: Warehouse) -> tuple[Warehouse, Warehouse]:
    """The sample company, built on both engines with the default vars."""
    for warehouse in (duckdb_warehouse, postgres_warehouse):
        warehouse.build("build", "--exclude-resource-type", "test", "unit_test").check()
    return duckdb_warehouse, postgres_warehouse


@pytest.mark.parametrize("mart", books.MARTS)
def test_rows(both: tuple[Warehouse, Warehouse], mart: str) -> None:
    """The same rows, as often, in every column; numbers are equal exactly."""
    duckdb, postgres = (warehouse.table(mart) for warehouse in both)
    different = books.row_differences(duckdb, postgres)
    shown = "\n".join(f"  {side} on Postgres: {row}" for side, row in different[:5])
    assert not different, f"{mart}: {len(different)} rows differ\n{shown}"


@pytest.mark.parametrize("mart", books.MARTS)
def test_columns(both: tuple[Warehouse, Warehouse], mart: str) -> None:
    """The same columns in the same order, and values of the same kind in each.

    An integer that is a decimal on one engine would be equal, and still break its readers.
    """
    duckdb, postgres = (warehouse.table(mart) for warehouse in both)
    assert duckdb, f"{mart} is empty: it compares nothing"
    assert list(duckdb[0]) == list(postgres[0])
    assert kinds(duckdb) == kinds(postgres)


def kinds(rows: list[Row]) -> dict[str, Counter]:
    """How many values of each Python type a column has."""
    found: dict[str, Counter] = {name: Counter() for name in rows[0]}
    for row in rows:
        for name, value in row.items():
            found[name][type(value).__name__] += 1
    return found
