"""Raw Stripe rows in, canonical rows out: what each row means, in every notation Stripe has.

One account holds a few rows per case, each case with ids of its own. It is loaded once per engine
and notation of its times, and every test looks at its own rows of the shapes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import books
import pytest
import stripe
from warehouse import Row, Warehouse

VARS = stripe.stripe_vars("2026-06-30")
SHAPES = (
    "service_lines",
    "invoices",
    "line_events",
    "line_event_splits",
    "settlements",
    "customer_balances",
    "reference_rows",
    "row_counts",
)
MADE = datetime(2026, 1, 10, 9, 30)
FINALISED = datetime(2026, 1, 15, 12, 0)
LATER = datetime(2026, 3, 1, 8, 0, 5)
LATEST = datetime(2026, 4, 1)
START, END = datetime(2026, 1, 15), datetime(2026, 2, 15)

# --------------------------------------------------------------------------------------------------
# Rows
# --------------------------------------------------------------------------------------------------


def invoice(name: str, **columns: Any) -> Row:
    """A finalised invoice of 100 dollars."""
    return {
        "id": name,
        "customer_id": "cus_1",
        "currency": "usd",
        "status": "open",
        "number": f"N-{name}",
        "total": 10000,
        "due_date": LATER,
        "created": MADE,
        "status_transitions_finalized_at": FINALISED,
        "paid_out_of_band": False,
        **columns,
    }


def line(name: str, invoice_id: str | None, amount: int = 10000, **columns: Any) -> Row:
    """A line of an invoice for a month."""
    return {
        "id": name,
        "invoice_id": invoice_id,
        "amount": amount,
        "currency": "usd",
        "period_start": START,
        "period_end": END,
        **columns,
    }


def item(name: str, **columns: Any) -> Row:
    """A pending invoice item for a month."""
    return {
        "id": name,
        "customer_id": "cus_1",
        "amount": 2000,
        "currency": "usd",
        "created": MADE,
        "period_start": START,
        "period_end": END,
        **columns,
    }


def charge(name: str, invoice_id: str | None, amount: int = 10000, **columns: Any) -> Row:
    """A charge that succeeded."""
    return {
        "id": name,
        "customer_id": "cus_1",
        "invoice_id": invoice_id,
        "amount": amount,
        "currency": "usd",
        "created": FINALISED,
        "status": "succeeded",
        "captured": True,
        **columns,
    }


def refund(name: str, charge_id: str | None, amount: int = 1000, **columns: Any) -> Row:
    """A refund that succeeded; a dispute has the same columns."""
    status = {"status": "succeeded"}
    paid = {"id": name, "charge_id": charge_id, "amount": amount, "currency": "usd"}
    return {**paid, "created": LATER, **status, **columns}


def note(name: str, invoice_id: str | None, amount: int = 1000, **columns: Any) -> Row:
    """A credit note that lowers the receivable."""
    return {
        "id": name,
        "invoice_id": invoice_id,
        "amount": amount,
        "currency": "usd",
        "created": LATER,
        **columns,
    }


def note_line(name: str, credit_note_id: str, line_id: str, amount: int, tax: int = 0) -> Row:
    """A line of a credit note."""
    return {
        "id": name,
        "credit_note_id": credit_note_id,
        "invoice_line_item_id": line_id,
        "amount": amount,
        "tax_amount": tax,
    }


def change(name: str, kind: str | None, amount: int, **columns: Any) -> Row:
    """A change of a customer's balance."""
    base = {"id": name, "customer_id": "cus_1", "type": kind, "amount": amount, "currency": "usd"}
    return {**base, "created": LATER, **columns}


def transaction(name: str, amount: int, fee: int, **columns: Any) -> Row:
    """A change of the company's balance at Stripe."""
    base = {"id": name, "amount": amount, "fee": fee, "currency": "usd", "created": LATER}
    return {**base, "type": "charge", **columns}


# --------------------------------------------------------------------------------------------------
# The account
# --------------------------------------------------------------------------------------------------

DRAFT = {"status": "draft", "status_transitions_finalized_at": None}
PRORATED = {"invoice_item_id": "ii_prorated"}

TABLES: dict[str, list[Row]] = {
    "customers": [
        {"id": "cus_1", "email": "a@example.com", "balance": -1500, "currency": "usd"},
        {"id": "cus_none", "email": None, "balance": 0, "currency": None},
        {"id": "cus_no_currency", "email": None, "balance": 7, "currency": None},
    ],
    "products": [{"id": "prod_1", "name": "Product"}, {"id": None, "name": "Nameless"}],
    "prices": [{"id": "price_1", "product_id": "prod_1"}],
    "invoices": [
        invoice("in_1"),
        invoice("in_lines", customer_id="cus_gone", currency="eur"),
        invoice("in_yen", currency="jpy"),
        invoice("in_draft", **DRAFT),
        invoice("in_deleted", status="deleted", status_transitions_finalized_at=None),
        invoice("in_lost", status_transitions_finalized_at=None),
        invoice("in_odd", status="closed"),
        invoice("in_void", status="void", status_transitions_voided_at=LATER),
        invoice("in_void_when", status="void"),
        invoice(
            "in_bad",
            status="uncollectible",
            status_transitions_marked_uncollectible_at=LATER,
        ),
        invoice(
            "in_elsewhere",
            status="paid",
            paid_out_of_band=True,
            status_transitions_paid_at=LATER,
        ),
        invoice("in_copied"),
        invoice("in_copied"),
        invoice("in_conflict"),
        invoice("in_conflict", total=5),
        invoice("in_notes"),
        invoice(None),
    ],
    "invoice_line_items": [
        line("il_1", "in_1", price_id="price_1", quantity=Decimal("2.5"), description="Seat"),
        line("il_own_product", "in_1", price_id="price_1", product_id="prod_2"),
        line("il_no_price", "in_1", price_id="price_gone"),
        line("il_exclusive", "in_lines", 10000, tax_amount=1900, tax_inclusive=False),
        line("il_inclusive", "in_lines", 11900, tax_amount=1900, tax_inclusive=True),
        line("il_discount", "in_lines", 11900, discount_amount=1000, tax_amount=1740,
             tax_inclusive=True),
        line("il_negative", "in_lines", -3000, period_start=START, proration=True),
        line("il_moment", "in_lines", period_end=START),
        line("il_half", "in_lines", period_end=None),
        line("il_backwards", "in_lines", period_end=MADE),
        line("il_yen", "in_yen", 500, currency="jpy"),
        line("il_draft", "in_draft", invoice_item_id="ii_on_draft"),
        line("il_prorated", "in_1", -1500, **PRORATED),
        line("il_tier", "in_1", 700, invoice_item_id="ii_prorated"),
        line("il_item_gone", "in_1", 300, invoice_item_id="ii_gone"),
        line("il_deleted_item", "in_1", 400, invoice_item_id="ii_billed_and_deleted"),
        line("il_unknown", "in_gone"),
        line("il_no_invoice", None),
        line("il_no_amount", "in_1", amount=None),
        line("il_no_currency", "in_1", currency=None),
        line("il_lost", "in_lost"),
        line("il_copied", "in_copied"),
        line("il_copied", "in_copied"),
        line("il_conflict", "in_1", 1),
        line("il_conflict", "in_1", 2),
        line("il_of_conflict", "in_conflict"),
        line("il_note_1", "in_notes", 6000),
        line("il_note_2", "in_notes", 3001, invoice_item_id="ii_noted", tax_amount=570),
        line("il_note_3", "in_notes", 1190, tax_amount=190, tax_inclusive=True),
        line(None, "in_1", 1),
        line(None, "in_1", 1),
    ],
    "invoice_items": [
        item("ii_pending"),
        item("ii_moment", period_end=START),
        item("ii_on_draft", invoice_id="in_draft"),
        item("ii_deleted", deleted_at=LATER),
        item("ii_prorated", invoice_id="in_1", amount=-1500),
        item("ii_billed_and_deleted", invoice_id="in_1", deleted_at=LATER),
        item("ii_noted", invoice_id="in_notes", amount=3001),
        item("ii_line_gone", invoice_id="in_1"),
        item("ii_invoice_gone", invoice_id="in_gone"),
        item("ii_of_conflict", invoice_id="in_conflict"),
        item("ii_no_time", created=None),
        item("ii_no_amount", amount=None),
        item("ii_copied"),
        item("ii_copied"),
    ],
    "charges": [
        charge("ch_1", "in_1", balance_transaction_id="txn_1"),
        charge("ch_euro", "in_lines", currency="eur", balance_transaction_id="txn_fx"),
        charge("ch_alone", None, 4000, description="Workshop"),
        charge("ch_alone_null", None, captured=None),
        charge("ch_pending", "in_1", status="pending"),
        charge("ch_failed", "in_1", status="failed"),
        charge("ch_authorised", None, captured=False),
        charge("ch_unknown", "in_gone"),
        charge("ch_draft", "in_draft"),
        charge("ch_odd", "in_1", status="reversed"),
        charge("ch_negative", "in_1", -5),
        charge("ch_notes", "in_notes"),
        charge("ch_copied", "in_1"),
        charge("ch_copied", "in_1"),
    ],
    "refunds": [
        refund("re_1", "ch_1"),
        refund("re_alone", "ch_alone"),
        refund("re_pending", "ch_1", status="pending"),
        refund("re_failed", "ch_1", status="failed", failed_at=LATEST),
        refund("re_failed_when", "ch_1", status="failed"),
        refund("re_canceled", "ch_1", status="canceled"),
        refund("re_waits", "ch_1", status="requires_action"),
        refund("re_odd", "ch_1", status="maybe"),
        refund("re_unknown", "ch_gone"),
        refund("re_authorised", "ch_authorised"),
        refund("re_nothing", "ch_1", 0),
        refund("re_copied", "ch_copied"),
        refund("re_copied", "ch_copied"),
        # Of the three with the amount of cn_refund the first belongs to it.
        refund("re_note_c", "ch_notes", 777, created=LATEST),
        refund("re_note_b", "ch_notes", 777, status="failed", failed_at=LATEST),
        refund("re_note_a", "ch_notes", 777, status="canceled"),
    ],
    "disputes": [
        refund("du_open", "ch_1", status="needs_response"),
        refund("du_review", "ch_1", status="under_review"),
        refund("du_lost", "ch_alone", status="lost", closed_at=LATEST),
        refund("du_won", "ch_1", status="won", closed_at=LATEST),
        refund("du_won_when", "ch_1", status="won"),
        refund("du_inquiry", "ch_1", status="warning_needs_response"),
        refund("du_prevented", "ch_1", status="prevented"),
        refund("du_unknown", "ch_gone", status="lost"),
    ],
    "credit_notes": [
        note("cn_receivable", "in_1"),
        note("cn_void", "in_1", customer_balance_amount=400, voided_at=LATEST),
        note("cn_refund", "in_notes", 777, refund_amount=777),
        note("cn_parts", "in_notes", 1000, refund_amount=333, customer_balance_amount=333,
             out_of_band_amount=167),
        note("cn_discounted", "in_notes", 1, out_of_band_amount=1),
        note("cn_short", "in_notes", 500),
        note("cn_broken", "in_notes", 500),
        note("cn_too_much", "in_1", refund_amount=1001),
        note("cn_nothing", "in_1", 0),
        note("cn_unknown", "in_gone"),
        note("cn_draft", "in_draft"),
        note("cn_odd", "in_1", type="post"),
    ],
    "credit_note_line_items": [
        note_line("cnli_1", "cn_parts", "il_note_1", 500),
        note_line("cnli_2", "cn_parts", "il_note_2", 301, 57),
        note_line("cnli_3", "cn_parts", "il_note_3", 142, 23),
        note_line("cnli_d1", "cn_discounted", "il_note_1", 1),
        note_line("cnli_d2", "cn_discounted", "il_note_2", 1),
        note_line("cnli_short", "cn_short", "il_note_1", 499),
        note_line("cnli_ok", "cn_broken", "il_note_1", 400),
        note_line("cnli_other", "cn_broken", "il_1", 100),
        note_line("cnli_lost", "cn_gone", "il_1", 100),
        note_line("cnli_unknown", "cn_unknown", "il_1", 100),
        note_line("cnli_copied", "cn_receivable", "il_1", 1000),
        note_line("cnli_copied", "cn_receivable", "il_1", 1000),
    ],
    "customer_balance_transactions": [
        change("cb_applied", "applied_to_invoice", 1100, invoice_id="in_1"),
        change("cb_unapplied", "unapplied_from_invoice", -1100, invoice_id="in_void"),
        change("cb_small", "invoice_too_small", 30, invoice_id="in_1"),
        change("cb_large", "invoice_too_large", 40, invoice_id="in_1"),
        change("cb_given", "adjustment", -500),
        change("cb_taken", "adjustment", 200),
        change("cb_start", "initial", -1),
        change("cb_moved", "migration", -2),
        change("cb_unspent", "unspent_receiver_credit", -3),
        change("cb_note", "credit_note", -400, credit_note_id="cn_void"),
        change("cb_note_gone", "credit_note", -400, credit_note_id="cn_gone"),
        change("cb_nowhere", "applied_to_invoice", 1, invoice_id="in_gone"),
        change("cb_draft", "applied_to_invoice", 1, invoice_id="in_draft"),
        change("cb_odd", "gift", 1),
        change("cb_no_type", None, 1),
    ],
    "balance_transactions": [
        transaction("txn_1", 10000, 320),
        transaction("txn_fx", 11200, 355, exchange_rate=Decimal("1.12")),
        transaction("txn_payout", -5000, 0, type="payout"),
        transaction("txn_back", -5000, -20, type="refund"),
        transaction("txn_no_currency", 5, 1, currency=None),
    ],
}  # fmt: skip


# --------------------------------------------------------------------------------------------------
# Builds
# --------------------------------------------------------------------------------------------------


class Shapes:
    """The canonical rows that came out, by shape."""

    def __init__(self, warehouse: Warehouse) -> None:
        schema = f"{warehouse.schema}_staging"
        self.rows = {
            shape: warehouse.table(f"stg_stripe__{shape}", schema=schema) for shape in SHAPES
        }

    def of(self, shape: str, key: str, table: str | None = None) -> list[Row]:
        """The rows of a shape that come from the raw row with the id `key`."""
        return [
            row
            for row in self.rows[shape]
            if row["source_key"] == key and table in (None, row["source_table"])
        ]

    def one(self, shape: str, key: str, table: str | None = None) -> Row:
        """The only such row."""
        (row,) = self.of(shape, key, table)
        return row

    def reasons(self, shape: str, table: str) -> dict[str, str | None]:
        """Id -> reason of the rows that a raw table has in a shape, where the id occurs once."""
        return {r["source_key"]: r["row_reason"] for r in self.rows[shape]
                if r["source_table"] == table}  # fmt: skip


def built(warehouse: Warehouse, tables: dict[str, list[Row]], typing: str) -> Shapes:
    """Load an account and build the room."""
    stripe.load_stripe(warehouse, tables, typing=typing)
    selection = ["--select", *(f"+stg_stripe__{shape}" for shape in SHAPES)]
    leave_out = ["--exclude-resource-type", "test", "unit_test"]
    warehouse.build("build", *selection, *leave_out, vars=VARS).check()
    return Shapes(warehouse)


def as_epoch(value: Any) -> Any:
    """A datetime as the seconds since 1970."""
    if isinstance(value, datetime):
        return (value - datetime(1970, 1, 1)) // timedelta(seconds=1)
    return value


def as_text(value: Any) -> Any:
    """A value as a text export has it; every other time as digits."""
    if isinstance(value, datetime):
        return str(as_epoch(value)) if value.day % 2 else f"{value.isoformat()}Z"
    return value if value is None or isinstance(value, str) else str(value)


NOTATIONS = {"native": lambda v: v, "zoned": lambda v: v, "epoch": as_epoch, "text": as_text}


@pytest.fixture(scope="module", params=NOTATIONS)
def shapes(request: pytest.FixtureRequest, warehouse: Warehouse) -> Iterator[Shapes]:
    """The account, built from one notation of its values."""
    write = NOTATIONS[request.param]
    tables = {
        name: [{column: write(value) for column, value in row.items()} for row in rows]
        for name, rows in TABLES.items()
    }
    yield built(warehouse, tables, request.param)


def picked(row: Row, *columns: str) -> tuple:
    """Some columns of a row."""
    return tuple(row[column] for column in columns)


# --------------------------------------------------------------------------------------------------
# Tests
# --------------------------------------------------------------------------------------------------


def test_every_raw_row_is_in_some_shape(shapes: Shapes) -> None:
    """As many rows as arrived, copies and rows without an id included; none makes two."""
    arrived = {r["source_table"]: r["rows_in"] for r in shapes.rows["row_counts"]}
    assert arrived == {name: len(TABLES.get(name, [])) for name in stripe.STRIPE_TYPES}
    for table, count in arrived.items():
        # The shape with most of a table's rows need not have all: a charge is in one of two.
        found: dict[str, int] = {}
        for shape in SHAPES:
            if shape in ("row_counts", "line_event_splits", "customer_balances"):
                continue
            for row in shapes.rows[shape]:
                made_by = row.get("event_type"), row.get("settlement_type")
                if row["source_table"] == table and made_by[0] not in (
                    "void", "uncollectible", "item_deleted", "refund_failed", "dispute_won",
                    "credit_note_voided",
                ) and made_by[1] != "out_of_band_payment":  # fmt: skip
                    key = row["source_key"]
                    # What an invoice bills beside its item is a line of its own.
                    is_beside = made_by == (None, None) and row.get("line_id") == "il_deleted_item"
                    found[key] = found.get(key, 0) + (0 if is_beside else 1)
        if table == "credit_notes":
            assert set(found) == {row["id"] for row in TABLES[table]}
        else:
            assert sum(found.values()) == count, table


def test_a_line_is_what_its_invoice_bills(shapes: Shapes) -> None:
    """Dates and customer come from the invoice, what it sells from itself or its price."""
    row = shapes.one("service_lines", "il_1")
    assert row == {
        "source_system": "stripe",
        "source_table": "invoice_line_items",
        "source_key": "il_1",
        "row_reason": None,
        "line_id": "il_1",
        "invoice_id": "in_1",
        "customer_id": "cus_1",
        "customer_email": "a@example.com",
        "product_id": "prod_1",
        "price_id": "price_1",
        "description": "Seat",
        "currency": "USD",
        "amount_scale": "stripe_minor",
        "amount": 10000,
        "tax_amount": 0,
        "quantity": Decimal("2.5"),
        "service_starts_at": START,
        "service_ends_at": END,
        "service_starts_on": None,
        "service_ends_on": None,
        "booked_at": FINALISED,
        "booked_on": None,
        "booked_known_at": FINALISED,
        "unbilled_at": None,
        "known_at": FINALISED,
        "billing_account": "accounts_receivable",
        "deferred_account": None,
        "recognition_hint": None,
        "credited_line_id": None,
        "subsidiary_id": None,
    }
    assert shapes.one("service_lines", "il_own_product")["product_id"] == "prod_2"
    missing = shapes.one("service_lines", "il_no_price")
    assert picked(missing, "product_id", "row_reason") == (None, None)
    no_customer = shapes.one("service_lines", "il_exclusive")
    assert picked(no_customer, "customer_id", "customer_email", "row_reason") == (
        "cus_gone", None, None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("key", "amount", "tax"),
    [
        ("il_exclusive", 10000, 1900),
        ("il_inclusive", 10000, 1900),
        ("il_discount", 9160, 1740),
        ("il_negative", -3000, 0),
        ("il_yen", 500, 0),
    ],
)
def test_amounts_are_net_of_discounts_and_tax(
    shapes: Shapes, key: str, amount: int, tax: int
) -> None:
    """An inclusive tax and the discounts come out of Stripe's amount."""
    assert picked(shapes.one("service_lines", key), "amount", "tax_amount") == (amount, tax)


@pytest.mark.parametrize("key", ["il_moment", "il_half", "ii_moment"])
def test_no_period(shapes: Shapes, key: str) -> None:
    """A period of no time, or half of one, is none."""
    row = shapes.one("service_lines", key)
    assert picked(row, "service_starts_at", "service_ends_at", "row_reason") == (None, None, None)


def test_reasons_of_lines(shapes: Shapes) -> None:
    """Lines count but for those of drafts, of unknown invoices, and those that are wrong."""
    reasons = shapes.reasons("service_lines", "invoice_line_items")
    expected = {
        "il_backwards": "service_ends_before_start",
        "il_draft": "not_finalised",
        "il_unknown": "unknown_invoice",
        "il_no_invoice": "unknown_invoice",
        "il_no_amount": "missing_amount",
        "il_no_currency": "unknown_currency",
        "il_lost": "missing_timestamp",
        "il_conflict": "duplicate_conflict",
        "il_of_conflict": "duplicate_conflict",
    }
    named = {k: v for k, v in reasons.items() if k != "il_copied" and not k.startswith("row:")}
    assert {k: v for k, v in named.items() if v} == expected
    copies = shapes.of("service_lines", "il_copied")
    assert sorted(row["row_reason"] or "" for row in copies) == ["", "duplicate"]
    nameless = [r for r in shapes.rows["service_lines"] if r["source_key"].startswith("row:")]
    assert [row["row_reason"] for row in nameless] == ["missing_id"] * 2


def test_a_line_carries_on_its_item(shapes: Shapes) -> None:
    """It has the item's id and dates; of several lines the first."""
    columns = ("line_id", "unbilled_at", "known_at", "booked_at", "booked_known_at")
    assert picked(shapes.one("service_lines", "il_prorated"), *columns) == (
        "ii_prorated", MADE, MADE, FINALISED, FINALISED,
    )  # fmt: skip
    assert picked(shapes.one("service_lines", "il_tier"), *columns[:3]) == (
        "il_tier", None, FINALISED,
    )  # fmt: skip
    # The item was worth 20.00; the invoice bills 4.00, so 16.00 go back with the invoice.
    columns_of_amount = ("line_id", "amount", "unbilled_at", "known_at")
    assert sorted(
        picked(row, *columns_of_amount) for row in shapes.of("service_lines", "il_deleted_item")
    ) == [
        ("ii_billed_and_deleted", 2000, MADE, MADE), ("il_deleted_item", -1600, None, FINALISED),
    ]  # fmt: skip
    # An item that the export lacks: the line has its id, and was never unbilled.
    assert picked(shapes.one("service_lines", "il_item_gone"), *columns[:3]) == (
        "ii_gone", None, FINALISED,
    )  # fmt: skip
    for key in ("ii_prorated", "ii_billed_and_deleted", "ii_noted"):
        assert shapes.of("service_lines", key) == []
        assert shapes.of("line_events", key) == []
        assert shapes.one("reference_rows", key)["row_reason"] is None


@pytest.mark.parametrize("key", ["ii_pending", "ii_on_draft", "ii_deleted"])
def test_an_item_without_an_invoice_is_a_line(shapes: Shapes, key: str) -> None:
    """It is not booked; being on a draft changes nothing."""
    row = shapes.one("service_lines", key, "invoice_items")
    columns = ("row_reason", "line_id", "invoice_id", "amount", "unbilled_at", "known_at")
    assert picked(row, *columns) == (None, key, None, 2000, MADE, MADE)
    assert picked(row, "booked_at", "booked_known_at", "service_ends_at") == (None, None, END)


def test_a_deleted_item_is_reversed(shapes: Shapes) -> None:
    """Whatever is left of it, through the unbilled receivable."""
    row = shapes.one("line_events", "ii_deleted")
    columns = ("event_id", "event_type", "line_id", "invoice_id", "amount", "settlement_account")
    assert picked(row, *columns) == (
        "ii_deleted:deleted", "item_deleted", "ii_deleted", None, None, "unbilled_receivable",
    )  # fmt: skip
    assert row["effective_at"] == LATER


def test_reasons_of_items(shapes: Shapes) -> None:
    """An item of a finalised invoice without its line is found."""
    reasons = shapes.reasons("service_lines", "invoice_items")
    copies = shapes.of("service_lines", "ii_copied")
    assert sorted(row["row_reason"] or "" for row in copies) == ["", "duplicate"]
    assert {k: v for k, v in reasons.items() if v and k != "ii_copied"} == {
        "ii_line_gone": "missing_invoice_line",
        "ii_invoice_gone": "unknown_invoice",
        "ii_of_conflict": "duplicate_conflict",
        "ii_no_time": "missing_timestamp",
        "ii_no_amount": "missing_amount",
    }


def test_invoices(shapes: Shapes) -> None:
    """All are there; those that are not finalised, or cannot be, do not count."""
    row = shapes.one("invoices", "in_1")
    columns = ("invoice_number", "currency", "total", "booked_at", "due_at", "row_reason")
    assert picked(row, *columns) == ("N-in_1", "USD", 10000, FINALISED, LATER, None)
    reasons = shapes.reasons("invoices", "invoices")
    named = {k: v for k, v in reasons.items() if v and not k.startswith("row:")}
    named.pop("in_copied", None)
    assert named == {
        "in_draft": "not_finalised",
        "in_deleted": "not_finalised",
        "in_lost": "missing_timestamp",
        "in_odd": "unknown_status",
        "in_void_when": "missing_timestamp",
        "in_conflict": "duplicate_conflict",
    }
    copies = shapes.of("invoices", "in_copied")
    assert sorted(row["row_reason"] or "" for row in copies) == ["", "duplicate"]


@pytest.mark.parametrize(("key", "kind"), [("in_void", "void"), ("in_bad", "uncollectible")])
def test_invoices_that_end_unpaid(shapes: Shapes, key: str, kind: str) -> None:
    """Voided or given up: an event on whatever is left."""
    row = shapes.one("line_events", key)
    columns = ("event_id", "event_type", "invoice_id", "amount", "settlement_account")
    assert picked(row, *columns) == (f"{key}:{kind}", kind, key, None, "accounts_receivable")
    assert picked(row, "effective_at", "known_at") == (LATER, LATER)


def test_payments(shapes: Shapes) -> None:
    """A charge of an invoice settles it; what reached the account is its balance transaction."""
    row = shapes.one("settlements", "ch_1")
    columns = ("settlement_id", "settlement_type", "invoice_id", "customer_id", "amount")
    assert picked(row, *columns) == ("ch_1", "payment", "in_1", "cus_1", 10000)
    settled = ("currency", "settled_currency", "settled_scale", "settled_amount")
    assert picked(row, *settled) == ("USD", "USD", "stripe_minor", 10000)
    euro = shapes.one("settlements", "ch_euro")
    assert picked(euro, *settled) == ("EUR", "USD", "stripe_minor", 11200)
    without = shapes.one("settlements", "ch_notes")
    assert picked(without, *settled) == ("USD", None, None, None)
    elsewhere = shapes.one("settlements", "in_elsewhere")
    assert picked(elsewhere, *columns, "effective_at") == (
        "in_elsewhere:out_of_band", "out_of_band_payment", "in_elsewhere", "cus_1", None, LATER,
    )  # fmt: skip


def test_a_charge_without_an_invoice_is_a_line(shapes: Shapes) -> None:
    """Sold and paid at once, through cash."""
    row = shapes.one("service_lines", "ch_alone")
    columns = ("line_id", "invoice_id", "amount", "billing_account", "booked_at", "description")
    assert picked(row, *columns) == ("ch_alone", None, 4000, "cash", FINALISED, "Workshop")
    assert picked(row, "service_starts_at", "unbilled_at", "customer_email", "row_reason") == (
        None, None, "a@example.com", None,
    )  # fmt: skip
    assert shapes.one("service_lines", "ch_alone_null")["row_reason"] is None


def test_reasons_of_charges(shapes: Shapes) -> None:
    """What moved no money is left out; what pays nothing known is found."""
    reasons = shapes.reasons("settlements", "charges")
    copies = shapes.of("settlements", "ch_copied")
    assert sorted(row["row_reason"] or "" for row in copies) == ["", "duplicate"]
    assert {k: v for k, v in reasons.items() if v and k != "ch_copied"} == {
        "ch_pending": "payment_pending",
        "ch_failed": "payment_failed",
        "ch_unknown": "unknown_invoice",
        "ch_draft": "not_finalised",
        "ch_odd": "unknown_status",
        "ch_negative": "wrong_sign",
    }
    assert shapes.one("service_lines", "ch_authorised")["row_reason"] == "not_captured"


def test_refunds(shapes: Shapes) -> None:
    """Of an invoice or of a line; pending ones count, failed ones are given back."""
    columns = ("event_id", "event_type", "invoice_id", "line_id", "payment_id", "amount")
    assert picked(shapes.one("line_events", "re_1"), *columns) == (
        "re_1", "refund", "in_1", None, "ch_1", 1000,
    )  # fmt: skip
    assert picked(shapes.one("line_events", "re_alone"), *columns) == (
        "re_alone", "refund", None, "ch_alone", "ch_alone", 1000,
    )  # fmt: skip
    assert shapes.one("line_events", "re_1")["settlement_account"] == "cash"
    assert shapes.one("line_events", "re_pending")["row_reason"] is None
    made, back = sorted(shapes.of("line_events", "re_failed"), key=lambda row: row["event_id"])
    assert picked(made, "event_id", "event_type", "effective_at") == ("re_failed", "refund", LATER)
    assert picked(back, "event_id", "event_type", "restores_event_id", "effective_at") == (
        "re_failed:failed", "refund_failed", "re_failed", LATEST,
    )  # fmt: skip


def test_reasons_of_refunds_and_disputes(shapes: Shapes) -> None:
    """Those that moved no money are left out, those of unknown charges found."""
    reasons = shapes.reasons("line_events", "refunds") | shapes.reasons("line_events", "disputes")
    copies = shapes.of("line_events", "re_copied")
    assert sorted(row["row_reason"] or "" for row in copies) == ["", "duplicate"]
    left_out = {k: v for k, v in reasons.items() if v and k not in ("re_copied", "re_note_b")}
    assert left_out == {
        "re_failed_when": "missing_timestamp",
        "re_canceled": "not_settled",
        "re_waits": "not_settled",
        "re_odd": "unknown_status",
        "re_unknown": "unknown_charge",
        "re_authorised": "not_captured",
        "re_nothing": "zero_amount",
        "re_note_a": "not_settled",
        "du_won_when": "missing_timestamp",
        "du_inquiry": "no_money_moved",
        "du_prevented": "no_money_moved",
        "du_unknown": "unknown_charge",
    }


def test_disputes(shapes: Shapes) -> None:
    """The money is gone when a dispute is made, and back when it is won."""
    columns = ("event_type", "invoice_id", "line_id", "settlement_account", "effective_at")
    for key in ("du_open", "du_review"):
        assert picked(shapes.one("line_events", key), *columns) == (
            "dispute", "in_1", None, "cash", LATER,
        )  # fmt: skip
    assert picked(shapes.one("line_events", "du_lost"), *columns) == (
        "dispute", None, "ch_alone", "cash", LATER,
    )  # fmt: skip
    made, won = sorted(shapes.of("line_events", "du_won"), key=lambda row: row["event_id"])
    assert picked(made, *columns) == ("dispute", "in_1", None, "cash", LATER)
    assert picked(won, *columns) == ("dispute_won", "in_1", None, "cash", LATEST)
    assert picked(won, "event_id", "restores_event_id", "amount") == ("du_won:won", "du_won", 1000)


def test_a_credit_note_is_an_event_per_part(shapes: Shapes) -> None:
    """What no part names lowers the receivable."""
    columns = ("event_id", "event_type", "settlement_account", "amount", "effective_at")
    found = sorted(picked(row, *columns) for row in shapes.of("line_events", "cn_parts"))
    assert found == [
        ("cn_parts:balance", "credit_note", "customer_balance", 333, LATER),
        ("cn_parts:out_of_band", "credit_note", "external_customer_balance", 167, LATER),
        ("cn_parts:receivable", "credit_note", "accounts_receivable", 167, LATER),
        ("cn_parts:refund", "refund", "cash", 333, LATER),
    ]
    assert {row["invoice_id"] for row in shapes.of("line_events", "cn_parts")} == {"in_notes"}


def test_a_voided_credit_note_gives_its_parts_back(shapes: Shapes) -> None:
    """One event per part, at the time of the void."""
    columns = ("event_id", "event_type", "restores_event_id", "amount", "effective_at")
    found = sorted(
        (picked(row, *columns) for row in shapes.of("line_events", "cn_void")),
        key=lambda row: row[0],
    )
    assert found == [
        ("cn_void:balance", "credit_note", None, 400, LATER),
        ("cn_void:balance:voided", "credit_note_voided", "cn_void:balance", 400, LATEST),
        ("cn_void:receivable", "credit_note", None, 600, LATER),
        ("cn_void:receivable:voided", "credit_note_voided", "cn_void:receivable", 600, LATEST),
    ]


def test_reasons_of_credit_notes(shapes: Shapes) -> None:
    """Notes that cannot be right, or have no invoice, are found."""
    reasons = shapes.reasons("line_events", "credit_notes")
    assert {k: v for k, v in reasons.items() if v} == {
        "cn_too_much": "parts_exceed_amount",
        "cn_nothing": "zero_amount",
        "cn_unknown": "unknown_invoice",
        "cn_draft": "not_finalised",
        "cn_odd": "unknown_event_type",
    }


def test_the_refund_of_a_credit_note_counts_once(shapes: Shapes) -> None:
    """The first that moved money is the note's; if it failed, the note's part is restored."""
    columns = ("event_id", "event_type", "row_reason", "restores_event_id")
    made, back = sorted(shapes.of("line_events", "re_note_b"), key=lambda row: row["event_id"])
    assert picked(made, *columns) == ("re_note_b", "refund", "booked_with_credit_note", None)
    assert picked(back, *columns) == (
        "re_note_b:failed", "refund_failed", None, "cn_refund:refund",
    )  # fmt: skip
    assert shapes.one("line_events", "re_note_c")["row_reason"] is None
    assert shapes.one("line_events", "cn_refund")["row_reason"] is None


def test_splits_are_exact_both_ways(shapes: Shapes) -> None:
    """Per event they come to its amount, per credit note line to the line's amounts."""
    splits = [
        row
        for row in shapes.rows["line_event_splits"]
        if row["event_id"].startswith("cn_parts:")
    ]  # fmt: skip
    by_event: dict[str, Decimal] = {}
    by_line: dict[str, list[Decimal]] = {}
    for row in splits:
        assert row["row_reason"] is None and row["currency"] == "USD"
        assert row["amount"] >= 0 and row["tax_amount"] >= 0
        by_event.setdefault(row["event_id"], Decimal(0))
        by_event[row["event_id"]] += row["amount"] + row["tax_amount"]
        sums = by_line.setdefault(row["line_id"], [Decimal(0), Decimal(0)])
        sums[0] += row["amount"]
        sums[1] += row["tax_amount"]
    assert by_event == {
        "cn_parts:receivable": 167,
        "cn_parts:refund": 333,
        "cn_parts:balance": 333,
        "cn_parts:out_of_band": 167,
    }
    # The tax of the third is within its amount; the second line carries on an item.
    assert by_line == {"il_note_1": [500, 0], "ii_noted": [301, 57], "il_note_3": [119, 23]}
    share = {row["line_id"]: row for row in splits if row["event_id"] == "cn_parts:refund"}
    assert abs(share["il_note_1"]["amount"] - 500 * 333 / Decimal(1000)) < 2


def test_discounts_shrink_the_lines_of_a_note(shapes: Shapes) -> None:
    """Lines of 1 and 1 in a note of 1: the first by its id has it."""
    splits = [
        picked(row, "line_id", "amount")
        for row in shapes.rows["line_event_splits"]
        if row["event_id"] == "cn_discounted:out_of_band"
    ]
    assert sorted(splits) == [("ii_noted", 0), ("il_note_1", 1)]


def test_reasons_of_credit_note_lines(shapes: Shapes) -> None:
    """The lines of a note count together or not at all."""
    reasons = shapes.reasons("reference_rows", "credit_note_line_items")
    copies = shapes.of("reference_rows", "cnli_copied")
    assert sorted(row["row_reason"] or "" for row in copies) == ["", "duplicate"]
    assert {k: v for k, v in reasons.items() if v and k != "cnli_copied"} == {
        "cnli_short": "lines_do_not_foot",
        "cnli_ok": "lines_do_not_foot",
        "cnli_other": "unknown_line",
        "cnli_lost": "unknown_credit_note",
        "cnli_unknown": "unknown_invoice",
    }
    events = {row["event_id"] for row in shapes.rows["line_event_splits"]}
    assert events == {
        "cn_parts:balance", "cn_parts:out_of_band", "cn_parts:receivable", "cn_parts:refund",
        "cn_discounted:out_of_band", "cn_receivable:receivable",
    }  # fmt: skip


def test_customer_balances(shapes: Shapes) -> None:
    """Applied to an invoice as Stripe signs it; adjusted, and the balance, in our terms."""
    columns = ("settlement_type", "invoice_id", "amount", "row_reason")
    found = {
        row["settlement_id"]: picked(row, *columns)
        for row in shapes.rows["settlements"]
        if row["source_table"] == "customer_balance_transactions"
    }
    assert found == {
        "cb_applied": ("balance_applied", "in_1", 1100, None),
        "cb_unapplied": ("balance_applied", "in_void", -1100, None),
        "cb_small": ("balance_applied", "in_1", 30, None),
        "cb_large": ("balance_applied", "in_1", 40, None),
        "cb_given": ("balance_adjusted", None, 500, None),
        "cb_taken": ("balance_adjusted", None, -200, None),
        "cb_start": ("balance_adjusted", None, 1, None),
        "cb_moved": ("balance_adjusted", None, 2, None),
        "cb_unspent": ("balance_adjusted", None, 3, None),
        "cb_note": ("balance_adjusted", None, 400, "booked_with_credit_note"),
        "cb_note_gone": ("balance_adjusted", None, 400, "unknown_credit_note"),
        "cb_nowhere": ("balance_applied", "in_gone", 1, "unknown_invoice"),
        "cb_draft": ("balance_applied", "in_draft", 1, "not_finalised"),
        "cb_odd": ("balance_adjusted", None, -1, "unknown_event_type"),
        "cb_no_type": ("balance_adjusted", None, -1, "unknown_event_type"),
    }
    balances = shapes.rows["customer_balances"]
    assert [picked(r, "customer_id", "currency", "balance") for r in balances] == [
        ("cus_1", "USD", 1500),
    ]  # fmt: skip
    assert shapes.one("reference_rows", "cus_none")["row_reason"] is None
    assert shapes.one("reference_rows", "cus_no_currency")["row_reason"] == "unknown_currency"


def test_fees(shapes: Shapes) -> None:
    """A balance transaction with a fee is one; others only give terms."""
    columns = ("settlement_type", "invoice_id", "currency", "amount", "effective_at", "row_reason")
    expected = {"txn_1": 320, "txn_fx": 355, "txn_back": -20}
    for key, fee in expected.items():
        assert picked(shapes.one("settlements", key), *columns) == (
            "processing_fee", None, "USD", fee, LATER, None,
        )  # fmt: skip
    assert shapes.one("settlements", "txn_no_currency")["row_reason"] == "unknown_currency"
    assert shapes.one("reference_rows", "txn_payout")["row_reason"] is None


def test_every_reason_is_described(shapes: Shapes) -> None:
    """As an exception, excluded or without value, with what to do."""
    kinds = {row["reason_code"]: row["kind"] for row in books.read_seed("exception_reasons")}
    given = {
        row["row_reason"]
        for rows in shapes.rows.values()
        for row in rows
        if row.get("row_reason") is not None
    }
    known = ("exception", "excluded", "memo")
    assert {reason for reason in given if kinds.get(reason) not in known} == (set())


UNREADABLE = {
    "invoices": [
        invoice("in_number", total="1,000"),
        invoice("in_time", due_date="soon"),
        # Milliseconds are not seconds.
        invoice("in_milliseconds", status_transitions_finalized_at="1768478400000"),
        invoice("in_flag", paid_out_of_band="perhaps"),
        invoice("in_good", due_date="1768478400.25", status_transitions_finalized_at=" 1768478400"),
    ],
    "invoice_line_items": [
        line("il_number", "in_good", amount="ten"),
        line("il_time", "in_good", period_end="2026-02-30"),
        line("il_digits", "in_good", amount="1.0000000001"),
        line("il_quantity", "in_good", quantity="many", amount="100"),
        line("il_of_number", "in_number"),
    ],
    "charges": [
        charge("ch_flag", None, captured="perhaps"),
        charge("ch_flags", None, captured="f"),
    ],
    "refunds": [refund("re_bad", "ch_flag"), refund("re_bad", "ch_flag")],
}  # fmt: skip


def test_what_cannot_be_read_is_found(warehouse: Warehouse) -> None:
    """Text that is no number, time or flag; rows that depend on such a row share its reason."""
    tables = {
        name: [{k: v if isinstance(v, str) else as_text(v) for k, v in row.items()} for row in rows]
        for name, rows in UNREADABLE.items()
    }
    shapes = built(warehouse, tables, "text")
    assert shapes.reasons("invoices", "invoices") == {
        "in_number": "invalid_number",
        "in_time": "invalid_timestamp",
        "in_milliseconds": "invalid_timestamp",
        "in_flag": "invalid_flag",
        "in_good": None,
    }
    good = shapes.one("invoices", "in_good")
    assert picked(good, "booked_at", "due_at") == (
        datetime(2026, 1, 15, 12), datetime(2026, 1, 15, 12, 0, 0, 250000),
    )  # fmt: skip
    assert shapes.reasons("service_lines", "invoice_line_items") == {
        "il_number": "invalid_number",
        "il_time": "invalid_timestamp",
        "il_digits": "precision_exceeded",
        "il_quantity": None,
        "il_of_number": "invalid_number",
    }
    assert shapes.reasons("service_lines", "charges") == {
        "ch_flag": "invalid_flag",
        "ch_flags": "not_captured",
    }
    bad = shapes.of("line_events", "re_bad")
    assert sorted(row["row_reason"] for row in bad) == ["duplicate", "invalid_flag"]


def test_the_unit_of_stripe(warehouse: Warehouse) -> None:
    """Currencies know how many of Stripe's units make one of the books' major units."""
    stripe.load_stripe(warehouse, {})
    leave_out = ["--exclude-resource-type", "test", "unit_test"]
    warehouse.build("build", "--select", "stg_finance__currencies", *leave_out, vars=VARS).check()
    rows = warehouse.table("stg_finance__currencies", schema=f"{warehouse.schema}_staging")
    units = {row["currency"]: picked(row, "minor_units", "stripe_minor_units") for row in rows}
    assert {name: units[name] for name in ("USD", "JPY", "KWD", "ISK", "UGX", "MGA")} == {
        "USD": (100, 100),
        "JPY": (1, 1),
        "KWD": (1000, 1000),
        "ISK": (1, 100),
        "UGX": (1, 100),
        "MGA": (100, 1),
    }
