"""The close checklist, the list of corrections and the tie-out of the seals, status by status.

A company so small that every figure can be seen: 100 credits for 100.00 USD, some used in each
month of 2026. January and February are sealed, March is closed and waits for an export, April is
open. From there each test changes what one status needs. Builds are slow, so that no test restores
what it changed: each loads what it needs, and those that write or retire seals come last.
"""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import books
import pytest
from warehouse import Row, Warehouse

# The operation that retires a seal writes to the last.
MARTS = ("rec_close_checklist", "rpt_corrections", "fct_seal_retirements")
CHECKS = (
    "exports_fresh",
    "nothing_unaccounted",
    "exceptions_reviewed",
    "tie_outs_tied",
    "corrections_listed",
    "seal",
)
RESTORES = "assert_corrections_restore_the_derived_journal"
# A day of April; the ledger's newest row is of 25 March.
VARS = books.company_vars("2026-04-15")
LONG_ON_POSTGRES = ("test_corrections_that_are_sealed_make_up_for_the_break",)
CLOSES = [
    {"accounting_period": "2026-01", "closed_at": datetime(2026, 2, 3, 18)},
    {"accounting_period": "2026-02", "closed_at": datetime(2026, 3, 3, 18)},
    {"accounting_period": "2026-03", "closed_at": datetime(2026, 4, 3, 18)},
]
GRANT = {
    "grant_id": "g1",
    "customer_id": "c1",
    "currency_id": "credits",
    "category": "PAID",
    "amount_granted": 100,
    "cost_amount": 100,
    "cost_currency": "USD",
    "status": "ACTIVE",
    "effective_at": datetime(2026, 1, 5),
    "created_at": datetime(2026, 1, 5),
    "updated_at": datetime(2026, 1, 5),
}


def ledger_row(
    key: str, kind: str, units: int, at: datetime, known_at: datetime | None = None, **more: Any
) -> Row:
    """A row of the ledger of g1."""
    return {
        "id": key,
        "customer_id": "c1",
        "credit_grant_id": "g1",
        "credit_currency_id": "credits",
        "event_type": kind,
        "amount": units,
        "timestamp": at,
        "created_at": known_at or at,
        **more,
    }


def ledger(january_use: int = 10) -> list[Row]:
    """The ledger. Of January's use 5 credits are recorded after its close."""
    used = "CREDITS_CONSUMED"
    return [
        ledger_row("1", "CREDITS_GRANTED", 100, datetime(2026, 1, 5)),
        ledger_row("2", used, -january_use, datetime(2026, 1, 10, 9)),
        ledger_row("3", used, -5, datetime(2026, 1, 20, 9), datetime(2026, 2, 10, 8, 30)),
        ledger_row("4", used, -10, datetime(2026, 2, 10, 9)),
        ledger_row("5", used, -10, datetime(2026, 3, 25, 9)),
        ledger_row("6", used, -1, datetime(2026, 3, 20, 9), credit_grant_id="nobody"),
    ]


def build(
    warehouse: Warehouse,
    rows: list[Row],
    closes: list[Row] = CLOSES,
    *,
    keeps_seals: bool = True,
    **variables: Any,
) -> None:
    """Load the company and build its close, without tests."""
    tables = {"credit_grants": [GRANT], "credit_ledger": rows}
    books.load_company(warehouse, tables, closes, keeps_seals=keeps_seals)
    books.build_marts(warehouse, {**VARS, **variables}, MARTS)


def checks_of(warehouse: Warehouse) -> dict[tuple[str, str], Row]:
    """The checklist by period and check."""
    rows = warehouse.table("rec_close_checklist")
    found = {(row["accounting_period"], row["check_name"]): row for row in rows}
    assert len(found) == len(rows)
    return found


def statuses(warehouse: Warehouse, check: str) -> dict[str, str]:
    """The status of one check by period."""
    return {
        period: row["status"]
        for (period, name), row in checks_of(warehouse).items()
        if name == check
    }


@pytest.fixture(scope="module", autouse=True)
def company(warehouse: Warehouse) -> None:
    """The company as it was closed: what a first build says of it."""
    build(warehouse, ledger(), keeps_seals=False)


def test_what_a_month_end_looks_like(warehouse: Warehouse) -> None:
    """Two sealed periods, one that waits for its export, one that has not ended."""
    checks = checks_of(warehouse)
    periods = ["2026-01", "2026-02", "2026-03", "2026-04"]
    assert set(checks) == {(period, name) for period in periods for name in CHECKS}
    said = {key: (row["status"], row["detail"]) for key, row in checks.items()}
    assert said["2026-01", "seal"] == (
        "ok",
        "Sealed as version 1, closed at 2026-02-03 18:00:00.",
    )
    assert said["2026-03", "seal"] == (
        "waiting",
        "Closed. Its seal waits for stigg (newest 2026-03-25 09:00:00).",
    )
    assert said["2026-03", "exports_fresh"] == (
        "waiting",
        "Nothing was recorded since the close of 2026-04-03 18:00:00 by stigg"
        " (newest 2026-03-25 09:00:00).",
    )
    assert said["2026-04", "seal"] == ("waiting", "Open until 2026-04-30.")
    assert said["2026-04", "exports_fresh"] == (
        "waiting",
        "The period ends on 2026-04-30. The newest recording of all is of 2026-03-25 09:00:00:"
        " closed_at is an instant after it.",
    )
    assert said["2026-04", "nothing_unaccounted"] == ("ok", "Every raw row is accounted for.")
    # The row of an unknown grant stands with the next period to be closed, and only there.
    assert said["2026-04", "exceptions_reviewed"] == (
        "to_do",
        "Exceptions to fix or to accept: stigg 1.",
    )
    assert said["2026-03", "exceptions_reviewed"] == ("ok", "Exceptions are listed with 2026-04.")
    assert set(statuses(warehouse, "tie_outs_tied").values()) == {"ok"}


def test_a_late_fact_is_a_correction_that_is_listed(warehouse: Warehouse) -> None:
    """With the period it belongs to, why, and when it was recorded."""
    (row,) = warehouse.table("rpt_corrections")
    assert (row["effective_period"], row["accounting_period"]) == ("2026-01", "2026-02")
    assert (row["reason"], row["periods_late"]) == ("late_usage", 1)
    assert row["known_at"] == datetime(2026, 2, 10, 8, 30)
    assert (row["debit_account"], row["amount_minor"]) == ("deferred_revenue", 500)
    listed = checks_of(warehouse)["2026-02", "corrections_listed"]
    assert (listed["status"], listed["row_count"]) == ("ok", 1)
    assert (listed["amount"], listed["currency"]) == (Decimal(5), "USD")


def test_books_that_are_wrong_fail(warehouse: Warehouse) -> None:
    """A raw row that is lost, a rule that does not tie, an entry that nothing derives."""
    warehouse.execute("update rec_completeness set unaccounted = 2 where rows_in > 1")
    warehouse.execute(
        "update rec_tie_outs set is_tied = false"
        " where tie_out = 'T5_balances' and accounting_period = '2026-01'"
    )
    warehouse.execute(
        "update fct_journal_entries set amount_minor = amount_minor + 1"
        " where accounting_period = '2026-03'"
    )
    warehouse.build(
        "run", "--select", "rec_close_checklist", "rec_sealed_journal", vars=VARS
    ).check()
    checks = checks_of(warehouse)
    assert statuses(warehouse, "nothing_unaccounted") == {
        "2026-01": "ok",
        "2026-02": "ok",
        "2026-03": "failed",
        "2026-04": "failed",
    }
    assert checks["2026-03", "nothing_unaccounted"]["detail"].startswith(
        "Raw rows that are not accounted for: 2."
    )
    tie_outs = checks["2026-01", "tie_outs_tied"]
    assert (tie_outs["status"], tie_outs["row_count"]) == ("failed", 1)
    assert tie_outs["detail"].endswith(" comparisons do not tie: T5_balances.")
    assert statuses(warehouse, "tie_outs_tied")["2026-02"] == "ok"
    broken = {r["subject_id"]: r for r in warehouse.table("rec_sealed_journal") if not r["is_tied"]}
    assert set(broken) == {"default deferred_revenue", "default credit_revenue"}
    assert broken["default credit_revenue"]["unexplained"] == -1
    restores = warehouse.build("test", "--select", RESTORES, vars=VARS)
    assert [node.failures for node in restores.failed.values()] == [2]


def test_an_open_period_that_has_ended_is_to_be_closed(warehouse: Warehouse) -> None:
    """Its exports are fresh once every source has recorded something since; it is to do."""
    rows = [*ledger(), ledger_row("7", "CREDITS_CONSUMED", -1, datetime(2026, 4, 2, 7))]
    build(warehouse, rows, CLOSES[:2])
    checks = checks_of(warehouse)
    assert checks["2026-03", "exports_fresh"]["status"] == "ok"
    assert checks["2026-03", "exports_fresh"]["detail"] == (
        "Every source has recorded something since the period ended on 2026-03-31. The newest"
        " recording of all is of 2026-04-02 07:00:00: closed_at is an instant after it."
    )
    assert checks["2026-03", "seal"]["status"] == "to_do"
    assert checks["2026-03", "seal"]["detail"] == "Open: a line in period_closes closes it."
    assert checks["2026-03", "exceptions_reviewed"]["status"] == "to_do"
    # What would be late today: the fact of April is none.
    assert statuses(warehouse, "corrections_listed")["2026-03"] == "ok"


def test_a_seal_that_is_broken(warehouse: Warehouse) -> None:
    """The build says so; corrected, the difference posts, is listed, and every rule ties."""
    build(warehouse, ledger(january_use=12))
    seal = checks_of(warehouse)["2026-01", "seal"]
    assert (seal["status"], seal["row_count"]) == ("failed", 1)
    assert seal["detail"].startswith(
        "Broken. Entries that are not derived as they were sealed: 1. Restore"
    )
    assert seal["where_to_look"] == "rec_seal_breaks where accounting_period = '2026-01'"
    assert statuses(warehouse, "seal")["2026-02"] == "ok"

    build(warehouse, ledger(january_use=12), on_seal_break="correct")
    seal = checks_of(warehouse)["2026-01", "seal"]
    assert (seal["status"], seal["row_count"]) == ("to_do", 1)
    assert seal["detail"] == (
        "Sealed as version 1, closed at 2026-02-03 18:00:00. Entries that are derived otherwise"
        " since: 1. The difference posts to 2026-03."
    )
    (row,) = (r for r in warehouse.table("rpt_corrections") if r["reason"] == "seal_correction")
    assert (row["effective_period"], row["accounting_period"]) == ("2026-01", "2026-03")
    assert (row["amount_minor"], row["known_at"]) == (200, None)
    listed = checks_of(warehouse)["2026-03", "corrections_listed"]
    assert (listed["row_count"], listed["amount"]) == (1, Decimal(2))
    books.assert_all_is_accounted_for(warehouse, "corrected")
    restores = warehouse.build("test", "--select", RESTORES, vars=VARS).check()
    assert f"test.revrec.{RESTORES}" in restores.nodes


def test_a_reopened_period_is_the_next_to_close(warehouse: Warehouse) -> None:
    """Its corrections and all exceptions are to be looked at again."""
    reopened = datetime(2026, 4, 10, 9)
    closes = [CLOSES[0], *({**row, "reopened_at": reopened} for row in CLOSES[1:])]
    build(warehouse, ledger(), closes)
    checks = checks_of(warehouse)
    assert (checks["2026-02", "seal"]["status"], checks["2026-02", "seal"]["detail"]) == (
        "to_do",
        "Version 1 of its seal is reopened. Open: a line in period_closes closes it.",
    )
    assert checks["2026-03", "seal"]["detail"] == "Open: a line in period_closes closes it."
    assert checks["2026-02", "corrections_listed"]["status"] == "to_do"
    assert checks["2026-02", "exceptions_reviewed"]["status"] == "to_do"
    assert checks["2026-04", "exceptions_reviewed"]["status"] == "ok"


def test_books_of_an_earlier_day(warehouse: Warehouse) -> None:
    """They read no seal of a later one, and write none."""
    build(warehouse, ledger(), as_of_date="2026-01-31")
    assert {period for period, _ in checks_of(warehouse)} == {"2026-01"}
    seal = checks_of(warehouse)["2026-01", "seal"]
    assert (seal["status"], seal["detail"]) == (
        "waiting",
        "Closed. Its seal waits for an as_of_date that covers it.",
    )
    assert len(warehouse.fetch("select distinct accounting_period from fct_period_seals")) == len(
        CLOSES[:2]
    )


def test_a_retired_seal(warehouse: Warehouse) -> None:
    """It waits while an earlier one is broken, and is sealed again as the next version."""
    arguments = {"accounting_period": "2026-02", "retired_by": "ann", "reason": "too early"}
    warehouse.build(
        "run-operation", "retire_seal", "--args", json.dumps(arguments), vars=VARS
    ).check()
    build(warehouse, ledger(january_use=12))
    seal = checks_of(warehouse)["2026-02", "seal"]
    assert (seal["status"], seal["detail"]) == (
        "waiting",
        "Version 1 of its seal is retired. Closed. Its seal waits until no earlier seal is broken.",
    )
    build(warehouse, ledger())
    seal = checks_of(warehouse)["2026-02", "seal"]
    assert seal["detail"] == "Sealed as version 2, closed at 2026-03-03 18:00:00."


def test_corrections_that_are_sealed_make_up_for_the_break(warehouse: Warehouse) -> None:
    """Once March is sealed with the correction, January is ok without `correct`."""
    rows = [
        *ledger(january_use=12),
        ledger_row("7", "CREDITS_CONSUMED", -1, datetime(2026, 4, 5, 7)),
    ]
    build(warehouse, rows, on_seal_break="correct")
    build(warehouse, rows)
    checks = checks_of(warehouse)
    assert checks["2026-03", "seal"]["status"] == "ok"
    assert checks["2026-01", "seal"]["status"] == "ok"
    assert checks["2026-01", "seal"]["detail"].endswith(
        "Corrections that are sealed make up for it."
    )
