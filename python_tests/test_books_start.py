"""Books that start on a day: what precedes it is folded into opening entries, and nothing is lost.

A small company is worked out by hand: a late fact, a grant whose export begins in the middle of its
life, and the old ledger's balances beside the opening entries. Random companies with credits,
services and usage then have the same balances as books that began with the first fact.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import books
import histories
import pytest
import rooms
import service_histories
import usage_histories
import usage_rows
from warehouse import Row, Warehouse

START = "2026-01-01"
VARS = books.company_vars("2026-03-31", books_start=START)
MARTS = (
    "fct_credit_grant_periods",
    "fct_journal_evidence",
    "rpt_accounts_receivable_aging",
    "rpt_deferred_revenue_rollforward",
    "rpt_revenue_waterfall",
    "rpt_unbilled_receivable_aging",
    "rec_completeness",
    "rec_exceptions",
    "rec_tie_outs",
)
INVARIANTS = (
    "assert_account_balances_roll",
    "assert_balances_balance",
    "assert_closed_periods_stay_closed",
    "assert_corrections_post_later",
    "assert_credit_clearing_only_waits",
    "assert_debits_equal_credits",
    "assert_deferred_revenue_rollforward_foots",
    "assert_every_raw_row_has_one_disposition",
    "assert_every_reason_is_described",
    "assert_functional_amounts_are_sound",
    "assert_functional_balances_balance",
    "assert_grant_periods_roll_and_foot",
    "assert_grants_debit_an_asset",
    "assert_grants_sum_to_their_price",
    "assert_no_amount_is_negative",
    "assert_receivables_by_age_are_the_balance",
    "assert_what_is_settled_has_no_functional_balance",
    "fct_journal_entries_accounts_are_in_the_chart",
    "fct_journal_entries_are_unique",
)


def check_invariants(warehouse: Warehouse, variables: dict[str, Any]) -> None:
    """The tests of `tests/` that say what must hold of the books pass, and all tie-outs tie."""
    result = warehouse.build("test", "--select", *INVARIANTS, vars=variables).check()
    ran = {name.split(".")[2] for name, node in result.nodes.items() if node.status == "pass"}
    assert ran == set(INVARIANTS)
    assert [row for row in warehouse.table("rec_tie_outs") if not row["is_tied"]] == []


# --------------------------------------------------------------------------------------------------
# A small company, by hand
# --------------------------------------------------------------------------------------------------


def grant(name: str, units: int, price: str, remaining: int) -> Row:
    """A paid grant of 2025-11-10 without an invoice: it debits cash."""
    return {
        "grant_id": name,
        "customer_id": "acme",
        "currency_id": "credits",
        "category": "PAID",
        "amount_granted": units,
        "amount_remaining": remaining,
        "cost_amount": Decimal(price),
        "cost_currency": "USD",
        "status": "ACTIVE",
        "effective_at": datetime(2025, 11, 10),
    }


def moved(name: str, units: int, day: str, known: str | None = None) -> Row:
    """A ledger row: a grant of its own where the units are above zero, else a use."""
    return {
        "id": f"{name} {units} {day}",
        "customer_id": "acme",
        "credit_grant_id": name,
        "credit_currency_id": "credits",
        "event_type": "CREDITS_GRANTED" if units > 0 else "CREDITS_CONSUMED",
        "amount": abs(units),
        "timestamp": datetime.fromisoformat(day),
        "created_at": datetime.fromisoformat(known or day),
    }


def left(name: str, units: str, source: str = "stigg") -> Row:
    """A row of opening_units."""
    return {"source_system": source, "grant_id": name, "units": units, "memo": "old system"}


def old(account: str, balance: str, explained: str = "", memo: str = "", **other: str) -> Row:
    """A row of opening_balances."""
    row = {"account": account, "currency": "USD", "as_of": "2025-12-31", "balance": balance}
    return {**row, "explained_amount": explained, "memo": memo, **other}


# whole: 100.00 for 100, of which 70 are left. part: 50.00 for 100, of which 60 were left by the
# old system's account. over: 10.00 for 10, all used before. The export of `part` begins late.
GRANTS = [grant("whole", 100, "100", 55), grant("part", 100, "50", 50), grant("over", 10, "10", 0)]
LEDGER = [
    moved("whole", 100, "2025-11-10"),
    moved("whole", -30, "2025-12-10"),
    moved("whole", -10, "2025-12-20", "2026-01-05"),
    moved("whole", -5, "2026-01-15"),
    moved("over", 10, "2025-11-10"),
    moved("over", -10, "2025-12-31 23:59:59"),
    moved("part", -1, "2025-12-30"),
    moved("part", -4, "2025-12-31", "2026-01-01"),
    moved("part", -6, "2026-02-10"),
]
UNITS = [left("part", "60"), left("whole", "70"), left("nobody", "5")]
# The close of December does not count: the books start before it.
CLOSES = [
    histories.close_row("2025-12", datetime(2026, 1, 10)),
    histories.close_row("2026-01", datetime(2026, 2, 3)),
]
BALANCED = [old("cash", "110"), old("deferred_revenue", "100")]


def load_small(warehouse: Warehouse, **finance: list[Row]) -> None:
    """The small company, with its opening units unless others are given."""
    tables = {"credit_grants": GRANTS, "credit_ledger": LEDGER, "opening_units": UNITS, **finance}
    books.load_company(warehouse, tables, CLOSES)


@pytest.fixture(scope="module")
def small(warehouse: Warehouse) -> Warehouse:
    """Its books, which start in the year 2026."""
    load_small(warehouse, opening_balances=BALANCED)
    books.build_marts(warehouse, VARS, MARTS)
    return warehouse


def test_the_journal_of_the_small_company(small: Warehouse) -> None:
    """Balances are brought forward; what became known later is a correction of January."""
    entries = [
        tuple(
            row[name]
            for name in (
                "obligation_id",
                "event_type",
                "effective_period",
                "accounting_period",
                "debit_account",
                "credit_account",
                "amount_minor",
                "quantity",
                "source_entry_count",
            )
        )
        for row in small.table("fct_journal_entries")
    ]
    december, deferred = ("2025-12", "2025-12"), "deferred_revenue"
    used = (deferred, "credit_revenue")
    assert Counter(entries) == Counter(
        [
            ("whole", "opening", *december, "cash", "opening_balances", 10000, 0, 1),
            ("whole", "opening", *december, "opening_balances", deferred, 7000, 70, 2),
            ("over", "opening", *december, "cash", "opening_balances", 1000, 0, 1),
            ("part", "opening", *december, "opening_balances", deferred, 3000, 60, 1),
            ("whole", "credit_consumed", "2025-12", "2026-01", *used, 1000, 10, 1),
            ("whole", "credit_consumed", "2026-01", "2026-01", *used, 500, 5, 1),
            ("part", "credit_consumed", "2025-12", "2026-01", *used, 200, 4, 1),
            ("part", "credit_consumed", "2026-02", "2026-02", *used, 300, 6, 1),
        ]
    )
    dates = {
        (row["is_correction"], row["entry_date"], row["booked_date"])
        for row in small.table("fct_journal_entries")
        if row["obligation_id"] == "whole" and row["event_type"] == "opening"
    }
    assert dates == {(False, date(2025, 12, 31), date(2025, 11, 10))}


def test_reports_of_the_small_company(small: Warehouse) -> None:
    """December holds the opening entries alone; revenue before is nowhere in the books."""
    rollforward = {
        row["accounting_period"]: (
            row["opening_minor"],
            row["brought_forward_minor"],
            row["billings_minor"],
            row["consumption_minor"],
            row["closing_minor"],
        )
        for row in small.table("rpt_deferred_revenue_rollforward")
    }
    assert rollforward == {
        "2025-12": (0, 10000, 0, 0, 10000),
        "2026-01": (10000, 0, 0, 1700, 8300),
        "2026-02": (8300, 0, 0, 300, 8000),
        "2026-03": (8000, 0, 0, 0, 8000),
    }
    recognised = Counter()
    for row in small.table("rpt_revenue_waterfall"):
        recognised[row["accounting_period"]] += row["recognised_minor"]
    assert recognised == {"2026-01": 1700, "2026-02": 300}
    check_invariants(small, VARS)


def test_rows_of_the_small_company(small: Warehouse) -> None:
    """Every row is accounted for, and those behind what was folded name the opening entries."""
    found = {
        row["source_key"]: (row["disposition"], row["reason"])
        for row in small.table("fct_journal_evidence")
        if row["source_table"] != "credit_grants"
    }
    assert found == {
        **{row["id"]: ("journaled", None) for row in LEDGER},
        "part -1 2025-12-30": ("excluded", "in_opening_units"),
        "opening_units:part": ("journaled", None),
        "opening_units:whole": ("exception", "opening_units_twice"),
        "opening_units:nobody": ("exception", "unknown_grant"),
    }
    listed = {(row["source_key"], row["reason_code"]) for row in small.table("rec_exceptions")}
    assert listed == {
        ("opening_units:whole", "opening_units_twice"),
        ("opening_units:nobody", "unknown_grant"),
    }
    (counted,) = [
        row for row in small.table("rec_completeness") if row["source_table"] == "opening_units"
    ]
    assert (counted["rows_in"], counted["journaled"], counted["exceptions"]) == (3, 1, 2)
    events = {row["journal_entry_id"]: row for row in small.table("fct_journal_entries")}
    supported = defaultdict(Counter)
    for row in small.table("fct_journal_evidence"):
        if row["disposition"] == "journaled":
            entry = events.get(row["journal_entry_id"])
            said = entry and {entry["debit_account"], entry["credit_account"], entry["event_type"]}
            supported[row["source_key"]][frozenset(said or ())] += 1
    forward = [
        frozenset({"opening", "opening_balances", name}) for name in ("cash", "deferred_revenue")
    ]
    assert supported["whole 100 2025-11-10"] == {forward[0]: 1, forward[1]: 1}
    assert supported["whole -30 2025-12-10"] == {forward[1]: 1}
    # All was used: nothing of it is left.
    assert supported["over -10 2025-12-31 23:59:59"] == {frozenset(): 1}
    assert supported["opening_units:part"] == {forward[1]: 1}


def tie_outs_with(warehouse: Warehouse, balances: list[Row]) -> list[Row]:
    """What tie-out O1 says of the small company with these balances of the old ledger."""
    types = books.FINANCE_TYPES["opening_balances"]
    warehouse.load(books.FINANCE_SCHEMA, "opening_balances", types, balances)
    models = ("int_old_balances", "int_opening_ties", "rec_opening_balances")
    warehouse.build("run", "--select", *models, vars=VARS).check()
    return warehouse.table("rec_opening_balances")


def test_the_old_ledger(small: Warehouse) -> None:
    """Its balances tie, or differ in a row of the account, or are explained by finance."""

    def found(balances: list[Row]) -> Counter:
        return Counter(
            (row["subject_id"], int(row["difference"]), int(row["explained"]), row["is_tied"])
            for row in tie_outs_with(small, balances)
        )

    assert found(BALANCED) == {(None, 0, 0, True): 1}
    assert found([]) == {}
    # What has no row is worth nothing to the old ledger.
    assert found(BALANCED[:1]) == {
        (None, -10000, 0, False): 1,
        ("default deferred_revenue", -10000, 0, False): 1,
    }
    differs = [BALANCED[0], old("deferred_revenue", "103.50")]
    assert found(differs) == {
        (None, 350, 0, False): 1,
        ("default deferred_revenue", 350, 0, False): 1,
    }
    explained = [BALANCED[0], old("deferred_revenue", "103.50", "3.5", "a deposit, not credits")]
    assert found(explained) == {
        (None, 350, 350, True): 1,
        ("default deferred_revenue", 350, 350, True): 1,
    }
    # An account or an entity that the books do not have is a difference, too.
    other = [*BALANCED, old("customer_balance", "1"), old("cash", "2", entity_id="other")]
    assert found(other) == {
        (None, 300, 0, False): 1,
        ("default customer_balance", 100, 0, False): 1,
        ("other cash", 200, 0, False): 1,
    }


BROKEN_BALANCES = [
    ("no account", [old("", "1")], "account is empty or not"),
    ("unknown account", [old("petty_cash", "1")], "account is empty or not"),
    ("revenue", [old("credit_revenue", "1")], "not of the balance sheet"),
    ("the plug", [old("opening_balances", "1")], "not of the balance sheet"),
    ("unknown currency", [old("cash", "1", currency="USDT")], "currency is empty or not"),
    ("no day", [old("cash", "1", as_of="")], "as_of is not the day before"),
    ("another day", [old("cash", "1", as_of="2026-01-01")], "as_of is not the day before"),
    ("no balance", [old("cash", "")], "balance is empty or cannot be read"),
    ("a comma", [old("cash", "1,50")], "balance is empty or cannot be read"),
    ("a fraction of a cent", [old("cash", "1.005")], "fraction of the minor unit"),
    ("unreadable explanation", [old("cash", "1", "x", "why")], "explained_amount cannot be read"),
    ("no memo", [old("cash", "1", "1")], "memo does not say"),
    ("twice", [old("cash", "1"), old("cash", "2", currency="usd")], "several rows"),
]
BROKEN_UNITS = [
    ("no source", [left("part", "1", "")], "source_system is none of"),
    ("source not enabled", [left("part", "1", "lago")], "source_system is none of"),
    ("no grant", [left("", "1")], "grant_id is empty"),
    ("no units", [left("part", "")], "units is empty or cannot be read"),
    ("no number", [left("part", "many")], "units is empty or cannot be read"),
    ("zero", [left("part", "0")], "units is not above zero"),
    ("too many", [left("part", "100000000000")], "units is not below"),
    ("twice", [left("part", "1"), left("part", "2")], "several rows"),
]
BROKEN = [("opening_balances", "int_old_balances", *case) for case in BROKEN_BALANCES]
BROKEN += [("opening_units", "int_opening_units", *case) for case in BROKEN_UNITS]


@pytest.fixture(scope="module")
def before_opening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A DuckDB file with what the two seeds' models read."""
    with Warehouse.duckdb(tmp_path_factory.mktemp("opening")) as house:
        load_small(house)
        models = ("+int_old_balances", "+int_opening_units")
        house.build("run", "--select", *models, vars=VARS).check()
        yield house


@pytest.mark.parametrize(
    ("table", "model", "rows", "problem"),
    [(*case[:2], *case[3:]) for case in BROKEN],
    ids=[f"{case[0]}-{case[2]}" for case in BROKEN],
)
def test_broken_rows_stop_the_build(
    before_opening: Warehouse, table: str, model: str, rows: list[Row], problem: str
) -> None:
    """A test fails and the log says what is wrong with the row."""
    assert problem in problem_of(before_opening, table, model, rows, VARS)


@pytest.mark.parametrize(
    ("table", "model", "rows"), [(*BROKEN[0][:2], BALANCED), (*BROKEN[-1][:2], UNITS)]
)
def test_opening_rows_need_a_start(
    before_opening: Warehouse, table: str, model: str, rows: list[Row]
) -> None:
    """Without a day on which the books start nobody can say when the figures stand."""
    variables = {**VARS, "books_start": "none"}
    said = problem_of(before_opening, table, model, rows, variables, "int_books_start")
    assert "var books_start is not set" in said


def problem_of(
    warehouse: Warehouse,
    table: str,
    model: str,
    rows: list[Row],
    variables: dict[str, Any],
    *models: str,
) -> str:
    """What the log says of the rows of a seed, whose test alone fails."""
    warehouse.load(books.FINANCE_SCHEMA, table, books.FINANCE_TYPES[table], rows)
    test = f"assert_{table}_are_valid"
    selection = ("--select", *models, model, test, "--indirect-selection", "empty")
    result = warehouse.build("build", *selection, vars=variables)
    assert {name.split(".")[2] for name in result.failed} == {test}
    return result.log.split(f"{test} found:")[1]


@pytest.mark.parametrize(
    ("variables", "allowed"),
    [
        ({"books_start": "2026-01-02"}, "2026-01-01"),
        (
            {
                "books_start": "2026-01-02",
                "calendar": "4-4-5",
                "fiscal_year_start": "2025-02-02",
            },
            "2025-12-28",
        ),
    ],
    ids=["month", "week"],
)
def test_books_start_in_the_middle_of_a_period(
    before_opening: Warehouse, variables: dict[str, Any], allowed: str
) -> None:
    """A test stops the build and says where the period begins."""
    test = "assert_books_start_begins_a_period"
    selection = ("--select", "+int_books_start", test, "--indirect-selection", "empty")
    result = before_opening.build("build", *selection, vars={**VARS, **variables})
    assert {name.split(".")[2] for name in result.failed} == {test}
    said = result.log.split(f"{test} found:")[1]
    assert "var=books_start" in said
    assert "value=2026-01-02" in said
    assert f"the first day of an accounting period, such as {allowed}" in said


# --------------------------------------------------------------------------------------------------
# Random companies
# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Setting:
    """A company and the day on which its books start."""

    start: str
    opening_period: str
    closes: str = "monthly"
    vars: dict[str, Any] = field(default_factory=dict)
    engines: tuple[str, ...] = ("duckdb", "postgres")

    @property
    def variables(self) -> dict[str, Any]:
        """The vars of the build."""
        return books.company_vars(
            "2026-06-30",
            sources=["stigg", "generic", "metering"],
            books_start=self.start,
            **self.vars,
        )

    @property
    def close_rows(self) -> list[Row]:
        """The rows of period_closes."""
        return histories.CLOSE_CALENDARS[self.closes]


WEEKS = {"calendar": "4-4-5", "fiscal_year_start": "2025-02-02"}
SETTINGS = {
    "translated": Setting(
        "2025-10-01",
        "2025-09",
        vars={"functional_currency": "EUR", "fx_max_age_days": 9999},
    ),
    "reopened": Setting("2026-04-01", "2026-03", "reopened", engines=("duckdb",)),
    "weeks": Setting(
        "2025-08-31",
        "FY2026-P07",
        "none",
        {**WEEKS, "accounting_timezone": "America/New_York"},
        engines=("duckdb",),
    ),
}
BALANCE_SHEET = ("asset", "liability")


def rates(seed: int) -> list[Row]:
    """A rate of every month for every currency of the companies."""
    rng = random.Random(seed)
    currencies = [row["currency"] for row in books.read_seed("currencies")]
    return [
        {
            "rate_date": str(date(2014, 1, 1) + timedelta(days=400 * number)),
            "from_currency": currency,
            "to_currency": "EUR",
            "rate": f"{rng.randint(1, 3)}.{rng.randint(1, 10**6):06d}",
        }
        for currency in currencies
        if currency != "EUR"
        for number in range(12)
    ]


@dataclass(frozen=True)
class Started:
    """A random company with books that start."""

    setting: Setting
    warehouse: Warehouse
    context: str


@pytest.fixture(scope="module", params=list(SETTINGS))
def started(request: pytest.FixtureRequest, warehouse: Warehouse, seed: int) -> Started:
    """Credits, invoiced services and metered usage in one company."""
    setting = SETTINGS[request.param]
    if warehouse.engine not in setting.engines:
        pytest.skip("DuckDB is enough")
    closes = setting.close_rows
    credits_company = histories.random_company(seed, 30, closes=closes)
    usage_company = usage_histories.random_company(seed, 20, closes)
    services = service_histories.random_company(seed, 30, closes)
    rooms.load_room(warehouse, "generic", services)
    usage_rows.load_metering(warehouse, usage_company)
    tables = {name: rows + usage_company.get(name, []) for name, rows in credits_company.items()}
    for name in usage_company:
        tables.setdefault(name, usage_company[name])
    tables["recognition_rules"] = service_histories.RULES
    tables["fx_rates"] = rates(seed)
    tables.pop("currencies", None)
    books.load_company(warehouse, tables, closes)
    books.build_marts(warehouse, setting.variables, MARTS, is_whole=True)
    return Started(setting, warehouse, f"--seed {seed}, {request.param}, {warehouse.engine}")


def sums_of(warehouse: Warehouse, table: str, schema: str | None = None) -> Counter:
    """Debits less credits per entity, currency, account and period, in both currencies."""
    sums: Counter = Counter()
    for row in warehouse.table(table, schema=schema):
        key = (row["entity_id"], row["currency"])
        for direction, side in ((1, "debit_account"), (-1, "credit_account")):
            place = (*key, row[side], row["accounting_period"])
            sums[place, "minor"] += direction * row["amount_minor"]
            sums[place, "functional"] += direction * (row["functional_amount_minor"] or 0)
    return sums


def intermediate(warehouse: Warehouse) -> str:
    """The schema of the models that are no marts."""
    return f"{warehouse.schema}_intermediate"


def test_balances_from_the_start_on(started: Started) -> None:
    """Balances of the start and after, and movements since, are those of the derived journal."""
    warehouse, opening = started.warehouse, started.setting.opening_period
    derived = sums_of(warehouse, "int_derived_entries", intermediate(warehouse))
    posted = sums_of(warehouse, "fct_journal_entries")
    classes = {row["account"]: row["account_class"] for row in warehouse.table("dim_accounts")}
    expected: Counter = Counter()
    for ((entity, currency, account, period), measure), value in derived.items():
        if period > opening:
            expected[(entity, currency, account, period), measure] += value
        elif classes[account] in BALANCE_SHEET:
            expected[(entity, currency, account, opening), measure] += value
        else:
            # What was earned or lost before is the other side of what is brought forward.
            expected[(entity, currency, "opening_balances", opening), measure] += value
    expected = {key: value for key, value in expected.items() if value}
    assert expected == {key: value for key, value in posted.items() if value}, started.context
    assert any(place[3] < opening for place, _ in derived), "nothing was folded"
    assert any(place[3] > opening for place, _ in posted), "nothing came after"
    first = min(row["accounting_period"] for row in warehouse.table("fct_account_balances"))
    assert first >= opening


def test_opening_entries(started: Started) -> None:
    """Each says what one obligation held of one account; late facts of before are corrections."""
    opening = started.setting.opening_period
    rows = started.warehouse.table("fct_journal_entries")
    folded = [row for row in rows if row["accounting_period"] <= opening]
    assert folded
    assert {row["event_type"] for row in folded} == {"opening"}
    assert {row["event_type"] for row in rows if row["accounting_period"] > opening}.isdisjoint(
        {"opening"}
    )
    for row in folded:
        assert "opening_balances" in (row["debit_account"], row["credit_account"])
        assert row["booked_date"] <= row["entry_date"], started.context
        said = (row["amount_minor"], row["functional_amount_minor"] or 0, row["quantity"])
        assert any(said), started.context
    assert any(row["effective_period"] <= opening and row["is_correction"] for row in rows)
    units = {
        row["grant_id"]: row["closing_units"]
        for row in started.warehouse.table("fct_credit_grant_periods")
        if row["accounting_period"] == opening and row["closing_deferred_minor"]
    }
    for row in folded:
        if row["obligation_id"] in units and row["credit_account"] == "deferred_revenue":
            # Units beyond what was granted carry nothing.
            assert row["quantity"] == max(units[row["obligation_id"]], 0), started.context


def test_receivables_keep_their_age(started: Started) -> None:
    """What was owed at the start is as old as without one."""
    warehouse = started.warehouse
    expected: dict[tuple, list] = {}
    for row in warehouse.table("int_derived_entries", schema=intermediate(warehouse)):
        sides = (row["debit_account"], row["credit_account"])
        if "accounts_receivable" not in sides:
            continue
        has_invoice = row["invoice_id"] is not None
        key = (
            row["source_system"],
            row["currency"],
            "invoice" if has_invoice else row["obligation_type"],
            row["invoice_id"] if has_invoice else row["obligation_id"],
        )
        is_usage = row["obligation_type"] == "usage"
        day = row["entry_date"] if is_usage else row["booked_date"]
        found = expected.setdefault(key, [0, day])
        found[0] += row["amount_minor"] * (1 if sides[0] == "accounts_receivable" else -1)
        found[1] = min(found[1], day)
    actual = {
        (row["source_system"], row["currency"], row["receivable_type"], row["receivable_id"]): [
            row["balance_minor"],
            row["booked_date"],
        ]
        for row in warehouse.table("int_receivable_balances", schema=intermediate(warehouse))
        if row["balance_minor"]
    }
    assert actual == {key: found for key, found in expected.items() if found[0]}, started.context
    assert len(actual) > 5


def test_everything_else_holds(started: Started) -> None:
    """The invariants hold and every tie-out ties."""
    check_invariants(started.warehouse, started.setting.variables)


def test_evidence_names_what_is_posted(started: Started) -> None:
    """No raw row points to an entry that was folded away."""
    posted = {row["journal_entry_id"] for row in started.warehouse.table("fct_journal_entries")}
    named = {row["journal_entry_id"] for row in started.warehouse.table("fct_journal_evidence")}
    assert named - {None} <= posted
    opening = {
        row["journal_entry_id"]
        for row in started.warehouse.table("fct_journal_entries")
        if row["event_type"] == "opening" and row["source_entry_count"]
    }
    assert opening <= named, started.context


def test_the_start_is_a_close(started: Started) -> None:
    """Nothing else decides where a fact posts: the closes are as if all before were closed then."""
    warehouse, setting = started.warehouse, started.setting
    intervals = warehouse.table("int_close_intervals", "known_interval", intermediate(warehouse))
    start = warehouse.table("int_books_start", schema=intermediate(warehouse))[0]
    closes = [
        row for row in setting.close_rows if row["accounting_period"] > setting.opening_period
    ]
    closes.append(histories.close_row(setting.opening_period, start["starts_at"]))
    types = books.FINANCE_TYPES["period_closes"]
    try:
        warehouse.load(books.FINANCE_SCHEMA, "period_closes", types, closes)
        without = {**setting.variables, "books_start": None}
        models = ("int_books_start", "int_period_closes", "int_close_intervals")
        warehouse.build("run", "--select", *models, vars=without).check()
        expected = warehouse.table("int_close_intervals", "known_interval", intermediate(warehouse))
        assert intervals == expected, started.context
    finally:
        warehouse.load(books.FINANCE_SCHEMA, "period_closes", types, setting.close_rows)
        warehouse.build("run", "--select", *models, vars=setting.variables).check()
