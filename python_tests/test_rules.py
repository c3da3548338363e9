"""Recognition rules, exclusions and the policies of service lines, on both engines.

The lines are put where the model int_service_lines would be, so that a test says of a line what
matters here and nothing else. What each is worth, and when, is worked out by hand. January 2026 is
accounting period 313 and closed at 3 February.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import books
import pytest
from installing import install, replace
from warehouse import BuildResult, Row, Warehouse

INSTALLING = Path(__file__).parent / "installing_project"
VARS = books.company_vars("2026-04-30")
CLOSES = [{"accounting_period": "2026-01", "closed_at": "2026-02-03", "closed_by": "controller"}]
JANUARY, FEBRUARY = 313, 314

LINE_TYPES = {
    **dict.fromkeys(
        (
            "source_system",
            "source_key",
            "line_id",
            "invoice_id",
            "customer_id",
            "customer_email",
            "product_id",
            "price_id",
            "description",
            "currency",
            "entity_id",
            "billing_account",
            "deferred_account",
            "recognition_hint",
            "line_reason",
        ),
        "text",
    ),
    **dict.fromkeys(("booked_date", "unbilled_date", "starts_on", "ends_on"), "date"),
    **dict.fromkeys(("starts_at", "ends_at", "known_at", "booked_known_at"), "timestamp"),
    **dict.fromkeys(("amount_minor", "tax_minor"), "bigint"),
    **dict.fromkeys(
        (
            "booked_period_index",
            "booked_effective_index",
            "unbilled_period_index",
            "unbilled_effective_index",
            "known_floor_index",
            "booked_floor_index",
        ),
        "integer",
    ),
    "minor_unit": "numeric(5, 4)",
    "quantity": "numeric(28, 9)",
}
FINANCE_MODELS = ("+int_recognition_rules", "+int_exclusions", "+int_standalone_selling_prices")
LINE_MODELS = (
    "int_service_line_exclusions",
    "int_service_lines_counted",
    "int_service_line_rules",
    "int_service_line_allocations",
    "int_service_line_splits",
    "int_service_line_treatments",
    "int_service_line_parts",
)


# --------------------------------------------------------------------------------------------------
# The company
# --------------------------------------------------------------------------------------------------


def rule(priority: int, name: str, treatment: str, percent: str = "100", **more: str) -> Row:
    """A row of recognition_rules, known before January."""
    return {
        "rule_priority": str(priority),
        "rule_name": name,
        "known_at": "2025-12-01",
        "treatment": treatment,
        "allocation_percent": percent,
        **more,
    }


def line(line_id: str, amount_minor: int, **more: Any) -> Row:
    """A line of 10 January in dollars, without a period unless `more` says otherwise."""
    return {
        "source_system": "stripe",
        "source_key": line_id,
        "line_id": line_id,
        "invoice_id": f"in_{line_id}",
        "customer_id": "c_1",
        "currency": "USD",
        "minor_unit": "0.01",
        "amount_minor": amount_minor,
        "tax_minor": 0,
        "booked_date": "2026-01-10",
        "booked_period_index": JANUARY,
        "billing_account": "accounts_receivable",
        **more,
    }


MONTH = {"duration": "1", "duration_unit": "months"}
YEAR = {"duration": "1", "duration_unit": "years"}
DOLLARS = {"currency": "usd ", "has_period": "False"}
TERM = {"starts_on": "2026-01-15", "ends_on": "2026-02-15"}

RULES = [
    rule(10, "ten a month", "amortise_custom_period", **MONTH, **DOLLARS, amount_equals="10"),
    rule(20, "120 a year", "Amortise_custom_period", **YEAR, **DOLLARS, amount_equals="120.0"),
    rule(30, "AvaTax", "tax", description_contains="AvaTax"),
    rule(40, "Service A", "passthrough", "10", description_contains="Service A"),
    rule(40, "Service A", "amortise_service_period", "90", description_contains="Service A"),
    rule(50, "known late", "defer", product_id="support", known_at="2026-02-10"),
    rule(60, "support", "at_point_in_time", product_id="support", recognise_on="2026-06-30"),
    rule(70, "season", "defer", product_id="season", effective_to="2026-01-10"),
    rule(70, "season 2", "defer", "100.000000", product_id="season", effective_from="2026-02-01"),
    rule(80, "not whole", "exclude", "90", product_id="not-whole"),
    rule(90, "tests", "exclude", email_contains="@example.com"),
    rule(100, "credits", "credit_purchase", price_id="credits"),
    rule(110, "box", "defer", "75", product_id="box", backstop_months="12"),
    rule(110, "box", "at_point_in_time", "25", product_id="box"),
]

LINES = [
    # The texts of Stripe's page: 10.00 over a month, 120.00 over a year, AvaTax, Service A.
    line("ch_10", 1000),
    line("ch_10_eur", 1000, currency="EUR"),
    line("ch_120", 12000),
    line("il_120_term", 12000, **TERM),
    line("il_avatax", 500, description="Sales Tax calculated by AVATAX"),
    line("il_service_a", 10000, description="1 x service a (monthly)", **TERM),
    line("il_service_a_odd", -5, description="Service A", **TERM),
    # Which rule: by priority, by what was known when January was closed, by the first date.
    line("il_january", 4000, product_id="support"),
    line("il_february", 4000, product_id="support", booked_period_index=FEBRUARY),
    line(
        "ii_pending",
        4000,
        product_id="support",
        unbilled_date="2026-01-20",
        unbilled_period_index=JANUARY,
        booked_date="2026-02-20",
        booked_period_index=FEBRUARY,
    ),
    line("il_season", 4000, product_id="season"),
    line("il_not_whole", 4000, product_id="not-whole"),
    line("il_test", 4000, tax_minor=400, customer_email="Ann@Example.com"),
    line("il_credits", 4000, tax_minor=400, price_id="credits"),
    line("il_box", 999, product_id="box"),
    line("il_duplicate", 4000, line_reason="duplicate"),
    # Excluded, in time and too late.
    line("il_excluded", 4000),
    line("il_excluded_raw", 4000, source_key="raw"),
    line("il_excluded_late", 4000),
    # One customer per policy.
    line(
        "il_second",
        4000,
        customer_id="c_second",
        **TERM,
        starts_at="2026-01-15 12:00",
        ends_at="2026-02-15 12:00",
    ),
    line("il_plug", 4000, customer_id="c_plug", **TERM),
    line("il_own_period", 4000, customer_id="c_own_period", **TERM),
    line("ns_own_period", 4000, source_system="netsuite", **TERM),
    line("il_gains", 4000, customer_id="c_gains", **TERM),
    line("il_through", 4000, customer_id="c_through", **TERM),
    line("il_phone", 0, customer_id="c_bundle", invoice_id="in_bundle", product_id="phone"),
    line("il_plan", 60000, customer_id="c_bundle", invoice_id="in_bundle", product_id="plan"),
    line("il_odd", 100, customer_id="c_bundle", invoice_id="in_unpriced", product_id="odd"),
    line("il_phone_2", 500, customer_id="c_bundle", invoice_id="in_unpriced", product_id="phone"),
]

EXCLUSIONS = [
    {"transaction_id": "in_il_excluded", "excluded_at": "2026-01-20", "memo": "a test"},
    {"transaction_id": "raw", "excluded_at": "2026-01-20"},
    {"transaction_id": "il_excluded_late", "excluded_at": "2026-02-20 10:00"},
    {"transaction_id": "il_plug", "excluded_at": "2026-05-01"},
]
SELLING_PRICES = [
    dict(
        zip(
            ("product_id", "currency", "unit_price", "effective_from", "known_at"),
            values,
            strict=True,
        )
    )
    for values in (
        ("phone", "USD", "300", "2026-01-01", "2025-12-01"),
        ("phone", "USD", "900", "2026-01-01", "2026-02-10"),
        ("plan", "usd", "900.00", "2025-01-01", "2025-12-01"),
    )
]

# Line, part, treatment, amount, first day, the day after the last, account, rule.
EXPECTED = """
ch_10            1 amortise_custom_period   1000 2026-01-10 2026-02-10 deferred_revenue ten a month
ch_10_eur        1 at_point_in_time         1000 2026-01-10 2026-01-11 deferred_revenue -
ch_120           1 amortise_custom_period  12000 2026-01-10 2027-01-10 deferred_revenue 120 a year
il_120_term      1 amortise_service_period 12000 2026-01-15 2026-02-15 deferred_revenue -
il_avatax        1 tax                       500 - - tax_liability AvaTax
il_service_a     1 amortise_service_period  9000 2026-01-15 2026-02-15 deferred_revenue Service A
il_service_a     2 passthrough              1000 - - passthrough_fees Service A
il_service_a_odd 1 amortise_service_period    -5 2026-01-15 2026-02-15 deferred_revenue Service A
il_service_a_odd 2 passthrough                 0 - - passthrough_fees Service A

il_january       1 at_point_in_time         4000 2026-06-30 2026-07-01 deferred_revenue support
il_february      1 defer                    4000 - - deferred_revenue known late
ii_pending       1 at_point_in_time         4000 2026-06-30 2026-07-01 deferred_revenue support
il_season        1 at_point_in_time         4000 2026-01-10 2026-01-11 deferred_revenue -
il_not_whole     1 at_point_in_time         4000 2026-01-10 2026-01-11 deferred_revenue -
il_test          1 exclude                  4000 - - - tests
il_test          0 exclude                   400 - - - tests
il_credits       1 credit_purchase          4000 - - credit_clearing credits
il_credits       0 tax                       400 - - tax_liability -
il_box           1 at_point_in_time          250 2026-01-10 2026-01-11 deferred_revenue box
il_box           2 defer                     749 - - deferred_revenue box

il_excluded_late 1 at_point_in_time         4000 2026-01-10 2026-01-11 deferred_revenue -

il_second        1 amortise_service_period  4000 2026-01-15 2026-02-15 deferred_revenue -
il_plug          1 amortise_service_period  4000 2026-01-15 2026-02-15 deferred_revenue -
il_own_period    1 amortise_service_period  4000 2026-01-15 2026-02-15 deferred_revenue -
ns_own_period    1 amortise_service_period  4000 2026-01-15 2026-02-15 deferred_revenue -
il_gains         1 amortise_service_period  4000 2026-01-15 2026-02-15 deferred_revenue -
il_through       1 amortise_service_period  4000 2026-01-15 2026-02-15 deferred_revenue -
il_phone         1 at_point_in_time        15000 2026-01-10 2026-01-11 deferred_revenue -
il_plan          1 at_point_in_time        45000 2026-01-10 2026-01-11 deferred_revenue -
il_odd           1 at_point_in_time          100 2026-01-10 2026-01-11 deferred_revenue -
il_phone_2       1 at_point_in_time          500 2026-01-10 2026-01-11 deferred_revenue -
"""


def load(
    house: Warehouse, rules: list[Row], exclusions: list[Row], prices: list[Row], lines: list[Row]
) -> None:
    """Load the finance tables and the lines."""
    tables = {
        "credit_grants": [],
        "credit_ledger": [],
        "recognition_rules": rules,
        "exclusions": exclusions,
        "standalone_selling_prices": prices,
    }
    books.load_company(house, tables, CLOSES)
    house.load(f"{house.schema}_intermediate", "int_service_lines", LINE_TYPES, lines)


def run(house: Warehouse, project: Path | None = None) -> None:
    """Build the models of the rules, without tests."""
    where = {} if project is None else {"project_dir": project}
    house.build("run", "--select", *FINANCE_MODELS, *LINE_MODELS, vars=VARS, **where).check()


def rows_of(house: Warehouse, model: str) -> list[Row]:
    """The rows of an intermediate model."""
    return house.table(model, schema=f"{house.schema}_intermediate")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the installing project."""
    return install(INSTALLING, tmp_path_factory.mktemp("installing"))


@pytest.fixture(scope="module")
def company(warehouse: Warehouse, project: Path) -> Warehouse:
    """The company, built by the installing project, on each engine."""
    load(warehouse, RULES, EXCLUSIONS, SELLING_PRICES, LINES)
    run(warehouse, project)
    return warehouse


# --------------------------------------------------------------------------------------------------
# What becomes of the lines
# --------------------------------------------------------------------------------------------------


def as_expected(row: Row) -> tuple[str, ...]:
    """A part as a row of EXPECTED."""
    columns = ("starts_on", "ends_on", "position_account", "rule_name")
    shown = [str(row[column]) if row[column] is not None else "-" for column in columns]
    part = (row["line_id"], row["part_number"], row["treatment"], row["amount_minor"])
    return (*map(str, part), *shown)


def test_parts_of_the_lines(company: Warehouse) -> None:
    """Every line has the parts worked out above, and no other line has any."""
    expected = sorted(tuple(row.split(maxsplit=7)) for row in EXPECTED.splitlines() if row)
    assert (
        sorted(as_expected(row) for row in rows_of(company, "int_service_line_parts")) == expected
    )


def test_a_deferred_part_has_its_backstop(company: Warehouse) -> None:
    """Months after the invoice, where the rule says how many."""
    backstops = {
        row["obligation_id"]: row["backstop_on"]
        for row in rows_of(company, "int_service_line_parts")
        if row["treatment"] == "defer"
    }
    assert backstops == {"il_box:2": date(2027, 1, 10), "il_february": None}


def test_exclusions(company: Warehouse) -> None:
    """By invoice, raw row or line; closed where January was; not before it was excluded."""
    excluded = {
        row["line_id"]: row["is_closed"] for row in rows_of(company, "int_service_line_exclusions")
    }
    assert excluded == {"il_excluded": False, "il_excluded_raw": False, "il_excluded_late": True}


def test_policies_by_customer(company: Warehouse) -> None:
    """Each policy answers by customer; all other parts have the defaults."""
    columns = ("granularity", "rounding", "catch_up", "recovery", "reversal_timing")
    defaults = ("by_day", "cumulative", "in_booked_period", "restore", "earlier_periods")
    answers = {
        row["line_id"]: {
            column: row[column]
            for column, default in zip(columns, defaults, strict=True)
            if row[column] != default
        }
        for row in rows_of(company, "int_service_line_parts")
    }
    assert {line_id: answer for line_id, answer in answers.items() if answer} == {
        "il_second": {"granularity": "by_second"},
        "il_plug": {"rounding": "plug_last"},
        "il_own_period": {"catch_up": "own_period_unbilled"},
        "ns_own_period": {"catch_up": "own_period_deferred"},
        "il_gains": {"recovery": "as_gains"},
        "il_through": {"reversal_timing": "through_current_period"},
    }


def test_a_bundle_without_a_price_is_listed(company: Warehouse) -> None:
    """The line that has none; the bundle stays as invoiced."""
    reasons = {
        row["line_id"]: row["reason_code"]
        for row in rows_of(company, "int_service_line_allocations")
    }
    assert reasons == {
        "il_phone": None,
        "il_plan": None,
        "il_odd": "missing_standalone_selling_price",
        "il_phone_2": None,
    }


def test_parts_sum_to_their_lines(company: Warehouse, project: Path) -> None:
    """The invariant that every build tests, on lines that are split, allocated and excluded."""
    command = (
        "test",
        "--select",
        "assert_parts_sum_to_their_line",
        "service_line_parts_are_unique",
    )
    result = company.build(*command, vars=VARS, project_dir=project).check()
    assert len([name for name in result.nodes if name.startswith("test.")]) == 2


# --------------------------------------------------------------------------------------------------
# Rows that cannot count
# --------------------------------------------------------------------------------------------------

CUSTOM = "amortise_custom_period"
BROKEN_RULES: list[tuple[str, Row]] = [
    ("rule_name is empty", rule(1, "", "tax")),
    ("rule_priority is empty", rule(1, "a", "tax", rule_priority="")),
    ("rule_priority cannot be read", rule(1, "b", "tax", rule_priority="first")),
    ("rule_priority cannot be read", rule(1, "c", "tax", rule_priority="1.5")),
    ("effective_from cannot be read", rule(3, "d", "tax", effective_from="1 May")),
    ("effective_to cannot be read", rule(4, "e", "tax", effective_to="2026-02-30")),
    ("known_at cannot be read", rule(5, "f", "tax", known_at="now")),
    ("known_at is empty", rule(6, "g", "tax", known_at="")),
    ("known_at is outside 1900 to 2199", rule(7, "h", "tax", known_at="1880-01-01")),
    ("amount_equals cannot be read", rule(8, "i", "tax", amount_equals="$10")),
    ("has_period cannot be read", rule(9, "j", "tax", has_period="maybe")),
    ("allocation_percent cannot be read", rule(10, "k", "tax", "all")),
    ("allocation_percent is empty", rule(11, "l", "tax", "")),
    ("allocation_percent is not over 0 to 100", rule(12, "m", "tax", "-100")),
    ("start_offset cannot be read", rule(13, "n", CUSTOM, start_offset="0.5", **MONTH)),
    ("duration cannot be read", rule(14, "o", CUSTOM, duration="1m", duration_unit="days")),
    ("recognise_on cannot be read", rule(15, "p", "at_point_in_time", recognise_on="later")),
    ("backstop_months cannot be read", rule(16, "q", "defer", backstop_months="x")),
    (
        "effective_to is not after effective_from",
        rule(17, "r", "tax", effective_from="2026-02-01", effective_to="2026-02-01"),
    ),
    ("source_system is none that", rule(18, "s", "tax", source_system="strip")),
    ("currency is not in currencies", rule(19, "t", "tax", currency="UDS")),
    ("treatment is none that revrec knows", rule(20, "u", "amortize_service_period")),
    ("treatment is none that revrec knows", rule(21, "v", "")),
    ("start_offset and duration are for", rule(22, "w", "tax", **MONTH)),
    ("recognise_on is for at_point_in_time", rule(23, "x", "defer", recognise_on="2026-01-01")),
    ("backstop_months is for defer", rule(24, "y", "tax", backstop_months="12")),
    ("amortise_custom_period needs a duration", rule(25, "z", CUSTOM)),
    ("duration is not over 0", rule(26, "aa", CUSTOM, duration="0", duration_unit="days")),
    ("duration_unit is not days", rule(27, "bb", CUSTOM, duration="1", duration_unit="weeks")),
    ("duration_unit is not days", rule(28, "cc", CUSTOM, duration="1")),
    ("start_offset needs start_offset_unit", rule(29, "dd", CUSTOM, start_offset="1", **MONTH)),
    (
        "start_offset is negative",
        rule(30, "ee", CUSTOM, start_offset="-1", start_offset_unit="days", **MONTH),
    ),
    ("backstop_months is not over 0", rule(31, "ff", "defer", backstop_months="0")),
    ("do not sum to 100", rule(32, "gg", "tax", "99.999999")),
    ("do not sum to 100", rule(33, "hh", "tax", "90")),
    ("do not sum to 100", rule(33, "hh", "passthrough", "20")),
    ("have the same treatment", rule(34, "ii", "tax", "50")),
    ("have the same treatment", rule(34, "ii", "tax", "50")),
    ("differ in more than their treatment", rule(35, "jj", "tax", "50", product_id="p")),
    ("differ in more than their treatment", rule(35, "jj", "exclude", "50", product_id="q")),
    ("overlapping effective period as ll", rule(36, "kk", "tax", effective_to="2026-02-02")),
    ("overlapping effective period as kk", rule(36, "ll", "tax", effective_from="2026-02-01")),
]
SOUND_RULES = [
    rule(40, "until February", "tax", effective_to="2026-02-01"),
    rule(40, "from February", "tax", effective_from="2026-02-01"),
    rule(41, "thirds", "tax", "33.333333"),
    rule(41, "thirds", "passthrough", "33.333333"),
    rule(41, "thirds", "exclude", "33.333334"),
]


def test_what_is_wrong_with_a_rule(warehouse: Warehouse) -> None:
    """Each broken row says why, on both engines; none of them counts, and the sound ones do."""
    load(warehouse, [row for _, row in BROKEN_RULES] + SOUND_RULES, [], [], [])
    run(warehouse)
    found = [
        (row["rule_name"], row["treatment"], row["problem"], row["is_valid"])
        for row in rows_of(warehouse, "int_recognition_rules")
    ]
    for problem, row in BROKEN_RULES:
        name = row["rule_name"] or None
        said = [(p, valid) for rule_name, _, p, valid in found if rule_name == name]
        assert said, name
        assert all(problem in p and not valid for p, valid in said), (problem, name, said)
    sound = {row["rule_name"] for row in SOUND_RULES}
    assert [(p, valid) for name, _, p, valid in found if name in sound] == [(None, True)] * 5


BROKEN_EXCLUSIONS = [
    {"transaction_id": "in_1", "excluded_at": "2026-13-01", "memo": "unread"},
    {"transaction_id": "in_2", "excluded_at": "2026-01-01", "memo": "first"},
    {"transaction_id": "in_2", "excluded_at": "2026-01-02", "memo": "second"},
    {"transaction_id": "", "excluded_at": "2026-01-02", "memo": "which"},
    {"transaction_id": "in_3", "excluded_at": "1880-01-01", "memo": "old"},
]
BROKEN_PRICES = [
    SELLING_PRICES[0] | {"product_id": "a", "unit_price": "-1"},
    SELLING_PRICES[0] | {"product_id": "b", "unit_price": "0.0000001"},
    SELLING_PRICES[0] | {"product_id": "c", "known_at": ""},
    SELLING_PRICES[0] | {"product_id": "d", "currency": "UDS"},
    SELLING_PRICES[0] | {"product_id": "e", "effective_from": "May"},
]
SAID = (
    "rule_name=Half a rule, treatment=tax, effective_from=None, effective_to=None, "
    "problem=the percentages of the rule do not sum to 100",
    "transaction_id=in_1, excluded_at=None, memo=unread, "
    "problem=excluded_at is empty or cannot be read",
    "memo=first, problem=several rows for one transaction",
    "memo=second, problem=several rows for one transaction",
    "memo=which, problem=transaction_id is empty",
    "memo=old, problem=excluded_at is outside 1900 to 2199",
    "product_id=a, currency=USD, unit_price=-1.000000",
    "problem=unit_price is negative",
    "problem=unit_price is empty or cannot be read",
    "problem=known_at is empty or cannot be read",
    "product_id=d, currency=UDS",
    "problem=the currency is empty or not in currencies",
    "problem=effective_from is empty or cannot be read",
)


def build(house: Warehouse, *models: str, **more: Any) -> BuildResult:
    """Build models with those of their data tests that need no other model."""
    options = ("--exclude-resource-type", "unit_test", "--indirect-selection", "cautious")
    return house.build("build", "--select", *models, *options, vars=VARS, **more)


def failed(result: BuildResult) -> set[str]:
    """The names of the tests that failed."""
    return {name.split(".")[2] for name in result.failed}


def test_a_broken_row_stops_the_build(duckdb_warehouse: Warehouse) -> None:
    """A test fails for each table, the log names every row, and no part is built."""
    half = rule(1, "Half a rule", "tax", "50")
    load(duckdb_warehouse, [half], BROKEN_EXCLUSIONS, BROKEN_PRICES, [])
    result = build(duckdb_warehouse, *FINANCE_MODELS, *LINE_MODELS)
    assert failed(result) == {
        "assert_recognition_rules_are_valid",
        "assert_exclusions_are_valid",
        "assert_standalone_selling_prices_are_valid",
    }, result
    assert [text for text in SAID if text not in result.log] == []
    assert result.nodes["model.revrec.int_service_line_parts"].status == "skipped"


# --------------------------------------------------------------------------------------------------
# Wrong options
# --------------------------------------------------------------------------------------------------

WRONG_OPTIONS = [
    ("schedule_granularity", "'by_second'", "'by_hour'"),
    ("schedule_rounding", "'plug_last'", "'plug_middle'"),
    ("catch_up", "'own_period_unbilled'", "'own_period'"),
    ("recovery", "'as_gains'", "'gains'"),
    ("reversal_timing", "'through_current_period'", "'through_now'"),
    ("allocation", "'standalone_selling_price'", "'ssp'"),
]


@pytest.fixture
def policy_files(project: Path) -> Iterator[Path]:
    """The folder of the policies, as it was again afterwards."""
    folder = project / "macros"
    before = {file: file.read_text(encoding="utf-8") for file in folder.glob("*.sql")}
    yield folder
    for file, text in before.items():
        file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("options", [WRONG_OPTIONS[:-1], WRONG_OPTIONS[-1:]])
def test_wrong_option_stops_the_build(
    duckdb_warehouse: Warehouse,
    project: Path,
    policy_files: Path,
    options: list[tuple[str, str, str]],
) -> None:
    """The tests that fail have the names of the policies, and no schedule is built."""
    for policy, option, wrong in options:
        replace(policy_files / f"{policy}.sql", option, wrong)
    load(duckdb_warehouse, RULES[:2], [], SELLING_PRICES, LINES)
    models = (*FINANCE_MODELS, *LINE_MODELS, "int_schedule_slices")
    result = build(duckdb_warehouse, *models, project_dir=project)
    assert failed(result) == {f"policy_{policy}_is_an_option" for policy, _, _ in options}, result
    assert result.nodes["model.revrec.int_schedule_slices"].status == "skipped"
