"""Impossible vars and a broken period_closes file stop the run before anything is built.

dbt parses the project once; a run with other vars then takes half a second, for it fails in the
hook at its start. Some runs parse as its users' do: there dbt may stop even earlier.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import books
import pytest
from warehouse import RUN_VARS, BuildResult, Row, Warehouse

DROP = "'; drop table canary; --"
ALWAYS = "x' or '1'='1"
QUOTED = 'a"b'
WEEKS = {"calendar": "4-4-5"}
IN_WEEKS = {**WEEKS, "fiscal_year_start": "2026-02-01"}
NAME = "a name of letters, digits, _ $ -"
DAY = "a date (YYYY-MM-DD, 2000 to 2059)"
INSTANT = "a time in UTC (YYYY-MM-DD HH:MM:SS, or ISO 8601 with T and Z, 2000 to 2059)"
IN_CALENDAR = "without as_of_date a time from 2000 to 2059, with a week calendar from 2002 to 2057"
KEY = "1 to 40 letters, digits and _ . -"
START = "none or the first day (YYYY-MM-DD, 2002 to 2057) of an accounting period"
ENTITY = "1 to 64 letters, digits and _ . : -"
MONTH = "a month, 1 to 12, with calendar monthly"
FIRST_DAY = "with week calendars the first day (YYYY-MM-DD, 2000 to 2059) of one fiscal year"

# Var, what the message says is allowed, other vars, and values that must not pass.
IMPOSSIBLE: list[tuple[str, str, dict[str, Any], list[Any]]] = [
    (
        "sources",
        "a list of stigg, stripe, netsuite, recurly, metering, lago, generic",
        {},
        ["stigg", [], ["x"], ["stigg", DROP], ["Stigg"], [None], 5, None],
    ),
    ("sample_data", "true, false", {}, ["false", DROP, 5, None]),
    (
        "accounting_timezone",
        "an IANA time zone such as UTC or Europe/Berlin",
        {},
        ["utc", "Europe/Nowhere", "+02:00", "", DROP, ALWAYS, 2, None, ["UTC"]],
    ),
    (
        "calendar",
        "monthly, 4-4-5, 4-5-4, 5-4-4",
        {},
        ["Monthly", "4-4-4", "445", 445, "", DROP, None, ["monthly"]],
    ),
    (
        "fiscal_year_start",
        MONTH,
        {},
        [0, 13, -1, "01", 1.5, "2026-02-01", "", DROP, True, None, [1]],
    ),
    (
        "fiscal_year_start",
        FIRST_DAY,
        WEEKS,
        [1, "2026-02-30", "2026-02-29", "2026-13-01", "1999-12-31", "2060-01-01", ALWAYS, None],
    ),
    (
        "as_of_date",
        DAY,
        {},
        [
            "2026-02-30",
            "2025-02-29",
            "2026-04-31",
            "2026-00-10",
            "2026-01-00",
            "2026-1-1",
            "1999-12-31",
            "2060-01-01",
            "2026-06-30 00:00:00",
            "today",
            "",
            20260630,
            DROP,
            f"2026-06-30{DROP}",
            ["2026-06-30"],
        ],
    ),
    (
        "known_as_of",
        INSTANT,
        {},
        [
            "2026-02-03",
            "2026-02-30 18:00:00",
            "2026-02-03 24:00:00",
            "2026-02-03 18:60",
            "2026-02-03 18",
            "2026-02-03 18:00.5",
            "2026-02-03 18:00:00.1234567",
            "2026-02-03 18:00:00+02:00",
            "1999-12-31 23:59:59",
            "2060-01-01 00:00:00",
            "now",
            "",
            0,
            DROP,
            f"2026-02-03 18:00:00{DROP}",
            ["2026-02-03 18:00:00"],
        ],
    ),
    (
        "known_as_of",
        IN_CALENDAR,
        {"accounting_timezone": "America/New_York"},
        ["2000-01-01 04:59:59"],
    ),
    ("known_as_of", IN_CALENDAR, {"accounting_timezone": "Asia/Tokyo"}, ["2059-12-31 15:00:00Z"]),
    ("known_as_of", IN_CALENDAR, IN_WEEKS, ["2001-12-31 12:00:00", "2058-01-01 12:00:00"]),
    (
        "books_start",
        START,
        {"as_of_date": "2057-12-31"},
        [
            "2026-02-30",
            "2001-12-01",
            "2058-01-01",
            "2026-1-1",
            "",
            20260101,
            True,
            DROP,
            f"2026-01-01{DROP}",
            ["2026-01-01"],
        ],
    ),
    ("books_start", "a day on or before as_of_date, 2026-06-30", {}, ["2026-07-01"]),
    (
        "entity_id",
        ENTITY,
        {},
        ["", " ", "-a", "a b", "a" * 65, "tochter_öl", DROP, ALWAYS, QUOTED, ["a"], {"a": 1}],
    ),
    ("finance_schema", NAME, {}, ["", "1a", "a.b", "a b", DROP, ALWAYS, QUOTED, 5, ["a"]]),
    ("stigg_schema", NAME, {}, ["", "a.b", DROP, QUOTED]),
    ("stigg_database", NAME, {}, ["", DROP, QUOTED]),
    ("generic_schema", NAME, {}, ["", DROP, QUOTED]),
    ("generic_database", NAME, {}, ["", "x; y", DROP]),
    (
        "functional_currency",
        "none or an ISO 4217 code in capital letters such as USD",
        {},
        ["usd", "US", "USDT", " USD", "", 0, True, DROP, f"USD{DROP}", ["USD"], []],
    ),
    (
        "fx_max_age_days",
        "a number of days, 0 to 9999",
        {},
        [-1, 1.5, "31 days", 10000, "", DROP, True, None],
    ),
    ("ignore_credit_events", "true, false", {}, ["true", 1, "", DROP, None]),
    ("keep_build_history", "true, false", {}, ["true", 1, "", DROP, None]),
    ("on_seal_break", "error, correct", {}, ["", "warn", "Error", True, DROP, None, ["error"]]),
    (
        "stripe_cost_basis_key",
        KEY,
        {},
        ["", " ", "cost basis", "größe", "a" * 41, DROP, ALWAYS, QUOTED, 5, True, None, ["cost"]],
    ),
    ("stripe_invoice_key", KEY, {}, ["", "a:b", DROP, ALWAYS, QUOTED, 5, None]),
    (
        "stripe_invoice_key",
        "another key than that of stripe_cost_basis_key",
        {"stripe_cost_basis_key": "sold"},
        ["sold"],
    ),
]
CASES = [
    (name, allowed, others, value)
    for name, allowed, others, values in IMPOSSIBLE
    for value in values
]

# Null and true are no names, though their text looks like one.
NO_NAMES = [
    ("entity_id", ENTITY, None),
    ("entity_id", ENTITY, True),
    ("finance_schema", NAME, True),
    ("stigg_schema", NAME, False),
]

POSSIBLE: list[dict[str, Any]] = [
    {"sources": ["generic"]},
    {"sources": ["generic", "stigg", "generic"]},
    {"sample_data": True},
    {"accounting_timezone": "America/Argentina/Buenos_Aires"},
    {"accounting_timezone": "Etc/GMT+12"},
    {"fiscal_year_start": 12},
    {"fiscal_year_start": "2"},
    {**WEEKS, "fiscal_year_start": "2024-02-29"},
    {**WEEKS, "fiscal_year_start": date(2026, 2, 1)},
    {**WEEKS, "fiscal_year_start": "2000-01-01"},
    {"as_of_date": "2000-01-01"},
    {"as_of_date": "2059-12-31"},
    {"as_of_date": "2024-02-29"},
    {"books_start": "none"},
    {"books_start": None},
    {"books_start": "2002-01-01"},
    {"books_start": date(2026, 6, 1)},
    {"as_of_date": date(2026, 6, 30)},
    {"known_as_of": None},
    {"known_as_of": "2026-02-03 18:00"},
    {"known_as_of": "2026-02-03T18:00:00.123456Z"},
    {"known_as_of": datetime(2026, 2, 3, 18, tzinfo=UTC)},
    {"known_as_of": "2059-12-31 23:59:59.999999"},
    {**IN_WEEKS, "known_as_of": "2001-12-31 12:00:00", "as_of_date": "2002-01-01"},
    {"entity_id": "a"},
    {"entity_id": "9" + "a" * 63},
    {"entity_id": "de:sub_1.b-2"},
    {"entity_id": 100},
    {"stigg_schema": "_a$1-b", "generic_schema": "a" * 128},
    {"functional_currency": None},
    {"functional_currency": "none"},
    {"functional_currency": "USD"},
    {"fx_max_age_days": 0},
    {"fx_max_age_days": "9999"},
    {"ignore_credit_events": True},
    {"keep_build_history": True},
    {"stripe_cost_basis_key": "Cost-Basis_2.usd", "stripe_invoice_key": "a" * 40},
    {"stripe_cost_basis_key": "invoice_id", "stripe_invoice_key": "cost_basis"},
]


# --------------------------------------------------------------------------------------------------
# Running
# --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def house(duckdb_warehouse: Warehouse) -> Warehouse:
    """A DuckDB file with nothing in it but a canary."""
    duckdb_warehouse.load("main", "canary", {"id": "integer"}, [{"id": 1}])
    return duckdb_warehouse


def is_list(value: Any) -> bool:
    """Whether the message names one item (of sources) and not the whole value."""
    return isinstance(value, list) and bool(set(map(str, value)) & {"x", DROP, "Stigg", "None"})


def assert_stopped(
    house: Warehouse, result: BuildResult, name: str, value: Any, allowed: str
) -> None:
    """Nothing ran, nothing was built, and the message has the var, its value and the options."""
    assert not result.success
    assert not result.nodes
    tables = house.fetch("select table_name from information_schema.tables")
    assert [row["table_name"] for row in tables] == ["canary"]
    message = " ".join(str(result.exception).split())
    named = next((item for item in value if item != "stigg"), value) if is_list(value) else value
    told = " ".join(f"revrec: var '{name}' is '{named}'; allowed: {allowed}".split())
    assert told in message


@pytest.mark.parametrize(
    ("name", "allowed", "others", "value"),
    CASES,
    ids=[f"{name}-{value!r}" for name, _, _, value in CASES],
)
def test_impossible_value(
    house: Warehouse, name: str, allowed: str, others: dict[str, Any], value: Any
) -> None:
    """The run stops at its start and says what is allowed."""
    result = house.build("run", vars={**others, name: value}, parsed_with={})
    assert_stopped(house, result, name, value, allowed)


@pytest.mark.parametrize(("name", "allowed", "value"), NO_NAMES)
def test_null_and_true_are_no_names(
    house: Warehouse, name: str, allowed: str, value: object
) -> None:
    """`entity_id: null` must not keep the books of an entity called None."""
    result = house.build("run", vars={name: value}, parsed_with={})
    assert_stopped(house, result, name, value, allowed)


@pytest.mark.parametrize("as_of_date", ["2000-01-15", "2059-06-30"])
def test_as_of_date_outside_the_week_calendar(house: Warehouse, as_of_date: str) -> None:
    """No fiscal year holds the day (they are 2001 to 2058): the books would have no period."""
    variables = {**WEEKS, "fiscal_year_start": "2026-02-01", "as_of_date": as_of_date}
    result = house.build("run", vars=variables, parsed_with={})
    assert not result.success
    assert "as_of_date" in str(result.exception)


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("sources", ["x"], "a list of stigg, stripe, netsuite, recurly, metering, lago, generic"),
        ("finance_schema", DROP, NAME),
        ("entity_id", ALWAYS, ENTITY),
        ("as_of_date", "2026-02-30", DAY),
    ],
)
def test_impossible_value_when_dbt_parses(
    house: Warehouse, name: str, value: Any, allowed: str
) -> None:
    """The same from a fresh start, as a user does it."""
    assert_stopped(
        house, house.build("build", vars={name: value}, is_fresh=True), name, value, allowed
    )


@pytest.mark.parametrize("variables", POSSIBLE, ids=str)
def test_possible_values(house: Warehouse, variables: dict[str, Any]) -> None:
    """Values at the edge of what is allowed pass the hook, and the calendar is built."""
    selection = ("--select", "+int_accounting_days")
    result = house.build("run", *selection, vars=variables, parsed_with={}).check()
    assert "model.revrec.int_accounting_days" in result.nodes


# Of each of the vars that say nothing about the shape of the project a value that no default is.
OF_A_RUN = {
    "accounting_timezone": "Europe/Berlin",
    "as_of_date": "2026-03-31",
    "books_start": "2026-03-01",
    "calendar": "4-4-5",
    "entity_id": "other",
    "fiscal_year_start": "2026-02-01",
    "functional_currency": "USD",
    "fx_max_age_days": 400,
    "ignore_credit_events": True,
    "keep_build_history": True,
    "known_as_of": "2026-02-03 18:00:00",
    "on_seal_break": "correct",
    "stripe_cost_basis_key": "paid",
    "stripe_invoice_key": "sold_on",
}


def test_vars_of_a_run_do_not_shape_the_project(house: Warehouse) -> None:
    """The tests parse the project once for all values of these vars: it is the same project."""
    assert OF_A_RUN.keys() == RUN_VARS
    shapes = []
    for variables in ({}, OF_A_RUN):
        parsed = house.build("parse", vars=variables, is_fresh=True).check().result
        nodes = [*parsed.nodes.values(), *parsed.sources.values(), *parsed.unit_tests.values()]
        shapes.append({node.unique_id: shape_of(node) for node in nodes})
        shapes[-1]["disabled"] = sorted(parsed.disabled)
    assert shapes[0] == shapes[1]


def shape_of(node: Any) -> dict[str, Any]:
    """What dbt knows of a node before it runs, without the time at which it learned that."""
    return {k: v for k, v in node.to_dict().items() if k not in ("created_at", "patch_path")}


def test_finance_schema_replaces_the_seeds(house: Warehouse) -> None:
    """A project that installs revrec keeps its finance tables in a schema of its own."""
    models = (
        *(
            "stg_finance__currencies",
            "int_period_closes",
            "int_list_prices",
            "int_account_mappings",
        ),
        "int_fx_rates",
    )
    variables = {"finance_schema": "fin_$1-b"}
    result = house.build(
        "compile", "--select", *models, "--indirect-selection", "empty", vars=variables
    ).check()
    compiled = [item.node.compiled_code for item in result.result.results]
    assert len(compiled) == len(models)
    assert all('"fin_$1-b".' in code for code in compiled)


# --------------------------------------------------------------------------------------------------
# Period closes
# --------------------------------------------------------------------------------------------------

CLOSE_VARS = books.company_vars("2026-06-30")
CLOSE_COLUMNS = dict.fromkeys(
    ("accounting_period", "closed_at", "reopened_at", "closed_by"), "text"
)
VALID, UNBROKEN, OVERLAP = (
    "assert_period_closes_are_valid",
    "assert_closed_periods_are_unbroken",
    "assert_period_closes_do_not_overlap",
)


def close(period: str | None, closed_at: str | None, reopened_at: str | None = None) -> Row:
    """A row of period_closes, as the CSV file would have it."""
    return {"accounting_period": period, "closed_at": closed_at, "reopened_at": reopened_at}


GOOD = close("2026-01", "2026-02-03")
# What is wrong, the rows, the test that finds it, the period that the log must name.
BROKEN_CLOSES: list[tuple[str, list[Row], str, str]] = [
    (
        "only an earlier period is reopened",
        [close("2026-01", "2026-02-03", "2026-03-10"), close("2026-02", "2026-03-03")],
        UNBROKEN,
        "2026-01",
    ),
    (
        "an earlier period is closed later",
        [close("2026-02", "2026-03-03"), close("2026-01", "2026-03-04")],
        UNBROKEN,
        "2026-01",
    ),
    ("closed before its end", [GOOD, close("2026-02", "2026-02-28 23:59:59")], VALID, "2026-02"),
    ("unknown period", [GOOD, close("2026-13", "2027-01-03")], VALID, "2026-13"),
    ("a period of another calendar", [close("FY2026-P01", "2026-03-03")], VALID, "FY2026-P01"),
    ("unreadable time", [GOOD, close("2026-02", "3 March 2026")], VALID, "2026-02"),
    ("impossible day", [GOOD, close("2026-02", "2026-02-30")], VALID, "2026-02"),
    ("unreadable reopening", [close("2026-02", "2026-03-03", "soon")], VALID, "2026-02"),
    ("no time", [GOOD, close("2026-02", None)], VALID, "2026-02"),
    (
        "reopened before it was closed",
        [GOOD, close("2026-02", "2026-03-03", "2026-03-02")],
        VALID,
        "2026-02",
    ),
    ("closed twice", [GOOD, close("2026-01", "2026-02-05")], OVERLAP, "2026-01"),
    (
        "closed again before it was reopened",
        [close("2026-01", "2026-02-03", "2026-02-10"), close("2026-01", "2026-02-09")],
        OVERLAP,
        "2026-01",
    ),
]


@pytest.fixture(scope="module")
def unclosed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A DuckDB file in which all is built that does not depend on the closes."""
    with Warehouse.duckdb(tmp_path_factory.mktemp("closes")) as house:
        books.load_company(house, {"credit_grants": [], "credit_ledger": []}, [])
        house.build("run", "--select", "+int_books_start", vars=CLOSE_VARS).check()
        yield house


def build_closes(house: Warehouse, rows: list[Row]) -> BuildResult:
    """Load period_closes and build all that depends on it, with its data tests."""
    house.load(books.FINANCE_SCHEMA, "period_closes", CLOSE_COLUMNS, rows)
    selection = ("--select", "int_period_closes+", "--exclude-resource-type", "unit_test")
    return house.build("build", *selection, vars=CLOSE_VARS)


@pytest.mark.parametrize(
    ("rows", "test", "period"),
    [case[1:] for case in BROKEN_CLOSES],
    ids=[case[0] for case in BROKEN_CLOSES],
)
def test_broken_closes_stop_the_build(
    unclosed: Warehouse, rows: list[Row], test: str, period: str
) -> None:
    """A test fails, the log names the period, and no journal is built."""
    result = build_closes(unclosed, rows)
    assert not result.success
    assert test in {name.split(".")[2] for name in result.failed}
    assert result.nodes["model.revrec.fct_journal_entries"].status == "skipped"
    built = {
        row["table_name"]
        for row in unclosed.fetch("select table_name from information_schema.tables")
    }
    assert not built & set(books.MARTS) - {"dim_accounting_periods"}
    assert period in result.log.split(f"revrec: {test} found:")[1]


def test_closes_that_are_right_are_accepted(unclosed: Warehouse) -> None:
    """Closed, reopened together, closed again at the same instants, with an offset, with a gap.

    A close holds for every earlier period without a row of its own, so March may be left out.
    """
    rows = [
        close("2026-01", "2026-02-01T00:00:00Z", "2026-03-10T01:00:00+01:00"),
        close("2026-02", "2026-03-03", "2026-03-10"),
        close("2026-01", "2026-03-10", None),
        close("2026-02", "2026-03-12", None),
        close("2026-04", "2026-05-04 12:00:00.123456", ""),
    ]
    unclosed.load(books.FINANCE_SCHEMA, "period_closes", CLOSE_COLUMNS, rows)
    selection = ("int_period_closes", VALID, UNBROKEN, OVERLAP, "--indirect-selection", "empty")
    result = unclosed.build("build", "--select", *selection, vars=CLOSE_VARS).check()
    passed = [name.split(".")[2] for name, node in result.nodes.items() if node.status == "pass"]
    assert sorted(passed) == sorted([VALID, UNBROKEN, OVERLAP])
