"""Tests of the oracle of metered usage itself: the published examples, and its properties."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import histories
import oracle
import pytest
import test_stripe_vectors as published
import usage_histories
import usage_oracle
import usage_rows
from books import row_differences
from usage_oracle import Policy, Schedule, Tier

AS_OF_DATE = date(2026, 12, 31)
EXAMPLES = sorted({row[0] for row in usage_rows.expected()})


def policy_of(customer_id: str) -> Policy:
    """Volume pricing keeps the right to invoice in its example."""
    return Policy(limits="allow" if customer_id in usage_rows.RETROACTIVE else "refuse")


@pytest.fixture(scope="module")
def found() -> usage_oracle.Books:
    """The oracle's books of all examples."""
    return usage_oracle.build_books(
        usage_rows.example_tables(), [], {"USD": 2}, policy_of, as_of_date=AS_OF_DATE
    )


def changes(entries: list[dict]) -> dict[str, published.Changes]:
    """The change of each account per period, by customer."""
    accounts = published.printed_accounts()
    sums: dict[str, Counter] = defaultdict(Counter)
    for entry in entries:
        for side, sign in (("debit_account", 1), ("credit_account", -1)):
            name, debit_sign = accounts[entry[side]]
            key = entry["accounting_period"], name
            sums[entry["customer_id"]][key] += sign * debit_sign * entry["amount"]
    return {customer: {k: v for k, v in c.items() if v} for customer, c in sums.items()}


def assert_example(changed: published.Changes, example_id: str) -> None:
    """Every account that the example prints changed so, in the periods that it prints."""
    rows = [row[1:] for row in usage_rows.expected() if row[0] == example_id]
    accounts = {account for _, account, _ in rows}
    published.assert_table({k: v for k, v in changed.items() if k[1] in accounts}, rows)


@pytest.mark.parametrize("example_id", EXAMPLES)
def test_an_example(found: usage_oracle.Books, example_id: str) -> None:
    """The oracle agrees with the examples, so what agrees with it does too."""
    assert_example(changes(found.entries)[example_id], example_id)


def test_every_row_of_the_examples_is_journaled(found: usage_oracle.Books) -> None:
    """None is an exception."""
    assert {pair for counts in found.dispositions.values() for pair in counts} == {
        ("journaled", None)
    }


def test_the_seed_text_reverses_what_it_accrued(found: usage_oracle.Books) -> None:
    """The invoice for 60 takes 60.00 of the unbilled receivable, and nothing else differs."""
    entries = [e for e in found.entries if e["customer_id"] == "U_seed_invoiced"]
    (invoiced,) = (e for e in entries if e["event_type"] == "usage_invoiced")
    assert invoiced["amount"] == Decimal("60.00")
    assert invoiced["credit_account"] == "unbilled_receivable"
    assert not [e for e in entries if e["event_type"] == "usage_invoice_difference"]


# --------------------------------------------------------------------------------------------------
# Rates
# --------------------------------------------------------------------------------------------------


def schedule(model: str, *tiers: tuple) -> Schedule:
    """A schedule of tiers (up to, unit amount, flat amount, package size)."""
    made = tuple(
        Tier(up_to, Fraction(unit), Fraction(flat), size) for up_to, unit, flat, size in tiers
    )
    moment = datetime(2026, 1, 1)
    return Schedule("s", "p", None, "USD", model, "sum", None, moment, moment, made, True)


@pytest.mark.parametrize("model", ["graduated", "volume"])
def test_a_tier_holds_its_end(model: str) -> None:
    """`up_to` is inclusive: at 100 the second tier is not entered."""
    rate = schedule(model, (Fraction(100), "1", "2", None), (None, "0.5", "7", None))
    assert rate.value(Fraction(100)) == 102
    assert rate.value(Fraction(101)) == (109 + Fraction(1, 2) if model == "graduated" else 57.5)


def test_a_package_is_begun_and_not_shared() -> None:
    """A part of a package is a package, in each tier."""
    rate = schedule("package", (Fraction(10), "3", "0", Fraction(4)), (None, "2", "1", Fraction(5)))
    assert [rate.value(Fraction(q)) for q in (0, 1, 4, 5, 10, 11, 16)] == [0, 3, 3, 6, 9, 12, 14]


@pytest.mark.parametrize(
    ("anchor", "interval", "count", "expected"),
    [
        ("2026-01-31", "month", 1, "2026-02-28"),
        ("2026-01-31", "month", 2, "2026-03-31"),
        ("2026-01-31", "month", -2, "2025-11-30"),
        ("2024-02-29", "year", 1, "2025-02-28"),
        ("2024-02-29", "year", 4, "2028-02-29"),
        ("2025-11-30", "quarter", 1, "2026-02-28"),
        ("2026-01-31", "week", -1, "2026-01-24"),
    ],
)
def test_an_anchor_keeps_its_day(anchor: str, interval: str, count: int, expected: str) -> None:
    """Months are added to the anchor itself; a day that a month lacks is its last."""
    moment = datetime.fromisoformat(f"{anchor}T13:30:00")
    after = usage_oracle.after_intervals(moment, interval, count)
    assert after == datetime.fromisoformat(f"{expected}T13:30:00")
    start, end = usage_oracle.anchored(moment, interval, after)
    assert start == after
    assert usage_oracle.anchored(moment, interval, end - usage_oracle.MICROSECOND) == (start, end)


# --------------------------------------------------------------------------------------------------
# Properties of random companies
# --------------------------------------------------------------------------------------------------

CLOSES = histories.CLOSE_CALENDARS["monthly"]
LAST_DAY = date(2026, 6, 30)


@pytest.fixture(scope="module")
def company(seed: int) -> usage_histories.Tables:
    """A random company."""
    return usage_histories.random_company(seed, 60, CLOSES)


@pytest.fixture(scope="module")
def books(company: usage_histories.Tables) -> usage_oracle.Books:
    """Its books."""
    return usage_histories.books_of(company, CLOSES, LAST_DAY)


def test_the_order_of_rows_says_nothing(
    company: usage_histories.Tables, books: usage_oracle.Books, seed: int
) -> None:
    """Nor does a row that comes again."""
    again = usage_histories.shuffled_and_repeated(company, seed)
    found = usage_histories.books_of(again, CLOSES, LAST_DAY)
    assert found.entries == books.entries, f"--seed {seed}"


def signed(entries: list[dict], account: str) -> Counter:
    """What entries debit an account less what they credit it, by usage period."""
    sums: Counter = Counter()
    for entry in entries:
        sign = (entry["debit_account"] == account) - (entry["credit_account"] == account)
        sums[entry["obligation"]] += sign * entry["amount_minor"]
    return sums


def test_revenue_of_an_invoiced_period_is_its_invoices(
    books: usage_oracle.Books, seed: int
) -> None:
    """And nothing is left unbilled; without a final invoice revenue is what was recognised."""
    unbilled = signed(books.entries, "unbilled_receivable")
    receivable = signed(books.entries, "accounts_receivable")
    finals = 0
    for key, period in books.periods.items():
        invoiced = sum(invoice.amount for invoice in period.invoices)
        assert receivable[key] == invoiced, f"--seed {seed}: {key}"
        if any(invoice.is_final for invoice in period.invoices):
            assert unbilled[key] == 0, f"--seed {seed}: {key}"
            finals += 1
        elif period.has_ended and period.commitment.minimum is None:
            assert unbilled[key] == period.value - invoiced, f"--seed {seed}: {key}"
    assert finals > 20, f"--seed {seed}"


@pytest.mark.parametrize("name", ["monthly", "quarterly"])
def test_a_close_holds(company: usage_histories.Tables, name: str, seed: int) -> None:
    """What was in the books of a closed period is what the books of today say of it."""
    closes = histories.CLOSE_CALENDARS[name]
    books = usage_histories.books_of(company, closes, LAST_DAY)
    calendar = oracle.make_calendar()
    compared = 0
    for close in closes[seed % 3 :: 3]:
        period, instant = close["accounting_period"], close["closed_at"]
        last_day = calendar.periods[calendar.index_of(period)].ends_on
        then = usage_histories.as_known(company, instant)
        before = usage_histories.books_of(then, closes, last_day).entries
        now = [e for e in books.entries if e["accounting_period"] <= period]
        different = row_differences(before, now)
        assert not different, f"--seed {seed}, {period}: {len(different)}: {different[:3]}"
        compared += len(now)
    assert compared, f"--seed {seed}"
