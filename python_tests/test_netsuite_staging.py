"""What the NetSuite room makes of raw rows: periods, discounts, memos, accounts, bad rows."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
import rooms
from warehouse import Row, Warehouse

CREATED = datetime(2025, 9, 1, 10)
YEAR = {"rev_rec_start_date": "2025-09-01", "rev_rec_end_date": "2026-08-31"}
STRIPE = {"stripe_start_date": "2025-09-02", "stripe_end_date": "2025-10-02"}
OVERRIDE = {"rev_rec_start_override": "2025-10-01", "rev_rec_end_override": "2025-12-31"}


def invoice(key: str | None, **columns: object) -> Row:
    """An invoice in dollars of 1 September."""
    terms = {"customer_id": "c", "subsidiary_id": "7", "currency": "usd ", "trandate": "2025-09-01"}
    return {"id": key, "tranid": f"INV-{key}", **terms, "created_at": CREATED, **columns}


def line(key: str | None, invoice_id: str | None, number: object, **columns: object) -> Row:
    """An invoice line of 120, of a service."""
    terms = {"item_id": "plan", "amount": "120", "description": "text"}
    return {"id": key, "invoice_id": invoice_id, "line": number, **terms, **columns}


def memo(key: str, **columns: object) -> Row:
    """A credit memo of 15 October for the invoice `memos`."""
    times = {"trandate": "2025-10-15", "created_at": datetime(2025, 10, 15, 12)}
    return {
        "id": key,
        "invoice_id": "memos",
        "currency": "USD",
        "customer_id": "c",
        **times,
        **columns,
    }


def memo_line(key: str, **columns: object) -> Row:
    """A line of the memo `m` that credits 120 of the line `credited`."""
    terms = {"credit_memo_id": "m", "invoice_line_id": "credited", "item_id": "plan"}
    return {"id": key, "amount": "120", **terms, **columns}


TABLES: dict[str, list[Row]] = {
    "items": [
        {"id": "plan", "item_type": "Service", "netsuite_deferred_revenue_account": " 2000"},
        {"id": "named", "item_type": None, "netsuite_deferred_revenue_account": "tax_liability"},
        {"id": "plain", "item_type": "NonInvtPart"},
        {"id": "cash", "item_type": "Service", "netsuite_deferred_revenue_account": "1000"},
        {"id": "lost", "item_type": "Service", "netsuite_deferred_revenue_account": "8841"},
        {"id": "coupon", "item_type": "DISCOUNT", "netsuite_deferred_revenue_account": "8841"},
        {"id": "coupon2", "item_type": "_discountItem"},
        {"id": "twice", "item_type": "Service"},
        {"id": "twice", "item_type": "Service"},
        {"id": "either", "item_type": "Service"},
        {"id": "either", "item_type": "Discount"},
        {"id": None, "item_type": "Service"},
    ],
    "invoices": [
        *(invoice(key) for key in ("periods", "discounts", "accounts", "memos", "bad")),
        invoice("no-time", created_at=None),
        invoice("euro", currency="EUR"),
        invoice("no-date", trandate=None),
        invoice("copied"),
        invoice("copied"),
        invoice("disputed", currency="USD"),
        invoice("disputed", currency="EUR"),
    ],
    "invoice_lines": [
        line("override", "periods", 1, **YEAR, **STRIPE, **OVERRIDE),
        line("rev-rec", "periods", 2, **YEAR, **STRIPE),
        line("stripe", "periods", 3, **STRIPE),
        line("no-period", "periods", 4),
        line(
            "one-day", "periods", 5, rev_rec_start_date="2024-02-29", rev_rec_end_date="2024-02-29"
        ),
        line("half", "periods", 6, **STRIPE, rev_rec_start_override="2025-10-01"),
        line(
            "backward", "periods", 7, rev_rec_start_date="2025-09-02", rev_rec_end_date="2025-09-01"
        ),
        line("no-time", "no-time", 1),
        # Two coupons in a row, one of them before the second line, in the order of `line`.
        line("second", "discounts", 40, amount="50"),
        line("coupon-1", "discounts", 20, item_id="coupon", amount="-20"),
        line("first", "discounts", 10, amount="100"),
        line("coupon-2", "discounts", 30, item_id="coupon2", amount="5.5"),
        line("coupon-3", "discounts", 50, item_id="coupon", amount="-70"),
        line("return", "discounts", 60, amount="-100"),
        line("coupon-4", "discounts", 70, item_id="coupon", amount="10"),
        line("coupon-4", "discounts", 70, item_id="coupon", amount="10"),
        line("early", "accounts", 1, item_id="coupon", amount="-5"),
        line("by-code", "accounts", 2),
        line("by-key", "accounts", 3, item_id="named"),
        line("by-none", "accounts", 4, item_id="plain"),
        line("not-liable", "accounts", 5, item_id="cash"),
        line("not-there", "accounts", 6, item_id="lost"),
        line("no-item", "accounts", 7, item_id=None),
        line("unknown-item", "accounts", 8, item_id="nothing"),
        line("either", "accounts", 9, item_id="either"),
        line("twice", "accounts", 10, item_id="twice"),
        line("unplaced", "accounts", None, item_id="coupon"),
        line("credited", "memos", 1, amount="240", **YEAR),
        line("credited-discount", "memos", 2, item_id="coupon", amount="-24"),
        line("credited-return", "memos", 3, amount="-30", item_id="named"),
        line("no-amount", "bad", 1, amount=None),
        line("huge", "bad", 2, amount="1000000000000000"),
        line("orphan", "nowhere", 1),
        line("homeless", None, 1),
        line("undated", "no-date", 1),
        line("of-disputed", "disputed", 1),
        line("of-copied", "copied", 1),
        line(None, "bad", 4),
        line("priced-unknown", "bad", 5),
        line("coupon-unknown", "bad", 6, item_id="coupon", amount=None),
        line("same", "bad", 7),
        line("same", "bad", 7),
        line("other", "bad", 8, amount="1"),
        line("other", "bad", 8, amount="2"),
    ],
    "credit_memos": [
        memo("m"),
        memo("elsewhere", invoice_id="euro", currency="EUR"),
        memo("currency", currency="EUR"),
        memo("unnamed", invoice_id=None, customer_id=None, currency=None),
        memo("lost-invoice", invoice_id="nowhere"),
        memo("undated", trandate=None),
    ],
    "credit_memo_lines": [
        memo_line("own", rev_rec_start_date="2025-10-01", rev_rec_end_date="2025-10-31"),
        memo_line("credited"),
        memo_line("negative", amount="-60"),
        memo_line(
            "of-discount", invoice_line_id="credited-discount", item_id="coupon", amount="12"
        ),
        memo_line("of-return", invoice_line_id="credited-return", item_id=None, amount="30"),
        memo_line("of-nothing", invoice_line_id=None, amount="9"),
        memo_line("of-unnamed", credit_memo_id="unnamed"),
        memo_line("half", rev_rec_end_date="2025-10-31"),
        memo_line("lost-line", invoice_line_id="nowhere"),
        memo_line("lost-memo", credit_memo_id="nowhere"),
        memo_line("lost-discount", invoice_line_id=None, item_id="coupon"),
        memo_line("lost-invoice", credit_memo_id="lost-invoice", invoice_line_id=None),
        memo_line("of-bad", invoice_line_id="no-amount"),
        memo_line("elsewhere", credit_memo_id="elsewhere"),
        memo_line("currency", credit_memo_id="currency"),
        memo_line("undated", credit_memo_id="undated"),
    ],
}
LINES, MEMOS = "invoice_lines", "credit_memo_lines"
BAD_SERVICE_LINES = {
    (LINES, "half", "incomplete_service_period"),
    (LINES, "backward", "service_ends_before_start"),
    (LINES, "not-liable", "unknown_account"),
    (LINES, "not-there", "unknown_account"),
    (LINES, "unknown-item", "unknown_item"),
    (LINES, "either", "duplicate_conflict"),
    (LINES, "no-amount", "missing_amount"),
    (LINES, "huge", "out_of_range"),
    (LINES, "orphan", "unknown_invoice"),
    (LINES, "homeless", "unknown_invoice"),
    (LINES, "undated", "missing_timestamp"),
    (LINES, "of-disputed", "duplicate_conflict"),
    (LINES, None, "missing_id"),
    (LINES, "priced-unknown", "unread_discount"),
    (LINES, "same", "duplicate"),
    (LINES, "other", "duplicate_conflict"),
    (MEMOS, "half", "incomplete_service_period"),
    (MEMOS, "lost-line", "unknown_credited_line"),
    (MEMOS, "lost-memo", "unknown_credit_memo"),
    (MEMOS, "lost-discount", "discount_without_line"),
    (MEMOS, "lost-invoice", "unknown_invoice"),
    (MEMOS, "of-bad", "missing_amount"),
    (MEMOS, "elsewhere", "conflicting_invoice"),
    (MEMOS, "currency", "conflicting_invoice"),
    (MEMOS, "undated", "missing_timestamp"),
}
BAD_REFERENCE_ROWS = {
    ("items", "cash", "unknown_account"),
    ("items", "lost", "unknown_account"),
    ("items", "twice", "duplicate"),
    ("items", "either", "duplicate_conflict"),
    ("items", None, "missing_id"),
    ("credit_memos", "undated", "missing_timestamp"),
    (LINES, "coupon-4", "duplicate"),
    (LINES, "early", "discount_without_line"),
    (LINES, "unplaced", "discount_without_line"),
    (LINES, "coupon-unknown", "missing_amount"),
}
BAD_INVOICES = {
    ("invoices", "no-date", "missing_timestamp"),
    ("invoices", "copied", "duplicate"),
    ("invoices", "disputed", "duplicate_conflict"),
}


# How Postgres reads a time with a zone, all rooms share: test_oracle_parity.py and
# test_stripe_staging.py have it in every run.
LONG_ON_POSTGRES = ("zoned",)


@pytest.fixture(scope="module", params=["native", "zoned", "text"])
def company(warehouse: Warehouse, request: pytest.FixtureRequest) -> Warehouse:
    """The company, with its columns typed in each way."""
    rooms.load_room(warehouse, "netsuite", TABLES, typing=request.param)
    rooms.build_room(warehouse, "netsuite")
    return warehouse


def service_lines(company: Warehouse) -> dict[str, Row]:
    """The lines that count."""
    rows = [
        row for row in rooms.shape(company, "netsuite", "service_lines") if not row["row_reason"]
    ]
    assert len({row["line_id"] for row in rows}) == len(rows)
    return {row["line_id"]: row for row in rows}


def test_the_first_pair_with_a_day_counts_and_ends_become_exclusive(company: Warehouse) -> None:
    """Override before NetSuite's own before Stripe's, whose end is exclusive already."""
    lines = service_lines(company)
    periods = {
        key: (lines[key]["service_starts_on"], lines[key]["service_ends_on"])
        for key in ("override", "rev-rec", "stripe", "no-period", "one-day")
    }
    assert periods == {
        "override": (date(2025, 10, 1), date(2026, 1, 1)),
        "rev-rec": (date(2025, 9, 1), date(2026, 9, 1)),
        "stripe": (date(2025, 9, 2), date(2025, 10, 2)),
        "no-period": (None, None),
        "one-day": (date(2024, 2, 29), date(2024, 3, 1)),
    }


def test_discounts_reduce_the_line_before_them(company: Warehouse) -> None:
    """Several reduce one line, whatever their sign; more than the line makes it negative."""
    lines = service_lines(company)
    amounts = {key: lines[key]["amount"] for key in ("first", "second", "return", "credited")}
    assert amounts == {
        "first": Decimal("74.5"),
        "second": Decimal(-20),
        "return": Decimal(-90),
        "credited": Decimal(216),
    }
    assert not [key for key in lines if key.startswith("coupon")]


def test_a_memo_line_is_a_line_of_its_own(company: Warehouse) -> None:
    """It has the other sign, its own days or those it credits, and the memo's times."""
    lines = service_lines(company)
    whole = (date(2025, 9, 1), date(2026, 9, 1))
    columns = ("amount", "service_starts_on", "service_ends_on", "credited_line_id")
    memos = {
        key.removeprefix("cm:"): tuple(row[column] for column in columns)
        for key, row in lines.items()
        if row["source_table"] == MEMOS
    }
    assert memos == {
        "own": (Decimal(-120), date(2025, 10, 1), date(2025, 11, 1), "credited"),
        "credited": (Decimal(-120), *whole, "credited"),
        "negative": (Decimal(-60), *whole, "credited"),
        "of-discount": (Decimal(12), *whole, "credited"),
        "of-return": (Decimal(30), None, None, "credited-return"),
        "of-nothing": (Decimal(-9), None, None, None),
        "of-unnamed": (Decimal(-120), *whole, "credited"),
    }
    unnamed = lines["cm:of-unnamed"]
    assert (unnamed["invoice_id"], unnamed["customer_id"], unnamed["currency"]) == (
        "memos",
        "c",
        "USD",
    )
    assert unnamed["booked_on"] == date(2025, 10, 15)
    assert unnamed["known_at"] == unnamed["booked_known_at"] == datetime(2025, 10, 15, 12)
    assert lines["cm:of-discount"]["product_id"] == "plan"
    assert lines["cm:of-return"]["product_id"] == "named"


def test_the_deferred_account_is_a_key_of_the_chart(company: Warehouse) -> None:
    """By code or by key; a memo line takes that of the line it credits."""
    lines = service_lines(company)
    keys = ("by-code", "by-key", "by-none", "no-item", "twice", "cm:credited", "cm:of-return")
    assert {key: lines[key]["deferred_account"] for key in keys} == {
        "by-code": "deferred_revenue",
        "by-key": "tax_liability",
        "by-none": None,
        "no-item": None,
        "twice": None,
        "cm:credited": "deferred_revenue",
        "cm:of-return": "tax_liability",
    }


def test_all_columns_of_one_line(company: Warehouse) -> None:
    """The invoice gives customer, subsidiary, currency and times."""
    row = service_lines(company)["rev-rec"]
    assert {key: value for key, value in row.items() if value is not None} == {
        "source_system": "netsuite",
        "source_table": LINES,
        "source_key": "rev-rec",
        "line_id": "rev-rec",
        "invoice_id": "periods",
        "customer_id": "c",
        "product_id": "plan",
        "description": "text",
        "currency": "USD",
        "amount_scale": "major",
        "amount": Decimal(120),
        "tax_amount": Decimal(0),
        "service_starts_on": date(2025, 9, 1),
        "service_ends_on": date(2026, 9, 1),
        "booked_on": date(2025, 9, 1),
        "booked_known_at": CREATED,
        "known_at": CREATED,
        "billing_account": "accounts_receivable",
        "deferred_account": "deferred_revenue",
        "subsidiary_id": "7",
    }
    assert service_lines(company)["no-time"]["known_at"] == datetime(2025, 9, 1)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("service_lines", BAD_SERVICE_LINES),
        ("reference_rows", BAD_REFERENCE_ROWS),
        ("invoices", BAD_INVOICES),
    ],
)
def test_what_is_bad_has_its_reason(company: Warehouse, name: str, expected: set) -> None:
    """Of two copies one counts; rows that differ are both bad; nothing else is."""
    found = rooms.reasons(rooms.shape(company, "netsuite", name))
    assert {item for item in found if item[2] is not None} == expected
    both = {(LINES, "other"), ("invoices", "disputed"), ("items", "either")}
    assert {item[:2] for item in expected if found[item] > 1} == both & {i[:2] for i in expected}


def test_nothing_is_lost(company: Warehouse) -> None:
    """Every raw row is one canonical row."""
    shapes = ("service_lines", "invoices", "reference_rows")
    rooms.assert_every_raw_row_is_there(company, "netsuite", shapes)
