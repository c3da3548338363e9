"""Published examples, from raw Stripe rows to the change of every account per period.

One company holds them all, one customer per example, and is built once per engine by a project
that installs revrec (`vector_project`): where an example shows another option than the default,
that project overrides the policy for the customer of the example. How the vectors are to be read is
said in vectors/README.md. The one example in a functional currency has a small build of its own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import books
import pytest
import stripe
import stripe_rows
from installing import install
from warehouse import Row, Warehouse

PROJECT = Path(__file__).parent / "vector_project"
AS_OF_DATE = "2026-12-31"
CENT = Decimal("0.01")

Changes = dict[tuple[str, str], Decimal]
"""(accounting period, account as printed) -> change on the account's natural side, not zero."""

REVENUE_ONLY = {"E03"}
CREDITED_BEFORE = {"E13", "E28"}
EXAMPLES = list(
    dict.fromkeys(
        row["example_id"]
        for row in stripe_rows.vector("stripe_expected")
        if row["example_id"] not in stripe_rows.METERED | stripe_rows.TRANSLATED
    )
)
AMORTIZATIONS = stripe_rows.vector("amortization")
EXPECTED_EXAMPLES = 31

# The seed text prints revenue and deferred revenue of 365 dollars, revenue of the bundle and the
# shares of the two rules on lines; the days of 10 and 120 dollars are counted by hand: 16 of 31
# days in March, then 15; 31, 28 and 31 of 365 days.
SEED_FIGURES = {
    "S_365": """
        2021-09 Revenue  30.00
        2021-10 Revenue  31.00
        2021-11 Revenue  30.00
        2021-12 Revenue  31.00
        2021-09 DeferredRevenue  335.00
        2021-10 DeferredRevenue  -31.00
        2021-11 DeferredRevenue  -30.00
        2021-12 DeferredRevenue  -31.00
        2021-09 AccountsReceivable  365.00
    """,
    "S_bundle": """
        2021-01 Revenue  59.00
        2021-02 Revenue  9.00
        2021-03 Revenue  9.00
        2021-01 AccountsReceivable  59.00
        2021-02 AccountsReceivable  9.00
        2021-03 AccountsReceivable  9.00
    """,
    "S_10": """
        2021-03 Cash  10.00
        2021-03 Revenue  5.16
        2021-04 Revenue  4.84
        2021-03 DeferredRevenue  4.84
        2021-04 DeferredRevenue  -4.84
    """,
    "S_120": """
        2021-01 Cash  120.00
        2021-01 Revenue  10.19
        2021-02 Revenue  9.21
        2021-03 Revenue  10.19
        2021-01 DeferredRevenue  109.81
        2021-02 DeferredRevenue  -9.21
        2021-03 DeferredRevenue  -10.19
    """,
    "S_avatax": """
        2021-04 AccountsReceivable  108.25
        2021-04 Revenue  100.00
        2021-04 TaxLiability  8.25
    """,
    "S_passthrough": """
        2021-04 AccountsReceivable  100.00
        2021-04 Revenue  90.00
        2021-04 PassthroughFees  10.00
    """,
}


# --------------------------------------------------------------------------------------------------
# Building
# --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project of the vectors, with revrec installed by `dbt deps`."""
    return install(PROJECT, tmp_path_factory.mktemp("vectors"))


def load(warehouse: Warehouse, customers: list[stripe_rows.Customer], **finance: list[Row]) -> None:
    """Load the raw rows of some customers, with the rules of the examples and other tables."""
    finance["recognition_rules"] = stripe_rows.RECOGNITION_RULES
    stripe.load_stripe(warehouse, {**stripe_rows.merged(customers), **finance})


@pytest.fixture(scope="module")
def company(warehouse: Warehouse, project: Path) -> Warehouse:
    """All examples but the translated one, built once on each engine with its data tests."""
    customers = [
        *stripe_rows.example_customers(),
        *stripe_rows.seed_customers(),
        *stripe_rows.amortization_customers(),
    ]
    load(warehouse, [c for c in customers if c.customer_id not in stripe_rows.TRANSLATED])
    command = ("build", "--exclude-resource-type", "unit_test")
    warehouse.build(*command, vars=stripe.stripe_vars(AS_OF_DATE), project_dir=project).check()
    return warehouse


# --------------------------------------------------------------------------------------------------
# Reading
# --------------------------------------------------------------------------------------------------


def printed_accounts() -> dict[str, tuple[str, int]]:
    """Account key -> its name in the published tables, and the sign of a debit of it."""
    found = {}
    for row in books.read_seed("chart_of_accounts"):
        words = row["account"].split("_")
        name = "".join(word.capitalize() for word in words)
        if row["account_class"] == "revenue":
            name = "Revenue"
        elif row["account"] == "unbilled_receivable":
            name = "UnbilledAccountsReceivable"
        found[row["account"]] = (name, 1 if row["normal_side"] == "debit" else -1)
    return found


def changes_by_customer(warehouse: Warehouse, amount: str = "amount") -> dict[str | None, Changes]:
    """Per customer, the change of each account per accounting period.

    Args:
        warehouse: a built company.
        amount: the column of the journal, `amount` or `functional_amount`.
    """
    accounts = printed_accounts()
    sums: dict[str | None, dict] = defaultdict(lambda: defaultdict(Decimal))
    for entry in warehouse.table("fct_journal_entries"):
        for side, sign in (("debit_account", 1), ("credit_account", -1)):
            name, debit_sign = accounts[entry[side]]
            key = entry["accounting_period"], name
            sums[entry["customer_id"]][key] += sign * debit_sign * entry[amount]
    return {
        customer: {key: change for key, change in found.items() if change}
        for customer, found in sums.items()
    }


@pytest.fixture(scope="module")
def changes(company: Warehouse) -> dict[str | None, Changes]:
    """The changes of the company, read once."""
    return changes_by_customer(company)


def printed(example_id: str) -> list[tuple[str, str, Decimal]]:
    """The rows of an expected table: period, account, change."""
    return [
        (row["period"], row["account"], Decimal(row["change"]))
        for row in stripe_rows.vector("stripe_expected")
        if row["example_id"] == example_id
    ]


def within(changes: Mapping, first: str, last: str) -> Changes:
    """The changes from the first to the last period that a table prints."""
    return {key: change for key, change in changes.items() if first <= key[0] <= last}


def not_zero(rows: list[tuple[str, str, Decimal]]) -> Changes:
    """Printed rows as changes; a row is printed once.

    Raises:
        AssertionError: it is not.
    """
    found = {(period, account): change for period, account, change in rows}
    assert len(found) == len(rows)
    return {key: change for key, change in found.items() if change}


def assert_table(found: Changes, rows: list[tuple[str, str, Decimal]]) -> None:
    """Inside the printed periods every account changed as printed and no other changed at all."""
    periods = [period for period, _, _ in rows]
    assert within(found, min(periods), max(periods)) == not_zero(rows)


# --------------------------------------------------------------------------------------------------
# The examples
# --------------------------------------------------------------------------------------------------


def test_no_example_is_left_out() -> None:
    """Every example is compared but metered usage, which another part of the books is about."""
    inputs = {row["example_id"] for row in stripe_rows.vector("stripe_inputs")}
    assert inputs == set(EXAMPLES) | stripe_rows.METERED | stripe_rows.TRANSLATED
    assert len(EXAMPLES) == EXPECTED_EXAMPLES


@pytest.mark.parametrize("example_id", EXAMPLES)
def test_a_published_table(changes: dict[str | None, Changes], example_id: str) -> None:
    """To the cent, in every printed period, for every account."""
    found = changes.get(example_id, {})
    if example_id in REVENUE_ONLY:
        found = {key: change for key, change in found.items() if key[1] == "Revenue"}
    assert_table(found, printed(example_id))


@pytest.mark.parametrize("example_id", EXAMPLES)
def test_nothing_happens_before_a_table_begins(
    changes: dict[str | None, Changes], example_id: str
) -> None:
    """But for a manual credit of 11 dollars, which two tables presuppose."""
    first = min(period for period, _, _ in printed(example_id))
    before = {k: v for k, v in changes.get(example_id, {}).items() if k[0] < first}
    expected = {}
    if example_id in CREDITED_BEFORE:
        expected = {
            ("2018-12", "CustomerBalance"): Decimal(11),
            ("2018-12", "CustomerBalanceAdjustments"): Decimal(11),
        }
    assert before == expected


@pytest.mark.parametrize("customer_id", SEED_FIGURES)
def test_a_figure_of_the_seed_text(changes: dict[str | None, Changes], customer_id: str) -> None:
    """365 dollars by the day, bundles, rules on charges, AvaTax, a passed-through tenth."""
    lines = [line.split() for line in SEED_FIGURES[customer_id].strip().splitlines()]
    rows = [(period, account, Decimal(change)) for period, account, change in lines]
    assert_table(changes.get(customer_id, {}), rows)


@pytest.mark.parametrize("row", AMORTIZATIONS, ids=[row["case_id"] for row in AMORTIZATIONS])
def test_one_amount_over_a_service_period(
    changes: dict[str | None, Changes], row: dict[str, str]
) -> None:
    """With the granularity and the rounding that the row names."""
    periods = row["periods"].split("|")
    found = changes.get(stripe_rows.amortization_customer(row["case_id"]), {})
    revenue = [found.get((period, "Revenue"), Decimal(0)) for period in periods]
    assert revenue == [Decimal(amount) for amount in row["expected"].split("|")]


def test_the_overrides_are_those_that_the_vectors_name(company: Warehouse) -> None:
    """The project of the vectors chooses what amortization.csv says, customer by customer."""
    parts = company.fetch(
        "select distinct customer_id, granularity, rounding "
        f"from {company.schema}_intermediate.int_service_line_parts"
    )
    chosen = {row["customer_id"]: (row["granularity"], row["rounding"]) for row in parts}
    for row in AMORTIZATIONS:
        customer = stripe_rows.amortization_customer(row["case_id"])
        assert chosen[customer] == (row["granularity"], row["schedule_rounding"])


def test_everything_is_accounted_for(company: Warehouse) -> None:
    """Every raw row has a disposition, every tie-out is tied and no row is an exception."""
    books.assert_all_is_accounted_for(company, company.engine)
    assert company.table("rec_exceptions") == []


def test_amounts_are_whole_cents(company: Warehouse) -> None:
    """What is compared above as major units is what the books hold as minor units."""
    entries: list[Row] = company.table("fct_journal_entries")
    assert entries
    for entry in entries:
        assert entry["amount"] == entry["amount_minor"] * CENT
        assert re.fullmatch(r"\d{4}-\d{2}", entry["accounting_period"])


def test_a_published_table_in_functional_currency(warehouse: Warehouse, project: Path) -> None:
    """30 euros invoiced at 1.20, paid at 1.10: 36 of revenue, 33 of cash, 3 of loss (E18)."""
    customers = [
        c for c in stripe_rows.example_customers() if c.customer_id in stripe_rows.TRANSLATED
    ]
    load(warehouse, customers, fx_rates=stripe_rows.FX_RATES)
    variables = stripe.stripe_vars("2019-12-31", functional_currency="USD")
    marts = ("fct_journal_entries", "rec_tie_outs", "rec_completeness", "rec_exceptions")
    command = ("build", "--select", *(f"+{mart}" for mart in marts))
    warehouse.build(
        *command,
        "--exclude-resource-type",
        "unit_test",
        "test",
        vars=variables,
        project_dir=project,
    ).check()
    found = changes_by_customer(warehouse, "functional_amount")
    assert_table(found["E18"], printed("E18"))
    assert changes_by_customer(warehouse)["E18"]["2019-02", "Cash"] == Decimal(30)
    books.assert_all_is_accounted_for(warehouse, warehouse.engine)
