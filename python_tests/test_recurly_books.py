"""The sample company's Recurly credits in its books, each entry checked by hand.

Kind by kind: goodwill over two invoices, one redemption voided and used again, one deleted; a
refund on account that pays a renewal and one that is paid out; a prepayment; a gift card of another
account. And the same company with credit events ignored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import pytest
from warehouse import Warehouse

MARTS = ("fct_journal_entries", "fct_journal_evidence", "fct_credit_event_lines")
MARTS += ("rec_completeness", "rec_exceptions", "rec_tie_outs", "rpt_accounts_receivable_aging")
OPTIONS = ("build", "--exclude-resource-type", "test", "unit_test", "--select")

RECEIVABLE, BALANCE, DEFERRED = "accounts_receivable", "customer_balance", "deferred_revenue"
# Credit, period, event, the invoice it pays, debit, credit, amount.
ENTRIES = [
    # The reversals of the refunded lines post what these two add (below).
    ("rin_06", "2026-02", "credit_applied", "rin_10", BALANCE, RECEIVABLE, "43.30"),
    ("rin_11", "2026-04", "credit_refunded", None, BALANCE, "cash", "35.70"),
    ("rin_12", "2026-01", "credit_applied", "rin_13", "discounts", RECEIVABLE, "49.00"),
    ("rin_12", "2026-02", "credit_applied", "rin_14", "discounts", RECEIVABLE, "11.00"),
    ("rin_16", "2026-01", "credit_granted", None, "credit_clearing", DEFERRED, "500.00"),
    ("rin_16", "2026-02", "credit_applied", "rin_17", DEFERRED, RECEIVABLE, "120.00"),
    ("rin_16", "2026-03", "credit_applied", "rin_18", DEFERRED, RECEIVABLE, "120.00"),
    ("rin_16", "2026-04", "credit_applied", "rin_19", DEFERRED, RECEIVABLE, "120.00"),
    ("rin_21", "2026-03", "credit_granted", None, "gift_card_liability", DEFERRED, "50.00"),
    ("rin_21", "2026-03", "credit_applied", "rin_22", DEFERRED, RECEIVABLE, "50.00"),
    ("rin_23", "2026-02", "credit_applied", "rin_24", "discounts", RECEIVABLE, "30.00"),
    (
        *("rin_23", "2026-03", "credit_application_reversed", "rin_24"),
        *(RECEIVABLE, "discounts", "30.00"),
    ),
    ("rin_23", "2026-04", "credit_applied", "rin_25", "discounts", RECEIVABLE, "30.00"),
]
# What the sales and refunds around them post on the accounts of credits.
AROUND = {
    ("service_invoiced", RECEIVABLE, "credit_clearing"): Decimal("500.00"),
    ("service_invoiced", RECEIVABLE, "gift_card_liability"): Decimal("50.00"),
    # 40.00 and tax after 61 of 193 days, 30.00 and tax after 27 of 365: that much was revenue.
    ("service_credited", "credit_notes", BALANCE): Decimal("12.64") + Decimal("2.22"),
    ("service_credited", DEFERRED, BALANCE): Decimal("27.36") + Decimal("27.78"),
    ("service_credited", "tax_liability", BALANCE): Decimal("3.30") + Decimal("5.70"),
}


@pytest.fixture(scope="module")
def house(duckdb_warehouse: Warehouse) -> Iterator[Warehouse]:
    """Recurly's part of the sample company."""
    variables = {"sources": ["recurly"]}
    duckdb_warehouse.build(*OPTIONS, *(f"+{mart}" for mart in MARTS), vars=variables).check()
    yield duckdb_warehouse


def test_the_entries_of_each_credit(house: Warehouse) -> None:
    """As they stand in the comment of each kind in README."""
    rows = house.fetch("select * from fct_journal_entries where obligation_type = 'credit_grant'")
    columns = ("obligation_id", "accounting_period", "event_type", "invoice_id")
    found = [
        (
            *(row[column] for column in (*columns, "debit_account", "credit_account")),
            f"{row['amount']:.2f}",
        )
        for row in rows
    ]
    assert Counter(found) == Counter(ENTRIES)


def test_what_sells_and_refunds_them(house: Warehouse) -> None:
    """Nothing else touches clearing, gift cards and what customers are owed."""
    sums: Counter = Counter()
    for row in house.fetch(
        "select event_type, debit_account, credit_account, amount from fct_journal_entries "
        "where obligation_type <> 'credit_grant' and (credit_account in "
        "('credit_clearing', 'gift_card_liability', 'customer_balance') or debit_account in "
        "('credit_clearing', 'gift_card_liability', 'customer_balance'))"
    ):
        sums[row["event_type"], row["debit_account"], row["credit_account"]] += row["amount"]
    assert sums == AROUND


def test_credits_that_are_used_up_are_zero_and_all_ties(house: Warehouse) -> None:
    """Of all credits only the prepayment has something left."""
    left: Counter = Counter()
    for row in house.table("fct_credit_event_lines"):
        left[row["grant_id"]] += row["amount"]
    assert {key: amount for key, amount in left.items() if amount} == {"rin_16": 140}
    assert reasons_of(house) == set()
    assert all(row["is_tied"] for row in house.table("rec_tie_outs"))
    assert not any(row["unaccounted"] for row in house.table("rec_completeness"))


def test_ignored_credit_events_are_excluded_each_with_that_reason(house: Warehouse) -> None:
    """Not one entry of theirs; what they paid stays open and is listed, cash is what was cash."""
    before = cash_of(house)
    variables = {"sources": ["recurly"], "ignore_credit_events": True}
    house.build(*OPTIONS, *(f"+{mart}" for mart in MARTS), vars=variables).check()
    evidence = house.table("fct_journal_evidence")
    reasons = {
        (row["disposition"], row["reason"])
        for row in evidence
        if row["source_table"] == "credit_payments"
    }
    assert reasons == {
        ("excluded", "credit_events_ignored"),
        ("excluded", "superseded_version"),
    }
    ignored = [row for row in evidence if row["reason"] == "credit_events_ignored"]
    assert Counter(row["source_table"] for row in ignored) == {
        "credit_payments": 12,
        "invoices": 8,
        "line_items": 8,
    }
    assert {row["disposition"] for row in ignored} == {"excluded"}
    assert house.table("fct_credit_event_lines") == []
    # 35.70 had been paid out.
    assert cash_of(house) == before + Decimal("35.70")
    assert reasons_of(house) == {"paid_without_payment"}
    assert all(row["is_tied"] for row in house.table("rec_tie_outs"))
    assert not any(row["unaccounted"] for row in house.table("rec_completeness"))


def reasons_of(house: Warehouse) -> set[str]:
    """Why rows of this source are listed; finance's own seeds are for all sources."""
    rows = house.table("rec_exceptions")
    return {row["reason_code"] for row in rows if row["source_system"] == "recurly"}


def cash_of(house: Warehouse) -> Decimal:
    """All cash in EUR that came in."""
    (row,) = house.fetch(
        "select sum(case when debit_account = 'cash' then amount else -amount end) as cash "
        "from fct_journal_entries where 'cash' in (debit_account, credit_account) "
        "and currency = 'EUR'"
    )
    return row["cash"]
