"""Bad rows of every kind among the good ones of a Stripe account and of the generic room.

Each ends in rec_exceptions with its reason and what to do about it, or is left out for a reason
that is no fault. No raw row is lost, and the good invoices have their books.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import books
import pytest
import rooms
import stripe
from warehouse import Row, Warehouse

VARS = books.company_vars("2026-06-30", sources=["stripe", "generic"])
MARTS = ("fct_journal_evidence", "rec_completeness", "rec_exceptions")
TESTS = (
    "assert_every_raw_row_has_one_disposition",
    "assert_every_reason_is_described",
    "assert_service_rows_and_entries_meet",
)
FINALISED = "2026-01-15T12:00:00Z"
LATER = "2026-03-01T08:00:00Z"
AFTER = "2026-07-02T08:00:00Z"
Told = tuple[str, str, str]


@dataclass(frozen=True)
class Fault:
    """Rows of raw tables, and for (table, key) the reasons that they are given.

    `listed` are in rec_exceptions, `left_out` are excluded or memo and not there.
    """

    rows: dict[str, list[Row]]
    listed: set[Told] = field(default_factory=set)
    left_out: set[Told] = field(default_factory=set)


def fault(table: str, reason: str, *rows: Row, **more: list[Row]) -> Fault:
    """Rows of a table that are exceptions for one reason; `more` are other tables' good rows."""
    keys = {next(iter(row.values())) for row in rows}
    return Fault({table: list(rows), **more}, {(table, key, reason) for key in keys})


def left_out(table: str, reason: str, *rows: Row, **more: list[Row]) -> Fault:
    """Rows of a table that are left out for one reason, and no fault."""
    keys = {next(iter(row.values())) for row in rows}
    return Fault({table: list(rows), **more}, left_out={(table, key, reason) for key in keys})


# --------------------------------------------------------------------------------------------------
# Stripe
# --------------------------------------------------------------------------------------------------


def invoice(key: str | None, **columns: str | None) -> Row:
    """A finalised invoice of 100 dollars."""
    return {
        "id": key,
        "customer_id": "cus_1",
        "currency": "usd",
        "status": "open",
        "total": "10000",
        "created": FINALISED,
        "status_transitions_finalized_at": FINALISED,
        "paid_out_of_band": "false",
        **columns,
    }


def line(key: str | None, invoice_id: str | None = "in_good", **columns: str | None) -> Row:
    """A line of nothing for a month, so that it does not change what its invoice is worth."""
    return {
        "id": key,
        "invoice_id": invoice_id,
        "amount": "0",
        "currency": "usd",
        "period_start": "2026-01-15T00:00:00Z",
        "period_end": "2026-02-15T00:00:00Z",
        **columns,
    }


def billed(key: str, **columns: str | None) -> dict[str, list[Row]]:
    """An invoice of 100 dollars and its line."""
    return {
        "invoices": [invoice(key, **columns)],
        "invoice_line_items": [line(f"il_{key}", key, amount="10000")],
    }


def item(key: str, **columns: str | None) -> Row:
    """A pending invoice item without a period."""
    made = {"id": key, "customer_id": "cus_1", "amount": "2000", "currency": "usd"}
    return {**made, "created": FINALISED, **columns}


def charge(key: str, invoice_id: str | None = "in_good", **columns: str | None) -> Row:
    """A charge of one dollar that succeeded."""
    return {
        "id": key,
        "customer_id": "cus_1",
        "invoice_id": invoice_id,
        "amount": "100",
        "currency": "usd",
        "created": LATER,
        "status": "succeeded",
        "captured": "true",
        **columns,
    }


def refund(key: str, charge_id: str | None = "ch_good", **columns: str | None) -> Row:
    """A refund of one dollar; a dispute has the same columns."""
    paid = {"id": key, "charge_id": charge_id, "amount": "100", "currency": "usd"}
    return {**paid, "created": LATER, "status": "succeeded", **columns}


def note(key: str, invoice_id: str = "in_good", **columns: str | None) -> Row:
    """A credit note of one dollar."""
    made = {"id": key, "invoice_id": invoice_id, "amount": "100", "currency": "usd"}
    return {**made, "created": LATER, **columns}


def change(key: str, kind: str, **columns: str | None) -> Row:
    """A customer balance transaction of one dollar."""
    made = {"id": key, "customer_id": "cus_1", "type": kind, "amount": "100", "currency": "usd"}
    return {**made, "created": LATER, **columns}


LINES, ITEMS, NOTE_LINES = "invoice_line_items", "invoice_items", "credit_note_line_items"
CHANGES, MONEY = "customer_balance_transactions", "balance_transactions"

STRIPE_GOOD: dict[str, list[Row]] = {
    "invoices": [
        invoice(
            "in_good", status="paid", status_transitions_paid_at=LATER, total="11900", tax="1900"
        )
    ],
    "invoice_line_items": [line("il_good", amount="10000", tax_amount="1900")],
    "charges": [charge("ch_good", amount="11900", balance_transaction_id="txn_good")],
    "balance_transactions": [
        {"id": "txn_good", "type": "charge", "amount": "11900", "fee": "375", "currency": "usd"}
        | {"created": LATER}
    ],
    "customers": [{"id": "cus_1", "email": "a@example.com", "balance": "0", "currency": "usd"}],
    "products": [{"id": "prod_1", "name": "Service"}],
    "prices": [{"id": "price_1", "product_id": "prod_1", "currency": "usd"}],
}

STRIPE_FAULTS = [
    fault(LINES, "invalid_number", line("il_number", amount="abc")),
    fault(LINES, "invalid_number", line("il_tax", tax_amount="1,000")),
    fault(LINES, "missing_amount", line("il_nothing", amount=None)),
    fault(LINES, "precision_exceeded", line("il_half_cent", amount="12.5")),
    fault(LINES, "precision_exceeded", line("il_digits", amount="1" * 20)),
    fault(LINES, "out_of_range", line("il_huge", amount="10000000000000")),
    fault(LINES, "unknown_currency", line("il_currency", currency="xxq")),
    fault(LINES, "unknown_currency", line("il_no_currency", currency=None)),
    fault(LINES, "invalid_timestamp", line("il_time", period_start="yesterday")),
    fault(LINES, "service_ends_before_start", line("il_back", period_end="2026-01-01")),
    fault(LINES, "invalid_flag", line("il_flag", tax_inclusive="maybe")),
    fault(LINES, "unknown_invoice", line("il_lost", "in_gone"), line("il_alone", None)),
    fault(LINES, "duplicate_conflict", line("il_two"), line("il_two", description="x")),
    left_out(LINES, "zero_amount", line("il_zero")),
    Fault(
        {LINES: [line("il_same"), line("il_same")]},
        left_out={(LINES, "il_same", "zero_amount"), (LINES, "il_same", "duplicate")},
    ),
    left_out(
        LINES,
        "not_finalised",
        line("il_draft", "in_draft", amount="100"),
        invoices=[invoice("in_draft", status="draft", status_transitions_finalized_at=None)],
    ),
    left_out(
        LINES,
        "after_as_of_date",
        line("il_next", "in_next", amount="10000"),
        invoices=[invoice("in_next", status_transitions_finalized_at=AFTER)],
    ),
    left_out(
        "charges",
        "after_as_of_date",
        charge("ch_next", "in_next", created=AFTER),
    ),
    left_out(
        LINES,
        "excluded_by_rule",
        line("il_ruled", "in_ruled", amount="10000", description="no revenue"),
        invoices=[invoice("in_ruled")],
    ),
    left_out(
        LINES,
        "excluded_by_finance",
        line("il_excluded", "in_excluded", amount="10000", tax_amount="1900"),
        invoices=[invoice("in_excluded", total="11900")],
    ),
    Fault(
        {
            "invoices": [
                invoice("in_old", total="0", status_transitions_finalized_at="1999-12-31")
            ],
            LINES: [line("il_old", "in_old")],
        },
        {(LINES, "il_old", "outside_calendar")},
    ),
    Fault(
        {"invoices": [invoice("in_odd", status="teleported")], LINES: [line("il_odd", "in_odd")]},
        {("invoices", "in_odd", "unknown_status"), (LINES, "il_odd", "unknown_status")},
    ),
    fault("invoices", "missing_timestamp", invoice("in_when", status_transitions_finalized_at="")),
    fault("invoices", "invalid_timestamp", invoice("in_due", due_date="soon")),
    fault("invoices", "invalid_flag", invoice("in_flag", paid_out_of_band="perhaps")),
    fault("invoices", "duplicate_conflict", invoice("in_two"), invoice("in_two", total="1")),
    # Its lines did not arrive: a void takes back nothing, and the total is of nothing.
    Fault(
        {"invoices": [invoice("in_void", status="void", status_transitions_voided_at=LATER)]},
        {("invoices", "in_void", reason) for reason in ("unknown_invoice", "source_total_drift")},
    ),
    Fault(
        billed("in_copied") | {"invoices": [invoice("in_copied"), invoice("in_copied")]},
        left_out={("invoices", "in_copied", "duplicate")},
    ),
    left_out(ITEMS, "not_invoiced", item("ii_pending")),
    left_out(ITEMS, "not_invoiced", item("ii_gone", deleted_at=LATER)),
    fault(ITEMS, "missing_invoice_line", item("ii_line", invoice_id="in_good")),
    fault(ITEMS, "missing_timestamp", item("ii_when", created=None)),
    fault("charges", "wrong_sign", charge("ch_sign", amount="-100")),
    fault("charges", "unknown_status", charge("ch_status", status="teleported")),
    fault("charges", "unknown_invoice", charge("ch_lost", "in_gone")),
    fault("charges", "currency_mismatch", charge("ch_euro", currency="eur")),
    fault("charges", "outside_calendar", charge("ch_old", created="1999-12-31")),
    fault("charges", "precision_exceeded", charge("ch_alone", None, amount="0.5")),
    left_out("charges", "payment_pending", charge("ch_pending", status="pending")),
    left_out("charges", "payment_failed", charge("ch_failed", status="failed")),
    left_out("charges", "not_captured", charge("ch_held", captured="false")),
    left_out("charges", "after_as_of_date", charge("ch_later", created=AFTER)),
    left_out("charges", "zero_amount", charge("ch_free", None, amount="0")),
    left_out("charges", "nothing_left", charge("ch_nothing", amount="0")),
    fault("refunds", "unknown_charge", refund("re_lost", "ch_gone")),
    fault("refunds", "currency_mismatch", refund("re_euro", currency="eur")),
    fault("refunds", "invalid_number", refund("re_number", amount="NaN")),
    left_out("refunds", "not_settled", refund("re_waits", status="requires_action")),
    left_out("refunds", "after_as_of_date", refund("re_later", created=AFTER)),
    left_out("refunds", "zero_amount", refund("re_zero", amount="0")),
    fault("disputes", "unknown_status", refund("du_status", status="teleported")),
    fault("credit_notes", "unknown_invoice", note("cn_lost", "in_gone")),
    fault("credit_notes", "parts_exceed_amount", note("cn_parts", refund_amount="200")),
    left_out("credit_notes", "zero_amount", note("cn_zero", amount="0")),
    fault(
        NOTE_LINES,
        "unknown_line",
        {"id": "cnli_lost", "credit_note_id": "cn_lines", "invoice_line_item_id": "il_gone"}
        | {"amount": "100"},
        credit_notes=[note("cn_lines", "in_noted")],
        **billed("in_noted"),
    ),
    fault(
        NOTE_LINES,
        "unknown_credit_note",
        {"id": "cnli_alone", "credit_note_id": "cn_gone", "amount": "100"},
    ),
    fault(CHANGES, "unknown_event_type", change("cbt_kind", "teleported")),
    fault(CHANGES, "unknown_invoice", change("cbt_lost", "applied_to_invoice")),
    left_out(CHANGES, "nothing_left", change("cbt_zero", "adjustment", amount="0")),
    fault(MONEY, "invalid_number", {"id": "txn_fee", "fee": "x", "created": LATER}),
    fault("customers", "duplicate_conflict", {"id": "cus_2"}, {"id": "cus_2", "email": "b@x.y"}),
    # In the books, and in doubt.
    Fault(billed("in_drift", total="9000"), {("invoices", "in_drift", "source_total_drift")}),
    Fault(
        billed("in_paid", status="paid", status_transitions_paid_at=LATER),
        {("invoices", "in_paid", "paid_without_payment")},
    ),
    Fault(billed("in_reversed")),
    Fault(
        billed("in_over") | {"charges": [charge("ch_over", "in_over", amount="10001")]},
        {("invoices", "in_over", "overpaid_invoice")},
    ),
]


# --------------------------------------------------------------------------------------------------
# The generic room
# --------------------------------------------------------------------------------------------------


def service(key: str | None, invoice_id: str | None = "inv_good", **columns: str | None) -> Row:
    """A line of nothing for a month."""
    return {
        "line_id": key,
        "invoice_id": invoice_id,
        "customer_id": "cus_1",
        "currency": "USD",
        "amount": "0",
        "service_starts_on": "2026-01-15",
        "service_ends_on": "2026-02-15",
        "booked_at": FINALISED,
        **columns,
    }


def event(key: str, kind: str, **columns: str | None) -> Row:
    """An event of one dollar on the good invoice."""
    about = {"event_id": key, "event_type": kind, "invoice_id": "inv_good", "currency": "USD"}
    return {**about, "amount": "1.00", "effective_at": LATER, **columns}


def split(key: str, event_id: str, line_id: str, **columns: str | None) -> Row:
    """A split of one dollar."""
    about = {"split_id": key, "event_id": event_id, "line_id": line_id, "currency": "USD"}
    return {**about, "amount": "1.00", **columns}


def settled(key: str, kind: str = "payment", **columns: str | None) -> Row:
    """A settlement of one dollar on the good invoice."""
    about = {"settlement_id": key, "settlement_type": kind, "invoice_id": "inv_good"}
    money = {"customer_id": "cus_1", "currency": "USD", "amount": "1.00"}
    return {**about, **money, "effective_at": LATER, **columns}


def fulfilled(key: str, line_id: str, **columns: str | None) -> Row:
    """A fulfilment of one dollar."""
    about = {"fulfilment_id": key, "line_id": line_id, "fulfilled_on": "2026-02-01"}
    return {**about, "currency": "USD", "amount": "1.00", **columns}


EVENTS, SPLITS, FULFILMENTS = "line_events", "line_event_splits", "fulfilments"

GENERIC_GOOD: dict[str, list[Row]] = {
    "service_lines": [
        service("gl_good", amount="90.00"),
        service("gl_deferred", amount="10.00", description="deferred"),
    ],
    "invoices": [
        {"invoice_id": "inv_good", "currency": "USD", "total": "100.00", "booked_at": FINALISED}
    ],
    "settlements": [settled("pay_good", amount="100.00")],
    "fulfilments": [fulfilled("ful_good", "gl_deferred", amount="10.00")],
    "customer_balances": [{"customer_id": "cus_1", "currency": "USD", "balance": "0"}],
}

GENERIC_FAULTS = [
    fault("service_lines", "invalid_number", service("gl_number", amount="1e3")),
    fault("service_lines", "missing_amount", service("gl_nothing", amount="")),
    fault("service_lines", "precision_exceeded", service("gl_cent", amount="1.005")),
    fault("service_lines", "out_of_range", service("gl_huge", amount="10000000000000")),
    fault("service_lines", "unknown_currency", service("gl_currency", None, currency="XXQ")),
    # The invoice says its currency; or its lines differ and none of them counts.
    fault("service_lines", "conflicting_invoice", service("gl_yen", currency="JPY")),
    fault(
        "service_lines",
        "conflicting_invoice",
        service("gl_dollar", "inv_torn", amount="1.00"),
        service("gl_euro", "inv_torn", amount="1.00", currency="EUR"),
    ),
    fault("service_lines", "missing_timestamp", service("gl_when", booked_at=None)),
    fault("service_lines", "incomplete_service_period", service("gl_end", service_ends_on=None)),
    fault(
        "service_lines",
        "service_ends_before_start",
        service("gl_back", service_ends_on="2026-01-01"),
    ),
    fault(
        "service_lines",
        "outside_calendar",
        service("gl_long", service_ends_on="2150-01-15"),
        service("gl_past", service_starts_on="1990-01-15", service_ends_on="1990-02-15"),
    ),
    fault("service_lines", "unknown_account", service("gl_account", billing_account="sock")),
    fault("service_lines", "unknown_schedule_type", service("gl_hint", recognition_hint="soon")),
    fault("service_lines", "outside_calendar", service("gl_old", booked_at="1999-12-31")),
    left_out("service_lines", "after_as_of_date", service("gl_next", booked_at=AFTER)),
    left_out("service_lines", "zero_amount", service("gl_zero", quantity="3")),
    fault(EVENTS, "unknown_event_type", event("ev_kind", "teleported")),
    fault(EVENTS, "missing_amount", event("ev_nothing", "refund", amount=None)),
    fault(EVENTS, "unexpected_amount", event("ev_void", "void")),
    fault(EVENTS, "wrong_sign", event("ev_sign", "refund", amount="-1.00")),
    fault(EVENTS, "missing_timestamp", event("ev_when", "refund", effective_at=None)),
    fault(EVENTS, "unknown_event", event("ev_won", "dispute_won")),
    # What undoes an event that does not count gives back what nobody took.
    fault(
        EVENTS,
        "unknown_event",
        event("ev_undone", "refund_failed", restores_event_id="ev_gone"),
        event("ev_of_euro", "refund_failed", restores_event_id="ev_euro"),
    ),
    fault(EVENTS, "unknown_account", event("ev_account", "refund", settlement_account="sock")),
    fault(EVENTS, "unknown_invoice", event("ev_lost", "refund", invoice_id="inv_gone")),
    fault(EVENTS, "unknown_line", event("ev_line", "refund", invoice_id=None, line_id="gl_gone")),
    fault(EVENTS, "currency_mismatch", event("ev_euro", "refund", currency="EUR")),
    fault(EVENTS, "precision_exceeded", event("ev_cent", "refund", amount="0.001")),
    fault(EVENTS, "outside_calendar", event("ev_old", "refund", effective_at="1999-12-31")),
    left_out(EVENTS, "after_as_of_date", event("ev_later", "refund", effective_at=AFTER)),
    # The invoice is paid in full: nothing is receivable.
    left_out(EVENTS, "nothing_left", event("ev_paid", "uncollectible", amount=None)),
    fault(SPLITS, "unknown_event", split("sp_alone", "ev_gone", "gl_good")),
    fault(
        SPLITS,
        "unknown_line",
        split("sp_line", "ev_split", "gl_gone"),
        line_events=[
            event("ev_split", "credit_note", settlement_account="customer_balance"),
        ],
    ),
    fault(SPLITS, "currency_mismatch", split("sp_euro", "ev_split", "gl_good", currency="EUR")),
    fault(SPLITS, "precision_exceeded", split("sp_cent", "ev_split", "gl_good", amount="0.001")),
    # A split shares the fate of its event.
    left_out(SPLITS, "after_as_of_date", split("sp_later", "ev_later", "gl_good")),
    fault("settlements", "unknown_event_type", settled("pay_kind", "barter")),
    fault("settlements", "wrong_sign", settled("pay_sign", amount="-1.00")),
    fault("settlements", "unknown_invoice", settled("pay_lost", invoice_id="inv_gone")),
    fault("settlements", "currency_mismatch", settled("pay_euro", currency="EUR")),
    fault(
        "settlements",
        "missing_customer",
        settled("bal_nobody", "balance_adjusted", invoice_id=None, customer_id=None),
    ),
    fault("settlements", "duplicate_conflict", settled("pay_two"), settled("pay_two", amount="2")),
    left_out("settlements", "nothing_left", settled("pay_rest", "out_of_band_payment", amount="")),
    fault(FULFILMENTS, "unknown_line", fulfilled("ful_lost", "gl_gone")),
    fault(FULFILMENTS, "line_not_deferred", fulfilled("ful_good_line", "gl_good")),
    fault(FULFILMENTS, "currency_mismatch", fulfilled("ful_euro", "gl_deferred", currency="EUR")),
    fault(FULFILMENTS, "missing_timestamp", fulfilled("ful_when", "gl_deferred", fulfilled_on="")),
    Fault(
        {FULFILMENTS: [fulfilled("ful_more", "gl_deferred", fulfilled_on="2026-03-01")]},
        listed={(FULFILMENTS, "ful_more", "over_fulfilled")},
        left_out={(FULFILMENTS, "ful_more", "nothing_left")},
    ),
    left_out(
        FULFILMENTS,
        "after_as_of_date",
        fulfilled("ful_next", "gl_deferred", fulfilled_on="2026-08-01"),
    ),
    fault(
        "customer_balances",
        "invalid_number",
        {"customer_id": "cus_9", "currency": "USD", "balance": "much"},
    ),
]


# --------------------------------------------------------------------------------------------------
# Building
# --------------------------------------------------------------------------------------------------


def rule(name: str, description: str, treatment: str, **columns: str) -> Row:
    """A recognition rule for the lines with a word in their description."""
    always = {"effective_from": "2020-01-01", "known_at": "2020-01-01", "allocation_percent": "100"}
    named = {"rule_name": name, "rule_priority": str(len(name)), "treatment": treatment}
    return {**always, **named, "description_contains": description, **columns}


FINANCE = {
    "recognition_rules": [
        rule("No revenue", "no revenue", "exclude"),
        rule("Until it is done", "deferred", "defer"),
    ],
    "exclusions": [
        {"transaction_id": "in_excluded", "excluded_at": "2026-01-20T00:00:00Z"},
        # After its period was closed, so it is reversed.
        {"transaction_id": "in_reversed", "excluded_at": LATER},
    ],
}
CLOSES = [{"accounting_period": "2026-01", "closed_at": "2026-02-03"}]


def merged(good: dict[str, list[Row]], faults: list[Fault]) -> dict[str, list[Row]]:
    """The good rows and those of the faults."""
    tables = {name: list(rows) for name, rows in good.items()}
    for bad in faults:
        for name, rows in bad.rows.items():
            tables.setdefault(name, []).extend(rows)
    return tables


def key_of(table: str, key: str) -> str:
    """The source key: a balance has two columns for an id."""
    return f"{key}:USD" if table == "customer_balances" else key


FAULTS = {"stripe": STRIPE_FAULTS, "generic": GENERIC_FAULTS}


@pytest.fixture(scope="module")
def faulty(warehouse: Warehouse) -> Warehouse:
    """Both rooms with their faults, built; their columns are text."""
    stripe.load_stripe(
        warehouse, merged(STRIPE_GOOD, STRIPE_FAULTS) | FINANCE, CLOSES, typing="text"
    )
    rooms.load_room(warehouse, "generic", merged(GENERIC_GOOD, GENERIC_FAULTS), typing="text")
    books.build_marts(warehouse, VARS, MARTS)
    return warehouse


# --------------------------------------------------------------------------------------------------
# Tests
# --------------------------------------------------------------------------------------------------


def test_every_fault_is_listed_with_its_reason_and_nothing_else_is(faulty: Warehouse) -> None:
    """No fault is missed and no good row is blamed."""
    expected = {
        (room, table, key_of(table, key), reason)
        for room, faults in FAULTS.items()
        for bad in faults
        for table, key, reason in bad.listed
    }
    columns = ("source_system", "source_table", "source_key", "reason_code")
    actual = {tuple(row[column] for column in columns) for row in faulty.table("rec_exceptions")}
    assert sorted(actual - expected) == []
    assert sorted(expected - actual) == []


def test_every_exception_says_what_to_do(faulty: Warehouse) -> None:
    """The reason is one of the seed, with its meaning and its remedy."""
    for row in faulty.table("rec_exceptions"):
        assert row["how_to_fix"], row
        assert "Add the reason" not in row["how_to_fix"], row
        assert "no description" not in row["detail"], row


def test_what_is_no_fault_is_left_out_for_its_reason(faulty: Warehouse) -> None:
    """Drafts, what waits or failed, what lies ahead or moves nothing."""
    kinds = {row["reason_code"]: row["kind"] for row in books.read_seed("exception_reasons")}
    told = {
        (row["source_system"], row["source_table"], row["source_key"], row["reason"]): row
        for row in faulty.table("fct_journal_evidence")
    }
    for room, faults in FAULTS.items():
        for table, key, reason in (item for bad in faults for item in bad.left_out):
            row = told.get((room, table, key_of(table, key), reason))
            assert row is not None, (room, table, key, reason)
            assert (row["disposition"], row["journal_entry_id"]) == (kinds[reason], None), row


def test_nothing_is_lost(faulty: Warehouse) -> None:
    """Every raw row has a disposition, and journaled rows and entries meet."""
    lost = [row for row in faulty.table("rec_completeness") if row["unaccounted"] != 0]
    assert lost == []
    faulty.build("test", "--select", *TESTS, vars=VARS).check()


def test_a_row_of_the_evidence_is_a_row(faulty: Warehouse) -> None:
    """Per raw table the evidence has as many raw rows without entries as the books leave out."""
    found = Counter(
        (row["source_system"], row["source_table"])
        for row in faulty.table("fct_journal_evidence")
        if row["disposition"] != "journaled"
    )
    left = {
        (row["source_system"], row["source_table"]): row["rows_in"] - row["journaled"]
        for row in faulty.table("rec_completeness")
    }
    assert dict(found) == {table: count for table, count in left.items() if count}


@pytest.mark.parametrize(
    ("room", "key", "expected"),
    [
        ("stripe", "il_good", {"service_invoiced": (119, 2), "service_recognised": (100, 2)}),
        ("stripe", "ch_good", {"payment_received": (119, 1)}),
        ("stripe", "txn_good", {"processing_fee_charged": (3.75, 1)}),
        ("generic", "pay_good", {"payment_received": (100, 1)}),
        ("generic", "ful_good", {"service_recognised": (10, 1)}),
    ],
)
def test_good_rows_have_their_entries(
    faulty: Warehouse, room: str, key: str, expected: dict[str, tuple[float, int]]
) -> None:
    """Faults of others change nothing of them: amount and number of entries by event."""
    rows = faulty.fetch(
        "select entries.event_type, sum(evidence.amount_unrounded) as amount, count(*) as times "
        "from fct_journal_evidence as evidence "
        "inner join fct_journal_entries as entries "
        "on evidence.journal_entry_id = entries.journal_entry_id "
        f"where evidence.source_system = '{room}' and evidence.source_key = '{key}' "
        "group by entries.event_type"
    )
    assert {row["event_type"]: (float(row["amount"]), row["times"]) for row in rows} == expected


def test_a_split_of_an_unknown_line_falls_to_the_invoice(faulty: Warehouse) -> None:
    """The credit note takes back lines of its invoice, and is no loss."""
    rows = faulty.fetch(
        "select sum(evidence.amount_unrounded) as amount, max(entries.debit_account) as debit "
        "from fct_journal_evidence as evidence "
        "inner join fct_journal_entries as entries "
        "on evidence.journal_entry_id = entries.journal_entry_id "
        "where evidence.source_key = 'ev_split' and entries.debit_account <> 'other_loss'"
    )
    assert [float(row["amount"]) for row in rows] == [1.0]
