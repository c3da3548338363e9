"""The sample company has the same marts on DuckDB and on Postgres, row for row.

So have the analyses, which nothing else runs: dbt only compiles them.
"""

from __future__ import annotations

from collections import Counter

import books
import pytest
from warehouse import REPOSITORY, Row, Warehouse

ANALYSES = tuple(sorted(path.stem for path in (REPOSITORY / "analyses").glob("*.sql")))


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


# --------------------------------------------------------------------------------------------------
# The analyses
# --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def compiled(both: tuple[Warehouse, Warehouse]) -> tuple[dict[str, str], ...]:
    """The SQL of each analysis on each engine, as it is in the repository."""
    found = []
    for warehouse in both:
        result = warehouse.build("compile", "--select", "resource_type:analysis").check()
        found.append({item.node.name: item.node.compiled_code for item in result.result.results})
        assert tuple(sorted(found[-1])) == ANALYSES
    return tuple(found)


@pytest.fixture(scope="module")
def analyses(
    both: tuple[Warehouse, Warehouse], compiled: tuple[dict[str, str], ...]
) -> tuple[dict[str, list[Row]], ...]:
    """What each analysis returns on each engine."""
    return tuple(
        {name: warehouse.fetch(sql) for name, sql in statements.items()}
        for warehouse, statements in zip(both, compiled, strict=True)
    )


@pytest.mark.parametrize("name", ANALYSES)
def test_analyses(analyses: tuple[dict[str, list[Row]], ...], name: str) -> None:
    """Each runs on the sample company, and says the same on both engines."""
    duckdb, postgres = (found[name] for found in analyses)
    assert books.row_differences(duckdb, postgres) == []
    # The books of the sample tie: there is no difference to list.
    assert (duckdb == []) == (name == "unexplained_differences")


def test_the_close_checklist_has_a_row_per_source(
    both: tuple[Warehouse, Warehouse], analyses: tuple[dict[str, list[Row]], ...]
) -> None:
    """With all the exceptions of the source, and nothing that does not tie."""
    exceptions = Counter(row["source_system"] for row in both[0].table("rec_exceptions"))
    rows = analyses[0]["close_checklist"]
    sources = ["generic", "lago", "metering", "netsuite", "recurly", "stigg", "stripe"]
    assert sorted(row["source_system"] for row in rows) == sources
    assert {row["source_system"]: row["exception_rows"] for row in rows} == {
        source: exceptions[source] for source in sources
    }
    assert all(row["newest_known_at"] is not None for row in rows)
    assert all(row["broken_tie_outs"] == 0 for row in rows)


def test_the_close_checklist_counts_what_does_not_tie(
    both: tuple[Warehouse, Warehouse], compiled: tuple[dict[str, str], ...]
) -> None:
    """For a source its own tie-outs and those of all sources at once, T5."""
    duckdb, tie_outs = both[0], '"main"."rec_tie_outs"'
    sql = compiled[0]["close_checklist"]
    assert sql.count(tie_outs) == 1
    untied = '"main"."untied"'
    duckdb.execute(
        f"create table {untied} as select * replace (false as is_tied) from {tie_outs} "
        "where tie_out = 'T5_balances' or source_system = 'stigg'"
    )
    own = Counter(row["source_system"] for row in duckdb.table("untied"))
    found = {row["source_system"]: row for row in duckdb.fetch(sql.replace(tie_outs, untied))}
    duckdb.execute(f"drop table {untied}")
    assert own["all"] > 0 and own["stigg"] > 0
    assert found["generic"]["broken_tie_outs"] == own["all"]
    assert found["stigg"]["broken_tie_outs"] == own["all"] + own["stigg"]


def test_one_usage_period_reperformed_agrees_with_the_journal(
    analyses: tuple[dict[str, list[Row]], ...],
) -> None:
    """At the last step of every accrual; one of them came late."""
    rows = analyses[0]["reperform_one_usage_period"]
    agrees = Counter(row["agrees"] for row in rows)
    assert agrees[True] > 1
    assert agrees[False] == 0


def test_one_grant_reperformed_agrees_with_the_journal(
    analyses: tuple[dict[str, list[Row]], ...],
) -> None:
    """At the last row of every posting; rows before it have nothing to agree with."""
    agrees = Counter(row["agrees"] for row in analyses[0]["reperform_one_grant"])
    assert agrees[True] > 0
    assert agrees[False] == 0


def test_an_entry_is_traced_to_raw_rows_that_add_up_to_it(
    analyses: tuple[dict[str, list[Row]], ...],
) -> None:
    """Every row of it has what arrived and what was read."""
    rows = analyses[0]["trace_one_entry"]
    used: Counter = Counter()
    for row in rows:
        assert row["raw_type"] is not None and row["raw_units"] is not None, row
        used[row["journal_entry_id"], row["entry_quantity"]] -= row["units"]
    assert used == {key: key[1] for key in used}


def test_deferred_revenue_by_customer_is_the_balance(
    both: tuple[Warehouse, Warehouse], analyses: tuple[dict[str, list[Row]], ...]
) -> None:
    """Its customers add up to the account's closing balance of that period."""
    rows = analyses[0]["deferred_revenue_by_customer"]
    by_customer: Counter = Counter()
    for row in rows:
        by_customer[row["accounting_period"], row["currency"]] += row["deferred_minor"]
        assert row["total_minor"] > 0
    balances: Counter = Counter()
    for row in both[0].table("fct_account_balances"):
        if row["account"] == "deferred_revenue":
            balances[row["accounting_period"], row["currency"]] += row["closing_minor"]
    assert by_customer == {key: balances[key] for key in by_customer}
