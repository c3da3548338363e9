"""The sample company has the same marts on DuckDB and on Postgres, row for row.

So have the analyses, which nothing else runs: dbt only compiles them.
"""

from __future__ import annotations

from collections import Counter

import books
import pytest
from warehouse import REPOSITORY, Row, Warehouse

SAMPLE_PERIODS, SAMPLE_CHECKS = 18, 6
ANALYSES = tuple(sorted(path.stem for path in (REPOSITORY / "analyses").glob("*.sql")))


@pytest.fixture(scope="module")
def both(duckdb_warehouse: Warehouse, postgres_warehouse: Warehouse) -> tuple[Warehouse, Warehouse]:
    """The sample company, built on both engines with the default vars."""
    for warehouse in (duckdb_warehouse, postgres_warehouse):
        options = ("--exclude-resource-type", "test", "unit_test")
        warehouse.build("build", *options, by_materializations=True).check()
    return duckdb_warehouse, postgres_warehouse


# No seal of the sample company is broken, and its books have no start.
WITHOUT_ROWS = ("rec_opening_balances", "rec_seal_breaks")


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
    assert bool(duckdb) != (mart in WITHOUT_ROWS), f"{mart} compares nothing, or more than was said"
    if mart in WITHOUT_ROWS:
        return
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
# The close, as docs/close.md tells it
# --------------------------------------------------------------------------------------------------


def test_the_close_checklist_of_the_sample(both: tuple[Warehouse, Warehouse]) -> None:
    """Sixteen months are sealed, May is closed and waits for netsuite, June is to be closed."""
    rows = both[0].table("rec_close_checklist")
    assert len(rows) == SAMPLE_PERIODS * SAMPLE_CHECKS
    seals = {row["accounting_period"]: row for row in rows if row["check_name"] == "seal"}
    sealed = [f"2025-{month:02}" for month in range(1, 13)]
    sealed += [f"2026-{month:02}" for month in range(1, 5)]
    assert [p for p, row in sorted(seals.items()) if row["status"] == "ok"] == sealed
    assert all(
        row["detail"].startswith("Sealed as version 1, ")
        for row in seals.values()
        if row["status"] == "ok"
    )
    open_rows = {
        (row["accounting_period"], row["check_name"]): row["detail"]
        for row in rows
        if row["status"] != "ok"
    }
    page = (REPOSITORY / "docs" / "close.md").read_text(encoding="utf-8")
    assert set(open_rows) == {
        ("2026-05", "exports_fresh"),
        ("2026-05", "seal"),
        ("2026-06", "exports_fresh"),
        ("2026-06", "exceptions_reviewed"),
        ("2026-06", "seal"),
    }
    assert open_rows["2026-05", "seal"] == (
        "Closed. Its seal waits for netsuite (newest 2026-05-12 13:31:08)."
    )
    missing = [detail for detail in open_rows.values() if detail not in page]
    assert not missing, f"docs/close.md does not quote the checklist: {missing}"


def test_the_corrections_of_the_sample(both: tuple[Warehouse, Warehouse]) -> None:
    """All of the journal's, each recorded after a close of the period it belongs to."""
    rows = both[0].table("rpt_corrections")
    entries = [row for row in both[0].table("fct_journal_entries") if row["is_correction"]]
    assert Counter(row["journal_entry_id"] for row in rows) == Counter(
        row["journal_entry_id"] for row in entries
    )
    assert Counter(row["reason"] for row in rows) == {
        "late_usage": 7,
        "late_service": 4,
        "late_invoice": 3,
        "late_grant": 1,
    }
    closes = {
        row["accounting_period"]: row["closed_at"]
        for row in both[0].table("fct_period_seals")
        if row["entity_id"] is None
    }
    for row in rows:
        assert row["known_at"] >= closes[row["effective_period"]], row
        if row["accounting_period"] in closes:
            assert row["known_at"] < closes[row["accounting_period"]], row


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


def test_every_seal_of_the_sample_is_reperformed(
    analyses: tuple[dict[str, list[Row]], ...],
) -> None:
    """Sixteen months, each as a whole and per currency."""
    rows = [row for row in analyses[0]["reperform_a_seal"] if row["seal_version"] is not None]
    assert len({row["accounting_period"] for row in rows}) == 16
    assert all(row["has_the_sealed_entries"] and row["has_the_sealed_balances"] for row in rows)


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


def test_breakage_reperformed_agrees_with_the_journal(
    analyses: tuple[dict[str, list[Row]], ...],
) -> None:
    """In every period of a grant whose breakage was estimated, and came at its end."""
    rows = analyses[0]["reperform_breakage"]
    assert len(rows) > 10 and all(row["agrees"] for row in rows)
    assert {row["approved_by"] for row in rows} == {"controller"}


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


def test_the_readme_shows_what_the_methods_would_earn(
    analyses: tuple[dict[str, list[Row]], ...],
) -> None:
    """Its table of breakage is the USD of breakage_methods_compared, and their sum."""
    rows = [row for row in analyses[0]["breakage_methods_compared"] if row["currency"] == "USD"]
    columns = ("used_amount", "breakage_at_expiry", "breakage_remote", "breakage_proportional")
    names = [f"{row['fiscal_year']}-Q{row['fiscal_quarter']}" for row in rows] + ["in all"]
    figures = [[row[column] for column in columns] for row in rows]
    figures.append([sum(column) for column in zip(*figures, strict=True)])
    table = [
        f"| {name} | {' | '.join(f'{figure:,.2f}' for figure in line)} |"
        for name, line in zip(names, figures, strict=True)
    ]
    assert "\n".join(table) in (REPOSITORY / "README.md").read_text(encoding="utf-8")
