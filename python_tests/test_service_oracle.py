"""Tests of the oracle of invoiced services itself: the published examples, and its properties."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction

import generic_rows
import pytest
import service_oracle
import stripe_rows
import test_stripe_vectors as published
from service_oracle import Policy

AS_OF_DATE = date(2026, 12, 31)
POLICIES = {
    "E34": Policy(recovery="as_gains"),
    "E39": Policy(recovery="as_gains"),
    "E54a": Policy("by_second"),
    "E54b": Policy("by_day"),
    "E54c": Policy("by_month_even", "truncate_last_full_period"),
    "E54d": Policy("by_month_prorated_ends", "truncate_last_full_period"),
    "E55b": Policy(catch_up="own_period_unbilled"),
} | {
    stripe_rows.amortization_customer(row["case_id"]): Policy(
        row["granularity"], row["schedule_rounding"]
    )
    for row in published.AMORTIZATIONS
}


def treatments_of(line: dict) -> service_oracle.Treatments:
    """The rules of the examples."""
    if "AvaTax" in (line["description"] or ""):
        return [("tax", Fraction(1))]
    if line["customer_id"] in ("E57", "S_passthrough"):
        return [("amortise_service_period", Fraction(9, 10)), ("passthrough", Fraction(1, 10))]
    return service_oracle.DEFAULT_TREATMENT


@pytest.fixture(scope="module")
def changes() -> dict[str, published.Changes]:
    """The oracle's changes of each account per period, by example."""
    customers = [
        *stripe_rows.example_customers(),
        *stripe_rows.seed_customers(),
        *stripe_rows.amortization_customers(),
    ]
    found = service_oracle.build_books(
        generic_rows.generic_tables(stripe_rows.merged(customers)),
        [],
        {"USD": 2, "EUR": 2},
        lambda customer: POLICIES.get(customer, Policy()),
        as_of_date=AS_OF_DATE,
        treatments_of=treatments_of,
    )
    accounts = published.printed_accounts()
    sums: dict[str, Counter] = defaultdict(Counter)
    for entry in found.entries:
        for side, sign in (("debit_account", 1), ("credit_account", -1)):
            name, debit_sign = accounts[entry[side]]
            key = entry["accounting_period"], name
            sums[entry["customer_id"]][key] += sign * debit_sign * entry["amount"]
    return {customer: {k: v for k, v in c.items() if v} for customer, c in sums.items()}


@pytest.mark.parametrize("example_id", published.EXAMPLES)
def test_a_published_table(changes: dict, example_id: str) -> None:
    """The oracle agrees with the published tables, so what agrees with it does too."""
    found = changes.get(example_id, {})
    if example_id in published.REVENUE_ONLY:
        found = {key: change for key, change in found.items() if key[1] == "Revenue"}
    published.assert_table(found, published.printed(example_id))


@pytest.mark.parametrize("customer_id", published.SEED_FIGURES)
def test_a_figure_of_the_seed_text(changes: dict, customer_id: str) -> None:
    """Those of the text itself too."""
    lines = [line.split() for line in published.SEED_FIGURES[customer_id].strip().splitlines()]
    rows = [(period, account, Decimal(change)) for period, account, change in lines]
    published.assert_table(changes[customer_id], rows)


@pytest.mark.parametrize(
    "row", published.AMORTIZATIONS, ids=[row["case_id"] for row in published.AMORTIZATIONS]
)
def test_one_amount_over_a_service_period(changes: dict, row: dict) -> None:
    """And every amortization."""
    found = changes[stripe_rows.amortization_customer(row["case_id"])]
    revenue = [found.get((period, "Revenue"), 0) for period in row["periods"].split("|")]
    assert revenue == [Decimal(amount) for amount in row["expected"].split("|")]
