"""What the Recurly room makes of raw rows: periods, hints, states, versions, credits, bad rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import rooms
from installing import install
from warehouse import Row, Warehouse

CREATED = datetime(2025, 3, 5, 8, 12, 30)
CLOSED = datetime(2025, 3, 28, 10)
UPDATED = datetime(2025, 4, 1, 9)
NEXT = datetime(2025, 4, 5, 8, 12, 30)


def invoice(key: str | None, state: str = "paid", **columns: object) -> Row:
    """A charge invoice of 119 with nothing left to pay."""
    times = {"created_at": CREATED, "closed_at": CLOSED, "updated_at": UPDATED}
    terms = {"type": "charge", "currency": "eur", "total": "119", "balance": "0"}
    return {"id": key, "account_id": "a", "state": state, **terms, **times, **columns}


def line(key: str | None, invoice_id: str | None = "paid", **columns: object) -> Row:
    """A line of 100 and 19 tax for a month of service."""
    terms = {"plan_code": "plan", "product_code": "product", "amount": "100", "tax": "19"}
    times = {"start_date": CREATED, "end_date": NEXT, "created_at": CREATED + timedelta(seconds=1)}
    return {"id": key, "invoice_id": invoice_id, "account_id": "b", **terms, **times, **columns}


TABLES: dict[str, list[Row]] = {
    "invoices": [
        invoice("paid"),
        invoice("partly", type=" Charge ", balance="19"),
        invoice("nothing-paid", balance="119"),
        invoice("no-closing", closed_at=None),
        invoice("legacy", type="legacy"),
        *(invoice(state, state) for state in ("pending", "past_due", "processing", "draft")),
        invoice("failed", "Failed", balance="119"),
        invoice("voided", "voided", closed_at=None),
        invoice("gift", type="gift"),
        invoice("lost", "lost"),
        invoice("no-total", total=None),
        invoice("no-creation", created_at=None),
        # The middle one is the newest; the other two are older, and alike.
        invoice("versions", "pending", updated_at=datetime(2025, 3, 6)),
        invoice("versions", "paid"),
        invoice("versions", "pending", updated_at=datetime(2025, 3, 6)),
        invoice("rivals", "paid"),
        invoice("rivals", "voided"),
        invoice("copied"),
        invoice("copied"),
    ],
    "line_items": [
        line("month"),
        line("point", end_date=None, revenue_schedule_type="at_invoice"),
        line("evenly", revenue_schedule_type=" Evenly ", tax=None, product_code=None),
        line("never", revenue_schedule_type="never", account_id=None),
        line("range-start", revenue_schedule_type="at_range_start"),
        line("range-end", revenue_schedule_type="AT_RANGE_END"),
        *(
            line(f"of-{key}", key)
            for key in ("pending", "failed", "voided", "versions", "legacy", "copied")
        ),
        *(
            line(f"of-{key}", key)
            for key in ("draft", "gift", "lost", "no-creation", "rivals", "nowhere")
        ),
        line("uninvoiced", None),
        line("no-amount", amount=None),
        line("no-start", start_date=None),
        line("backward", end_date=datetime(2025, 1, 1)),
        line("fancy", revenue_schedule_type="fancy"),
        line("dollars", currency="USD"),
        line(None),
        line("same"),
        line("same"),
        line("other"),
        line("other", amount="101"),
    ],
}
INVOICES, LINES, PAYMENTS = "invoices", "line_items", "credit_payments"
BAD_INVOICES = {
    (INVOICES, "draft", "not_finalised"),
    (INVOICES, "draft-sale", "not_finalised"),
    (INVOICES, "gift", "unknown_invoice_type"),
    (INVOICES, "lost", "unknown_invoice_state"),
    (INVOICES, "no-total", "missing_amount"),
    (INVOICES, "no-creation", "missing_timestamp"),
    (INVOICES, "versions", "superseded_version"),
    (INVOICES, "rivals", "duplicate_conflict"),
    (INVOICES, "copied", "duplicate"),
}
BAD_LINES = {
    (LINES, "of-draft", "not_finalised"),
    (LINES, "r-draft", "not_finalised"),
    (LINES, "of-gift", "unknown_invoice_type"),
    (LINES, "of-lost", "unknown_invoice_state"),
    (LINES, "of-no-creation", "missing_timestamp"),
    (LINES, "of-rivals", "duplicate_conflict"),
    (LINES, "of-nowhere", "unknown_invoice"),
    (LINES, "uninvoiced", "not_finalised"),
    (LINES, "no-amount", "missing_amount"),
    (LINES, "no-start", "incomplete_service_period"),
    (LINES, "backward", "service_ends_before_start"),
    (LINES, "fancy", "unknown_schedule_type"),
    (LINES, "dollars", "conflicting_invoice"),
    (LINES, None, "missing_id"),
    (LINES, "same", "duplicate"),
    (LINES, "other", "duplicate_conflict"),
}


# --------------------------------------------------------------------------------------------------
# Credits
# --------------------------------------------------------------------------------------------------


def at(month: int, day: int, hour: int = 8) -> datetime:
    """An hour of 2025."""
    return datetime(2025, month, day, hour)


def credit(key: str | None, origin: str | None = "credit", **columns: object) -> Row:
    """A credit invoice of 20 of which all remains."""
    terms = {"type": "credit", "origin": origin, "total": "-20", "balance": "-20"}
    return invoice(key, **{"state": "open", "closed_at": None, **terms, **columns})


def credit_line(
    key: str, invoice_id: str, reason: str | None = None, amount: str = "-20", **columns: object
) -> Row:
    """The line of a credit, without tax or a period."""
    terms = {"amount": amount, "tax": None, "credit_reason_code": reason, "end_date": None}
    return line(key, invoice_id, **{"account_id": None, **terms, **columns})


def payment(
    key: str | None,
    action: str | None,
    amount: str | None,
    of: str | None = "good",
    to: str | None = "net",
    **columns: object,
) -> Row:
    """What a credit paid on 10 April."""
    ids = {"original_invoice_id": of, "applied_to_invoice_id": to, "account_id": "a"}
    times = {"created_at": at(4, 10), "updated_at": at(4, 10)}
    return {"id": key, "action": action, "amount": amount, **ids, **times, **columns}


# Origin, reason of the first line, kind.
KINDS = [
    ("prepayment", None, "prepayment"),
    ("gift_card", "general", "gift_card"),
    ("write_off", None, "write_off"),
    ("carryforward_credit", None, "carried_forward"),
    ("carryforward_gift_credit", "gift_card", "carried_forward"),
    ("line_item_refund", None, "on_account"),
    ("open_amount_refund", "refund", "on_account"),
    ("refund", "general", "on_account"),
    ("external_refund", None, "on_account"),
    ("immediate_change", None, "on_account"),
    ("termination", None, "on_account"),
    ("usage_correction", None, "on_account"),
    ("credit", None, "goodwill"),
    ("credit", "general", "goodwill"),
    ("Credit", " Promotional ", "goodwill"),
    ("credit", "service", "goodwill"),
    ("credit", "refund", "on_account"),
    ("credit", "gift_card", "gift_card"),
    ("credit", "write_off", "write_off"),
    ("import", "promotional", "goodwill"),
    ("renewal", "refund", "on_account"),
    ("purchase", "general", None),
    ("purchase", None, None),
    (None, None, None),
    ("credit", "other", None),
]


def kind_key(origin: str | None, reason: str | None) -> str:
    """The invoice that has them."""
    return f"kind {origin} {reason}"


CREDITS: dict[str, list[Row]] = {
    "invoices": [
        *(
            credit(kind_key(*kind), kind[0], account_id="k")
            for kind in ((k[0], k[1]) for k in KINDS)
        ),
        credit("good", balance="-5", invoice_number="2001", updated_at=at(4, 11)),
        credit("good", balance="-20", updated_at=at(3, 6)),
        credit("reasons"),
        # Bad ones.
        credit("positive", total="20"),
        credit("nothing", total="0"),
        credit("unfooted", total="-30"),
        credit("other-currency"),
        credit("mixed"),
        credit("endless", total=None),
        credit("timeless", created_at=None),
        credit("draft-credit", state="draft"),
        credit("lost-credit", state="lost"),
        credit("rivals-credit"),
        credit("rivals-credit", balance="-19"),
        credit("copied-credit"),
        credit("copied-credit"),
        credit(None),
        # What is refunded: the first runs until April, the second until March.
        invoice("first", account_id="r", created_at=at(1, 5)),
        invoice("second", account_id="r", created_at=at(2, 5)),
        invoice("later", account_id="r", created_at=at(6, 5)),
        invoice("draft-sale", "draft", account_id="r", created_at=at(3, 1)),
        credit("refunds", "line_item_refund", account_id="r", total="-61.90", created_at=at(3, 20)),
        # Two prepayments of one amount, one of another, one of another account.
        *(
            invoice(key, account_id="p", total=total, origin="prepayment", created_at=at(1, day))
            for key, total, day in (("paid-2", "50", 20), ("paid-1", "50", 10), ("paid-3", "70", 5))
        ),
        invoice(
            *("paid-4", "voided"),
            **{"account_id": "q", "total": "50", "origin": "prepayment", "created_at": at(1, 5)},
        ),
        *(
            credit(key, "prepayment", account_id=account, total=total, created_at=at(1, day))
            for key, account, total, day in (
                ("held-1", "p", "-50", 10),
                ("held-2", "p", "-50", 21),
                ("held-3", "p", "-80", 5),
                ("held-4", "q", "-50", 5),
            )
        ),
        invoice("gift-sale", account_id="giver", total="50", origin="gift_card"),
        credit("gift-held", "gift_card", account_id="taker"),
        # Two sales of credit that are to be refunded: of a prepayment that cannot be.
        credit("sales-back", "line_item_refund", total="-30", created_at=at(4, 1)),
        # What credits paid.
        invoice("net", account_id="n"),
        invoice("all-credit"),
        invoice("too-much-credit"),
        invoice("open-sale", "past_due", balance="100"),
    ],
    "line_items": [
        *(
            credit_line(kind_key(origin, reason), kind_key(origin, reason), reason)
            for origin, reason, _ in KINDS
        ),
        credit_line("good", "good", plan_code="credit-goodwill", product_code=None),
        credit_line("reasons-2", "reasons", "refund", "-10", created_at=at(3, 7)),
        credit_line("reasons-1", "reasons", "service", "-10", plan_code=None, created_at=at(3, 6)),
        *(
            credit_line(key, key)
            for key in (
                *("positive", "nothing", "unfooted", "endless", "timeless", "draft-credit"),
                *("lost-credit", "rivals-credit", "copied-credit"),
            )
        ),
        credit_line("other-currency", "other-currency", currency="USD"),
        credit_line("mixed-1", "mixed", amount="-30"),
        credit_line("mixed-2", "mixed", amount="10"),
        line(
            "r-first",
            "first",
            account_id="r",
            created_at=at(1, 5),
            start_date=at(1, 5),
            end_date=at(4, 5),
        ),
        line(
            "r-second",
            "second",
            account_id="r",
            created_at=at(2, 5),
            start_date=at(2, 5),
            end_date=at(3, 5),
        ),
        line("r-later", "later", account_id="r", created_at=at(6, 5)),
        line("r-draft", "draft-sale", account_id="r", created_at=at(3, 1)),
        *(
            credit_line(key, "refunds", amount="-10", tax="-1.90", created_at=at(3, 20, 9), **rest)
            for key, rest in {
                "by-id": {"previous_line_item_id": "r-first"},
                "by-period": {"start_date": at(3, 20)},
                "by-time": {"start_date": None},
                "no-such-plan": {"plan_code": "other"},
                "no-such-id": {"previous_line_item_id": "nowhere"},
            }.items()
        ),
        credit_line(
            "later-id", "refunds", amount="-2", tax="-0.40", previous_line_item_id="r-second"
        ),
        *(
            line(f"of-{key}", key, account_id="p")
            for key in ("paid-1", "paid-2", "paid-3", "gift-sale")
        ),
        *(
            credit_line(key, key, amount=amount)
            for key, amount in {"held-1": "-50", "held-2": "-50", "held-3": "-80"}.items()
        ),
        credit_line("held-4", "held-4", amount="-50"),
        credit_line("gift-held", "gift-held", "gift_card"),
        credit_line("gift-back", "sales-back", amount="-20", previous_line_item_id="of-gift-sale"),
        credit_line("paid-back", "sales-back", amount="-10", previous_line_item_id="of-paid-3"),
    ],
    "credit_payments": [
        payment("paid-by", " Payment ", "5", currency="eur"),
        payment("friend", "gift_card", "20", "gift-held", account_id="friend"),
        payment("some-written-off", "write_off", "10", "kind write_off None"),
        payment("again", "payment", "7", updated_at=at(4, 10)),
        payment("again", "payment", "7", updated_at=at(4, 20), voided_at=at(4, 20)),
        payment("all", "payment", "119", to="all-credit"),
        payment("too-much", "payment", "120", to="too-much-credit"),
        payment("reduced", "reduction", "3", to="good"),
        payment("reduced-not", "reduction", "3", to="good", voided_at=at(4, 21)),
        payment("refunded", "refund", "4", "refunds", "refunds", refund_transaction_id="t1"),
        payment(
            *("refunded-not", "refund", "4", "refunds", "refunds"),
            refund_transaction_id="t2",
            voided_at=at(4, 22),
        ),
        payment("refunded-how", "refund", "4", "refunds", "refunds"),
        payment("failed-off", "write_off", "119", "kind write_off None", "failed"),
        payment("voided-off", "write_off", "119", "kind write_off None", "voided"),
        payment("not-off", "write_off", "19", to="open-sale", voided_at=at(4, 23)),
        payment("off-what", "write_off", "19", to=None),
        payment("off-nothing", "write_off", "0", to="open-sale"),
        # Bad ones.
        payment("strange", "loan", "1"),
        payment("actionless", None, "1"),
        payment("below-zero", "payment", "-1", to="open-sale"),
        payment("amountless", "payment", None),
        payment("whenless", "payment", "1", to="open-sale", created_at=None, voided_at=at(4, 24)),
        payment("of-nothing", "payment", "1", None, "open-sale"),
        payment("for-nothing", "payment", "1", to=None),
        payment("dollars", "payment", "1", to="open-sale", currency="USD"),
        payment("unknown", "payment", "1", kind_key(None, None), "open-sale"),
        payment(None, "payment", "1", to="open-sale"),
        payment("rival", "payment", "1", to="open-sale"),
        payment("rival", "payment", "2", to="open-sale"),
    ],
}
for _name, _rows in CREDITS.items():
    TABLES.setdefault(_name, []).extend(_rows)

SHAPES = (
    *("service_lines", "invoices", "line_events", "line_event_splits", "settlements"),
    *("reference_rows", "credit_grants", "credit_entries"),
)


# How Postgres reads a time with a zone, all rooms share: test_oracle_parity.py and
# test_stripe_staging.py have it in every run.
LONG_ON_POSTGRES = ("zoned",)


@pytest.fixture(scope="module", params=["native", "zoned", "text"])
def company(warehouse: Warehouse, request: pytest.FixtureRequest) -> Warehouse:
    """The company, with its columns typed in each way."""
    rooms.load_room(warehouse, "recurly", TABLES, typing=request.param)
    rooms.build_room(warehouse, "recurly")
    return warehouse


def counting(company: Warehouse, name: str, key: str) -> dict[str, Row]:
    """The rows of a shape that count."""
    rows = [row for row in rooms.shape(company, "recurly", name) if row["row_reason"] is None]
    assert len({row[key] for row in rows}) == len(rows)
    return {row[key]: row for row in rows}


def test_all_columns_of_one_line(company: Warehouse) -> None:
    """The invoice gives currency and billing; the line is known when both are."""
    row = counting(company, "service_lines", "line_id")["month"]
    assert {key: value for key, value in row.items() if value is not None} == {
        "source_system": "recurly",
        "source_table": LINES,
        "source_key": "month",
        "line_id": "month",
        "invoice_id": "paid",
        "customer_id": "b",
        "product_id": "product",
        "price_id": "plan",
        "currency": "EUR",
        "amount_scale": "major",
        "amount": Decimal(100),
        "tax_amount": Decimal(19),
        "service_starts_at": CREATED,
        "service_ends_at": NEXT,
        "booked_at": CREATED,
        "booked_known_at": CREATED,
        "known_at": CREATED + timedelta(seconds=1),
        "billing_account": "accounts_receivable",
    }


def test_schedule_types_become_hints_and_a_start_alone_is_no_period(company: Warehouse) -> None:
    """Evenly is none; missing product, tax and customer are filled in."""
    lines = counting(company, "service_lines", "line_id")
    keys = ("month", "point", "evenly", "never", "range-start", "range-end")
    assert [lines[key]["recognition_hint"] for key in keys] == [
        *(None, "at_invoice", None, "never", "at_range_start", "at_range_end"),
    ]
    point = lines["point"]
    assert (point["service_starts_at"], point["service_ends_at"]) == (None, None)
    assert (lines["evenly"]["product_id"], lines["evenly"]["tax_amount"]) == ("plan", 0)
    assert lines["never"]["customer_id"] == "a"


def test_failed_and_voided_invoices_are_events(company: Warehouse) -> None:
    """At closed_at, else updated_at, for whatever is left."""
    events = [
        row
        for row in rooms.shape(company, "recurly", "line_events")
        if row["invoice_id"] in ("failed", "voided")
    ]
    columns = ("event_id", "event_type", "invoice_id", "amount", "settlement_account")
    assert sorted(tuple(row[column] for column in columns) for row in events) == [
        ("failed:uncollectible", "uncollectible", "failed", None, "accounts_receivable"),
        ("voided:void", "void", "voided", None, "accounts_receivable"),
    ]
    assert {row["event_type"]: (row["effective_at"], row["known_at"]) for row in events} == {
        "uncollectible": (CLOSED, CLOSED),
        "void": (UPDATED, UPDATED),
    }


def test_paid_invoices_were_paid_what_is_no_longer_owed(company: Warehouse) -> None:
    """Total less balance, less the credits that paid, where that is something."""
    rows = rooms.shape(company, "recurly", "settlements")
    assert {row["settlement_type"] for row in rows} == {"payment"}
    found = {row["settlement_id"]: (row["amount"], row["effective_at"]) for row in rows}
    assert found == {
        "paid:paid": (Decimal(119), CLOSED),
        "partly:paid": (Decimal(100), CLOSED),
        "no-closing:paid": (Decimal(119), UPDATED),
        "legacy:paid": (Decimal(119), CLOSED),
        "versions:paid": (Decimal(119), CLOSED),
        "copied:paid": (Decimal(119), CLOSED),
        **{f"{key}:paid": (Decimal(119), CLOSED) for key in ("first", "second", "later")},
        **{f"paid-{number}:paid": (Decimal(50), CLOSED) for number in (1, 2)},
        "paid-3:paid": (Decimal(70), CLOSED),
        "gift-sale:paid": (Decimal(50), CLOSED),
        # 5 by a credit, 20 by a gift card, 10 written off; what was voided paid nothing.
        # 119 less 35 of credits and 7 that were voided after it was paid.
        "net:paid": (Decimal(77), CLOSED),
        "too-much-credit:paid": (Decimal(-1), CLOSED),
    }
    assert {row["settlement_id"]: row["row_reason"] for row in rows if row["row_reason"]} == {
        "too-much-credit:paid": "wrong_sign"
    }


def test_an_issued_invoice_is_in_the_books_before_it_is_paid(company: Warehouse) -> None:
    """Pending, past due and processing invoices count from created_at."""
    invoices = counting(company, "invoices", "invoice_id")
    for state in ("pending", "past_due", "processing", "failed", "voided", "versions"):
        assert (invoices[state]["booked_at"], invoices[state]["total"]) == (CREATED, Decimal(119))


@pytest.mark.parametrize(
    ("name", "expected", "both"),
    [("invoices", BAD_INVOICES, {"versions", "rivals"}), ("service_lines", BAD_LINES, {"other"})],
)
def test_what_is_bad_has_its_reason(
    company: Warehouse, name: str, expected: set, both: set[str]
) -> None:
    """The newest version counts, of two copies one; rows that differ are both bad."""
    found = rooms.reasons(rooms.shape(company, "recurly", name))
    assert {item for item in found if item[2] is not None} == expected
    assert {item[1] for item in expected if found[item] > 1} == both


def grants(company: Warehouse) -> dict[str, Row]:
    """The grants by their id."""
    rows = rooms.shape(company, "recurly", "credit_grants")
    assert len({row["grant_id"] for row in rows}) == len(rows)
    assert all(row["raw_key"] == row["grant_id"] for row in rows)
    return {row["grant_id"]: row for row in rows}


def entries(company: Warehouse) -> dict[str, Row]:
    """The entries by their id."""
    rows = rooms.shape(company, "recurly", "credit_entries")
    assert len({row["entry_id"] for row in rows}) == len(rows)
    return {row["entry_id"]: row for row in rows}


def references(company: Warehouse, table: str) -> dict[str, str | None]:
    """Why rows of a raw table take no part; null where they only give terms."""
    rows = rooms.shape(company, "recurly", "reference_rows")
    return {
        row["source_key"]: row["row_reason"]
        for row in rows
        if row["source_table"] == table and row["row_reason"] not in rooms.COPIES
    }


@pytest.mark.parametrize(("origin", "reason", "kind"), KINDS)
def test_kinds_of_credit(
    company: Warehouse, origin: str | None, reason: str | None, kind: str | None
) -> None:
    """Four kinds are grants, the others take no part, each with its lines."""
    key = kind_key(origin, reason)
    excluded = {"write_off": "booked_with_invoice", "carried_forward": "carried_forward"}
    if kind in ("write_off", "carried_forward", None):
        reason_code = excluded.get(kind or "", "unknown_credit_kind")
        assert references(company, INVOICES)[key] == reason_code
        assert references(company, LINES)[key] == reason_code
        assert key not in grants(company)
    else:
        grant = grants(company)[key]
        assert (grant["funding"], grant["input_problem"]) == (kind, None)
        assert grant["price_per_unit"] == (0 if kind == "goodwill" else 1)
        # There is nothing that this customer could be refunded.
        told = "unknown_credited_line" if kind == "on_account" else None
        assert references(company, LINES)[key] == told


def test_all_columns_of_a_grant(company: Warehouse) -> None:
    """The newest version: what remains is the balance."""
    row = grants(company)["good"]
    assert {key: value for key, value in row.items() if value is not None} == {
        "source_system": "recurly",
        "source_table": INVOICES,
        "grant_id": "good",
        "customer_id": "a",
        "credit_unit": "EUR",
        "display_name": "2001",
        "funding": "goodwill",
        "granted_units": Decimal(20),
        "remaining_units": Decimal(5),
        "price_per_unit": Decimal(0),
        "currency": "EUR",
        "plan_code": "credit-goodwill",
        "status": "OPEN",
        "payment_status": "settled",
        "is_invoice_paid": False,
        "effective_at": CREATED,
        "known_at": CREATED,
        "version_at": at(4, 11),
        "raw_key": "good",
    }
    assert entries(company)["good"]["units"] == Decimal(20)


def test_the_first_line_says_for_what_a_credit_was_given(company: Warehouse) -> None:
    """By created_at: here goodwill, of which the second line says refund."""
    row = grants(company)["reasons"]
    assert (row["funding"], row["plan_code"]) == ("goodwill", "product")


def test_bad_credits(company: Warehouse) -> None:
    """A credit that cannot be read is a bad grant, with its lines; others take no part."""
    bad = {row["grant_id"]: row["input_problem"] for row in grants(company).values()}
    assert {key: problem for key, problem in bad.items() if problem} == {
        "positive": "wrong_sign",
        "nothing": "wrong_sign",
        "unfooted": "lines_do_not_foot",
        "other-currency": "lines_do_not_foot",
        "mixed": "lines_do_not_foot",
        "endless": "missing_amount",
        "timeless": "missing_timestamp",
    }
    for key, problem in bad.items():
        assert entries(company)[key]["input_problem"] == problem
    assert {
        key: reason
        for key, reason in references(company, INVOICES).items()
        if not key.startswith("kind")
    } == {"draft-credit": "not_finalised", "lost-credit": "unknown_invoice_state"}
    lines = rooms.reasons(
        row
        for row in rooms.shape(company, "recurly", "reference_rows")
        if row["source_table"] == LINES and not row["source_key"].startswith("kind")
    )
    assert set(lines) == {
        *((LINES, key, None) for key in ("good", "reasons-1", "reasons-2", "copied-credit")),
        *((LINES, f"held-{number}", None) for number in (1, 2, 3, 4)),
        (LINES, "gift-held", None),
        (LINES, "positive", "wrong_sign"),
        (LINES, "nothing", "wrong_sign"),
        (LINES, "unfooted", "lines_do_not_foot"),
        (LINES, "other-currency", "conflicting_invoice"),
        (LINES, "mixed-1", "lines_do_not_foot"),
        (LINES, "mixed-2", "wrong_sign"),
        (LINES, "endless", "missing_amount"),
        (LINES, "timeless", "missing_timestamp"),
        (LINES, "draft-credit", "not_finalised"),
        (LINES, "lost-credit", "unknown_invoice_state"),
        (LINES, "rivals-credit", "duplicate_conflict"),
        (LINES, "no-such-plan", "unknown_credited_line"),
        (LINES, "no-such-id", "unknown_credited_line"),
        (LINES, "paid-back", "unknown_credited_line"),
    }


def test_a_credit_on_account_reverses_the_lines_that_it_refunds(company: Warehouse) -> None:
    """By the id that a line has, else the line of that time, else the newest by then."""
    events = counting(company, "line_events", "event_id")
    credited = {key: row for key, row in events.items() if row["source_key"] == "refunds"}
    assert events["sales-back:gift-sale"]["amount"] == Decimal(20)
    assert {key: (row["invoice_id"], row["amount"]) for key, row in credited.items()} == {
        "refunds:first": ("first", Decimal("23.80")),
        "refunds:second": ("second", Decimal("14.30")),
    }
    for row in credited.values():
        assert (row["source_table"], row["source_key"]) == (INVOICES, "refunds")
        assert (row["settlement_account"], row["currency"]) == ("customer_balance", "EUR")
        assert (row["effective_at"], row["known_at"]) == (at(3, 20), at(3, 20))
    splits = counting(company, "line_event_splits", "source_key")
    assert {
        key: (row["event_id"], row["line_id"], row["amount"], row["tax_amount"])
        for key, row in splits.items()
    } == {
        "by-id": ("refunds:first", "r-first", Decimal(10), Decimal("1.90")),
        "by-period": ("refunds:first", "r-first", Decimal(10), Decimal("1.90")),
        "by-time": ("refunds:second", "r-second", Decimal(10), Decimal("1.90")),
        "later-id": ("refunds:second", "r-second", Decimal(2), Decimal("0.40")),
        "gift-back": ("sales-back:gift-sale", "of-gift-sale", Decimal(20), Decimal(0)),
    }


def test_prepayments_find_what_the_customer_paid(company: Warehouse) -> None:
    """The last charge before a credit of an account and amount is its own; a void shows."""
    found = grants(company)
    columns = ("invoice_id", "invoice_status", "is_invoice_paid")
    assert [tuple(found[f"held-{i}"][c] for c in columns) for i in (1, 2, 3, 4)] == [
        ("paid-1", "PAID", True),
        ("paid-2", "PAID", True),
        (None, None, False),
        ("paid-4", "VOIDED", False),
    ]
    lines = counting(company, "service_lines", "line_id")
    columns = ("recognition_hint", "deferred_account")
    assert [tuple(lines[f"of-{key}"][c] for c in columns) for key in ("paid-1", "gift-sale")] == [
        ("credit_purchase", None),
        ("never", "gift_card_liability"),
    ]


def test_what_credit_payments_do(company: Warehouse) -> None:
    """Each action once; what was voided comes back when it was."""
    rows = [row for row in entries(company).values() if row["source_table"] == PAYMENTS]
    assert all(row["is_credit_event"] for row in rows)
    assert all(row["known_at"] == row["effective_at"] for row in rows)
    assert all(row["raw_key"] == row["entry_id"].removesuffix(":voided") for row in rows)
    columns = ("grant_id", "customer_id", "entry_type", "units", "invoice_id", "effective_at")
    assert {
        row["entry_id"]: tuple(row[column] for column in columns)
        for row in rows
        if row["input_problem"] is None
    } == {
        "paid-by": ("good", "a", "apply", Decimal(-5), "net", at(4, 10)),
        "friend": ("gift-held", "friend", "apply", Decimal(-20), "net", at(4, 10)),
        "again": ("good", "a", "apply", Decimal(-7), "net", at(4, 10)),
        "again:voided": ("good", "a", "apply_reversal", Decimal(7), "net", at(4, 20)),
        "all": ("good", "a", "apply", Decimal(-119), "all-credit", at(4, 10)),
        "too-much": ("good", "a", "apply", Decimal(-120), "too-much-credit", at(4, 10)),
        "reduced": ("good", "a", "revoke", Decimal(-3), None, at(4, 10)),
        "reduced-not": ("good", "a", "revoke", Decimal(-3), None, at(4, 10)),
        "reduced-not:voided": ("good", "a", "revoke_reversal", Decimal(3), None, at(4, 21)),
        "refunded": ("refunds", "a", "refund", Decimal(-4), None, at(4, 10)),
        "refunded-not": ("refunds", "a", "refund", Decimal(-4), None, at(4, 10)),
    }
    assert entries(company)["paid-by"]["credit_unit"] == "EUR"
    assert entries(company)["refunded"]["reference"] == "refunds"


def test_bad_credit_payments(company: Warehouse) -> None:
    """An exception each; a void of what cannot be read gives nothing back."""
    assert {
        row["entry_id"]: row["input_problem"]
        for row in entries(company).values()
        if row["input_problem"] and row["source_table"] == PAYMENTS
    } == {
        "refunded-not:voided": "voided_refund",
        "refunded-how": "missing_refund_transaction",
        "strange": "unknown_event_type",
        "actionless": "unknown_event_type",
        "below-zero": "wrong_sign",
        "amountless": "missing_amount",
        "whenless": "missing_timestamp",
        "of-nothing": "unknown_grant",
        "for-nothing": "unknown_invoice",
        "dollars": "currency_mismatch",
        "unknown": "unknown_credit_kind",
    }


def test_write_offs_of_a_part_are_events(company: Warehouse) -> None:
    """Those of an invoice that failed or was voided are booked with it."""
    assert {
        key: reason for key, reason in references(company, PAYMENTS).items() if reason is not None
    } == {"failed-off": "booked_with_invoice", "voided-off": "booked_with_invoice"}
    rows = rooms.shape(company, "recurly", "line_events")
    columns = (
        "source_key",
        "event_type",
        "restores_event_id",
        "invoice_id",
        "amount",
        "row_reason",
    )
    assert {
        row["event_id"]: tuple(row[column] for column in columns)
        for row in rows
        if row["source_table"] == PAYMENTS
    } == {
        "some-written-off:write_off": (
            *("some-written-off", "uncollectible", None, "net", Decimal(10), None),
        ),
        "not-off:write_off": ("not-off", "uncollectible", None, "open-sale", Decimal(19), None),
        "not-off:write_off_voided": (
            *("not-off", "recovered", "not-off:write_off", "open-sale", Decimal(19), None),
        ),
        "off-what:write_off": (
            *("off-what", "uncollectible", None, None, Decimal(19), "unknown_invoice"),
        ),
        "off-nothing:write_off": (
            *("off-nothing", "uncollectible", None, "open-sale", Decimal(0), "wrong_sign"),
        ),
    }


def test_nothing_is_lost(company: Warehouse) -> None:
    """Every raw row counts once, and is one thing only."""
    rooms.assert_every_raw_row_counts_once(company, "recurly", SHAPES)
    places = [
        set(rooms.raw_rows(company, "recurly", names))
        for names in (
            ("service_lines", "invoices"),
            ("line_event_splits", "credit_grants"),
            ("reference_rows",),
        )
    ]
    copies = {"copied-credit", "good"}
    for i, place in enumerate(places):
        for other in places[i + 1 :]:
            assert {key for _, key in place & other} <= copies


def test_credit_events_may_be_ignored(warehouse: Warehouse) -> None:
    """All rows of credits have that reason but copies, and cash stays cash."""
    rooms.load_room(warehouse, "recurly", TABLES)
    rooms.build_room(warehouse, "recurly", ignore_credit_events=True)
    for name in ("credit_grants", "credit_entries", "line_event_splits"):
        assert rooms.shape(warehouse, "recurly", name) == []
    events = rooms.shape(warehouse, "recurly", "line_events")
    assert {row["event_id"] for row in events} == {
        *("failed:uncollectible", "voided:void", "paid-4:void"),
    }
    ignored = {
        *(references(warehouse, INVOICES).values()),
        *(references(warehouse, LINES).values()),
        *(references(warehouse, PAYMENTS).values()),
    }
    assert ignored == {"credit_events_ignored"}
    lines = counting(warehouse, "service_lines", "line_id")
    assert lines["of-paid-1"]["recognition_hint"] == "never"
    settlements = {
        row["settlement_id"]: row["amount"]
        for row in rooms.shape(warehouse, "recurly", "settlements")
    }
    assert settlements["net:paid"] == Decimal(77)
    rooms.assert_every_raw_row_counts_once(warehouse, "recurly", SHAPES)


def test_an_account_without_credit_invoices_has_no_credit_payments(warehouse: Warehouse) -> None:
    """Then the table need not be there."""
    tables = {"invoices": [invoice("paid")], "line_items": [line("month")]}
    rooms.load_room(warehouse, "recurly", tables, absent=("credit_payments",))
    warehouse.execute("drop table if exists recurly.credit_payments cascade")
    rooms.build_room(warehouse, "recurly")
    assert len(rooms.shape(warehouse, "recurly", "settlements")) == 1
    counts = {
        row["source_table"]: row["rows_in"]
        for row in rooms.shape(warehouse, "recurly", "row_counts")
    }
    assert counts == {INVOICES: 1, LINES: 1, PAYMENTS: 0}


def test_what_cannot_be_read_is_no_guess(warehouse: Warehouse) -> None:
    """As text: a credit, a payment that was voided some day, and one of some amount."""
    tables = {
        "invoices": [credit("odd", total="much"), credit("fine"), invoice("net")],
        "line_items": [credit_line("odd", "odd"), credit_line("fine", "fine")],
        "credit_payments": [
            payment("when", "payment", "9", "fine", voided_at="some day"),
            payment("how-much", "payment", "a lot", "fine"),
            payment("written", "write_off", "some", "fine"),
        ],
    }
    rooms.load_room(warehouse, "recurly", tables, typing="text")
    rooms.build_room(warehouse, "recurly")
    assert {key: row["input_problem"] for key, row in entries(warehouse).items()} == {
        "odd": "invalid_number",
        "fine": None,
        "when": "invalid_timestamp",
        "how-much": "invalid_number",
    }
    events = rooms.shape(warehouse, "recurly", "line_events")
    assert [row["row_reason"] for row in events] == ["invalid_number"]
    settlements = rooms.shape(warehouse, "recurly", "settlements")
    assert [row["amount"] for row in settlements] == [Decimal(119)]
    rooms.assert_every_raw_row_counts_once(warehouse, "recurly", SHAPES)


def test_a_project_says_what_its_credits_are(duckdb_warehouse: Warehouse, tmp_path: Path) -> None:
    """Policy credit_kind by plan; what is no kind at all is none."""
    keys = ("deposit", "mistyped", "plan")
    tables = {
        "invoices": [credit(key) for key in keys],
        "line_items": [credit_line(key, key, plan_code=key) for key in keys],
    }
    rooms.load_room(duckdb_warehouse, "recurly", tables)
    project = install(Path(__file__).parent / "installing_project", tmp_path)
    duckdb_warehouse.build(
        *("run", "--select", "+stg_recurly__reference_rows", "+stg_recurly__credit_grants"),
        vars={"sample_data": False, "sources": ["recurly"], "as_of_date": "2026-06-30"},
        project_dir=project,
    ).check()
    assert {key: row["funding"] for key, row in grants(duckdb_warehouse).items()} == {
        "deposit": "prepayment",
        "plan": "goodwill",
    }
    assert references(duckdb_warehouse, INVOICES) == {"mistyped": "unknown_credit_kind"}
