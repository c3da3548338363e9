"""The books as of an instant: var('known_as_of') rebuilds them as they were known then.

As of a close they are what the build of today says of the periods closed by it, and as of any
instant they are those of a company whose later rows and later closes do not exist.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import books
import histories
import pytest
import rooms
import service_histories
import usage_histories
import usage_rows
from installing import install
from warehouse import Row, Warehouse

PROJECTS = {"services": "service_project", "usage": "usage_project"}
SOURCES = {"credits": ["stigg"], "services": ["generic"], "usage": ["metering", "stigg"]}
CUSTOMERS = {"credits": 40, "services": 20, "usage": 20}
JOURNAL = ("fct_journal_entries",)
# All that is folded from the journal, and what says that nothing is lost.
MARTS = (
    "fct_account_balances",
    "fct_journal_entries",
    "fct_journal_evidence",
    "rec_completeness",
    "rec_exceptions",
    "rec_tie_outs",
)
MICROSECOND = timedelta(microseconds=1)
Tables = dict[str, list[Row]]


# The closes of credits stay.
LONG_ON_POSTGRES = ("test_closes_of_services_and_usage_are_reperformed",)

# --------------------------------------------------------------------------------------------------
# Companies
# --------------------------------------------------------------------------------------------------


@cache
def company(kind: str, seed: int, calendar: str) -> Tables:
    """A random company with rows that became known around the closes of a calendar."""
    closes, customers = histories.CLOSE_CALENDARS[calendar], CUSTOMERS[kind]
    if kind == "credits":
        return histories.random_company(seed, customers, closes=closes)
    if kind == "services":
        return service_histories.random_company(seed, customers, closes)
    return usage_histories.random_company(seed, customers, closes, date(2026, 6, 30))


def load(warehouse: Warehouse, kind: str, tables: Tables, closes: list[Row]) -> None:
    """Load a company."""
    if kind == "services":
        rooms.load_room(warehouse, "generic", tables)
        rules = {"recognition_rules": service_histories.RULES}
        books.load_finance(warehouse, rules, closes)
        return
    if kind == "usage":
        usage_rows.load_metering(warehouse, tables)
    books.load_company(warehouse, tables, closes)


def known_by(kind: str, tables: Tables, instant: datetime) -> Tables:
    """The company as its exports were just after an instant; terms are not edited."""
    after = instant + MICROSECOND
    if kind == "services":
        return service_histories.known_before(tables, after)
    if kind == "usage":
        return usage_histories.as_known(tables, after)
    ledger = [
        row
        for row in tables["credit_ledger"]
        if (known := row["created_at"] or row["timestamp"]) is None or known < after
    ]
    prices = [row for row in tables["list_prices"] if row["known_at"] < str(after)]
    return {**tables, "credit_ledger": ledger, "list_prices": prices}


def closes_by(closes: list[Row], instant: datetime) -> list[Row]:
    """The closes that were made by an instant; a later reopening lies ahead."""
    return [
        {**row, "reopened_at": None}
        if row["reopened_at"] is not None and row["reopened_at"] > instant
        else row
        for row in closes
        if row["closed_at"] <= instant
    ]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The projects that the companies of services and of usage need, installed once."""
    parent = Path(__file__).parent
    return {
        kind: install(parent / name, tmp_path_factory.mktemp(kind))
        for kind, name in PROJECTS.items()
    }


def build(
    warehouse: Warehouse,
    folders: dict[str, Path],
    kind: str,
    marts: tuple[str, ...] = JOURNAL,
    **variables: Any,
) -> list[Row]:
    """Build the marts of a company that was loaded, without tests; the journal."""
    given = {**books.company_vars("", sources=SOURCES[kind]), **variables}
    if not given["as_of_date"]:
        del given["as_of_date"]
    if kind == "credits":
        books.build_marts(warehouse, given, marts)
    else:
        selection = [f"+{mart}" for mart in marts]
        command = ("build", "--select", *selection, "--exclude-resource-type", "test", "unit_test")
        warehouse.build(*command, vars=given, project_dir=folders[kind]).check()
    return warehouse.table("fct_journal_entries")


def assert_same(expected: list[Row], actual: list[Row], context: str, tables: Tables) -> None:
    """Both have the same entries, in every column."""
    different = books.row_differences(expected, actual)
    shown = "\n".join(f"  {side}: {row}" for side, row in different[:5])
    if different and "credit_ledger" in tables:
        shown += "\n" + books.history_of(tables, different[0][1]["obligation_id"])
    assert not different, f"{context}: {len(different)} entries differ\n{shown}"


# --------------------------------------------------------------------------------------------------
# As of a close
# --------------------------------------------------------------------------------------------------


def lasting(closes: list[Row]) -> list[Row]:
    """The closes that still hold, of periods in which something happened."""
    return [
        row for row in closes if row["reopened_at"] is None and row["accounting_period"] >= "2025"
    ]


def assert_closes_are_reperformed(
    warehouse: Warehouse, folders: dict[str, Path], kind: str, seed: int, calendar: str, count: int
) -> None:
    """As of some closes, the build of today is found again in the periods closed by them."""
    closes = histories.CLOSE_CALENDARS[calendar]
    tables = company(kind, seed, calendar)
    load(warehouse, kind, tables, closes)
    today = build(warehouse, folders, kind, as_of_date="2026-06-30")
    held = lasting(closes)
    for close in random.Random(seed).sample(held, min(count, len(held))):
        then = build(warehouse, folders, kind, known_as_of=str(close["closed_at"]))
        last = max(
            row["accounting_period"] for row in held if row["closed_at"] <= close["closed_at"]
        )
        expected, actual = (
            [row for row in rows if row["accounting_period"] <= last] for rows in (today, then)
        )
        context = f"--seed {seed}, {kind} on {warehouse.engine}, {calendar}, {close}"
        assert expected, context
        assert_same(expected, actual, context, tables)


@pytest.mark.parametrize(
    ("calendar", "count"),
    [
        ("reopened", 1),
        pytest.param("monthly", 6, marks=pytest.mark.long),
        pytest.param("quarterly", 6, marks=pytest.mark.long),
    ],
)
def test_closes_of_credits_are_reperformed(
    warehouse: Warehouse, folders: dict[str, Path], seed: int, calendar: str, count: int
) -> None:
    """Credits, on both engines."""
    assert_closes_are_reperformed(warehouse, folders, "credits", seed, calendar, count)


# In every run they are shown in two steps: what a close saw stays (test_service_parity), and as of
# an instant the books are those of what was known by it (below).
@pytest.mark.long
@pytest.mark.parametrize("kind", ["services", "usage"])
@pytest.mark.parametrize(
    ("calendar", "count"), [("monthly", 2), ("quarterly", 6), ("reopened", 12)]
)
def test_closes_of_services_and_usage_are_reperformed(
    duckdb_warehouse: Warehouse,
    folders: dict[str, Path],
    seed: int,
    kind: str,
    calendar: str,
    count: int,
) -> None:
    """Invoiced services and metered usage, on DuckDB: the interval model is shown on both."""
    assert_closes_are_reperformed(duckdb_warehouse, folders, kind, seed, calendar, count)


def reperformed(warehouse: Warehouse) -> dict[tuple, bool]:
    """What analyses/reperform_a_seal.sql says of each seal: its entries and balances are there."""
    result = warehouse.build(
        "compile", "--select", "reperform_a_seal", vars=books.company_vars("2026-06-30")
    ).check()
    (item,) = result.result.results
    return {
        (row["accounting_period"], row["entity_id"], row["currency"]): row["has_the_sealed_entries"]
        and row["has_the_sealed_balances"]
        for row in warehouse.fetch(item.node.compiled_code)
        if row["seal_version"] is not None
    }


def test_a_close_reperforms_its_seals(
    warehouse: Warehouse, folders: dict[str, Path], seed: int
) -> None:
    """As of a close the digests are those of the seals; where a row was edited since, what differs
    from the sealed entries is what rec_seal_breaks lists. Nothing is appended."""
    closes = histories.CLOSE_CALENDARS["monthly"]
    tables = company("credits", seed, "monthly")
    marts = ("fct_account_balances", "fct_period_seals", "rec_seal_breaks")
    close = random.Random(seed).choice(closes[6:])
    last, as_of_close = close["accounting_period"], {"known_as_of": str(close["closed_at"])}

    load(warehouse, "credits", tables, closes)
    build(warehouse, folders, "credits", marts, as_of_date="2026-06-30")
    seals, sealed = (warehouse.table(name) for name in ("fct_period_seals", "fct_sealed_entries"))
    assert all(reperformed(warehouse).values())
    build(warehouse, folders, "credits", marts, **as_of_close)
    found = {key: agrees for key, agrees in reperformed(warehouse).items() if key[0] <= last}
    assert len(found) > 10
    assert all(found.values()), f"--seed {seed}, {close}: {found}"

    booked = {
        row["obligation_id"]
        for row in sealed
        if row["event_type"] == "credit_consumed"
        and row["amount_minor"] > 100
        and row["accounting_period"] <= last
    }
    ledger = [
        {**row, "amount": (row["amount"] / 2).quantize(Decimal("1e-9"))}
        if row["credit_grant_id"] in booked and row["event_type"].upper() == "CREDITS_CONSUMED"
        else row
        for row in tables["credit_ledger"]
    ]
    books.load_company(warehouse, {**tables, "credit_ledger": ledger}, closes, keeps_seals=True)
    build(warehouse, folders, "credits", marts, as_of_date="2026-06-30")
    breaks = {
        row["journal_entry_id"]: row["difference_minor"]
        for row in warehouse.table("rec_seal_breaks")
        if row["accounting_period"] <= last
    }
    assert breaks, f"--seed {seed}"
    then = build(warehouse, folders, "credits", marts, **as_of_close)
    differences: Counter = Counter()
    for sign, rows in ((1, then), (-1, sealed)):
        for row in rows:
            if row["accounting_period"] <= last:
                differences[row["journal_entry_id"]] += sign * row["amount_minor"]
    assert {key: value for key, value in differences.items() if value} == {
        key: value for key, value in breaks.items() if value
    }, f"--seed {seed}, {close}"
    assert warehouse.table("fct_period_seals") == seals
    assert warehouse.table("fct_sealed_entries") == sealed


# --------------------------------------------------------------------------------------------------
# As of any instant
# --------------------------------------------------------------------------------------------------


def some_instants(seed: int, closes: list[Row], count: int) -> list[datetime]:
    """Instants at and around closes and reopenings, of which the later ones take something back."""
    rng = random.Random(seed)
    instants = rng.sample(histories.close_instants(closes), count)
    return [instant + rng.choice([-1, 0, 1]) * MICROSECOND for instant in instants]


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        ("credits", 1),
        ("services", 1),
        ("usage", 1),
        pytest.param("credits", 8, marks=pytest.mark.long),
        pytest.param("services", 8, marks=pytest.mark.long),
        pytest.param("usage", 8, marks=pytest.mark.long),
    ],
)
def test_what_became_known_later_does_not_count(
    duckdb_warehouse: Warehouse, folders: dict[str, Path], seed: int, kind: str, count: int
) -> None:
    """The books are those of a company whose later rows and later closes do not exist.

    All rows are accounted for, and everything ties: what came later is left out for that reason,
    or because nobody could read it anyway. Every other row has the fate that it has without them.
    """
    warehouse, closes = duckdb_warehouse, histories.CLOSE_CALENDARS["reopened"]
    tables = company(kind, seed, "reopened")
    for instant in some_instants(seed, closes, count):
        context = f"--seed {seed}, {kind}, as of {instant}"
        load(warehouse, kind, tables, closes)
        then = build(warehouse, folders, kind, MARTS, known_as_of=str(instant))
        books.assert_all_is_accounted_for(warehouse, context)
        found = {mart: warehouse.table(mart) for mart in MARTS}

        before = known_by(kind, tables, instant)
        load(warehouse, kind, before, closes_by(closes, instant))
        only = build(warehouse, folders, kind, MARTS, as_of_date=str(instant.date()))
        assert only, context
        assert_same(only, then, context, tables)
        expected = warehouse.table("fct_account_balances")
        assert books.row_differences(expected, found["fct_account_balances"]) == [], context

        reasons = different_reasons(
            warehouse.table("fct_journal_evidence"), found["fct_journal_evidence"]
        )
        assert reasons["too much", "excluded", "known_later"], context
        assert {side for side, *_ in reasons} == {"too much"}, f"{context}: {reasons}"
        # What has no place in time would be known at no instant.
        assert not reasons["too much", "exception", "invalid_timestamp"], f"{context}: {reasons}"
        assert {disposition for _, disposition, _ in reasons} <= {"excluded", "exception"}, context
        listed = [row for row in found["rec_exceptions"] if row["reason_code"] in OF_TODAY]
        assert not listed, context


# Warnings about what a source says of itself today.
OF_TODAY = ("source_balance_drift", "known_later")


def different_reasons(expected: list[Row], actual: list[Row]) -> Counter:
    """(missing or too much, disposition, reason) -> raw rows that do more than give terms."""
    return Counter(
        (side, row["disposition"], row["reason"])
        for side, row in books.row_differences(expected, actual)
        if row["source_table"] not in ("credit_grants", "invoices")
    )
