"""Raw Stripe billing credits in, canonical rows out, in every notation that Stripe has.

One account holds a few grants, metadata and transactions per case. It is loaded once per engine and
notation, and every test looks at its own rows of the shapes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import books
import pytest
import stripe
from installing import install, replace
from warehouse import BuildResult, Row, Warehouse

INSTALLING = Path(__file__).parent / "installing_project"
VARS = stripe.stripe_vars("2026-06-30")
SHAPES = ("credit_grants", "credit_entries", "invoices", "reference_rows", "row_counts")
LEAVE_OUT = ("--exclude-resource-type", "test", "unit_test")
GRANTS, METADATA, MOVES = stripe.CREDIT_TABLES
MADE = datetime(2026, 1, 10, 9, 30)
USED = datetime(2026, 2, 1, 12, 0)
EXPIRES = datetime(2027, 1, 11)
LATER = datetime(2026, 3, 2, 8, 0, 5)

# --------------------------------------------------------------------------------------------------
# Rows
# --------------------------------------------------------------------------------------------------


def grant(
    grant_id: str | None, amount: int | None = 10000, currency: str | None = "usd", **more: Any
) -> Row:
    """A paid grant of money, 100 dollars unless told."""
    return {
        "id": grant_id,
        "customer_id": "cus_1",
        "amount_type": "monetary",
        "category": "paid",
        "monetary_amount_currency": currency,
        "monetary_amount_value": amount,
        "created": MADE,
        "updated": MADE,
        **more,
    }


def custom(name: str, value: str, **more: Any) -> Row:
    """A grant of a custom pricing unit."""
    return {
        **grant(name, None),
        "amount_type": "custom_pricing_unit",
        "monetary_amount_currency": None,
        "custom_pricing_unit_id": "cpu_tokens",
        "custom_pricing_unit_value": value,
        **more,
    }


def told(grant_id: str | None, value: str | None, key: str | None = "cost_basis") -> Row:
    """A row of metadata."""
    return {"credit_grant_id": grant_id, "key": key, "value": value}


def move(
    name: str, kind: str, amount: int | None, currency: str | None = "usd", **more: Any
) -> Row:
    """A transaction on the side that its kind has."""
    is_credit = kind in ("credits_granted", "credits_application_invoice_voided")
    side = "credit" if is_credit else "debit"
    return {
        "id": name,
        "credit_grant_id": "usd",
        "type": side,
        f"{side}_type": kind,
        f"{side}_amount_type": "monetary",
        f"{side}_monetary_amount_currency": currency,
        f"{side}_monetary_amount_value": amount,
        "created": USED,
        **more,
    }


def invoice(name: str, total: int | None, status: str = "open", **more: Any) -> Row:
    """A finalised invoice."""
    ended = {"void": {"status_transitions_voided_at": LATER}}
    return {
        "id": name,
        "customer_id": "cus_1",
        "currency": "usd",
        "status": status,
        "total": total,
        "status_transitions_finalized_at": USED,
        **ended.get(status, {}),
        **more,
    }


# --------------------------------------------------------------------------------------------------
# The account
# --------------------------------------------------------------------------------------------------

PRICED = ("usd", "jpy", "kwd", "isk", "ugx")

TABLES: dict[str, list[Row]] = {
    GRANTS: [
        grant(
            "usd",
            name="Credits",
            effective_at=USED,
            expires_at=EXPIRES,
            voided_at=LATER,
        ),
        grant("jpy", 5000, "JPY"),
        grant("kwd", 1234560, "kwd"),
        grant("isk", 50000, "isk"),
        grant("ugx", 12300, "ugx"),
        grant("unsaid", category=None),
        grant("blank", category=" "),
        grant("promo", 2500, category="promotional"),
        grant("odd", category="gift"),
        grant("no_type", amount_type=None),
        grant("no_currency", currency=None),
        grant("xyz", currency="xyz"),
        custom("tokens", "12.5"),
        custom("tokens_priced", "1000", amount_type=None),
        custom("tokens_promo", "3", category="promotional"),
        grant("free"),
        grant("tiny"),
        grant("no_cost"),
        grant("empty_cost"),
        grant("no_value"),
        grant("unread"),
        grant("digits"),
        grant("promo_unread", category="promotional"),
        grant("contradicted"),
        grant("promo_contradicted", category="promotional"),
        grant("copied"),
        grant("sold_paid"),
        grant("sold_open"),
        grant("sold_gone"),
        grant("sold_void"),
        grant("edited", expires_at=EXPIRES),
        grant("edited", expires_at=LATER, updated=LATER),
        grant("twice"),
        grant("twice"),
        grant("other_key"),
        grant(None),
    ],
    METADATA: [
        *(told(name, "80.00") for name in PRICED),
        told("unsaid", "80"),
        told("blank", "80"),
        told("promo", "80"),
        told("odd", "80"),
        told("tokens_priced", "800.00"),
        told("free", "0"),
        told("tiny", "0.000000000001"),
        told("empty_cost", ""),
        told("no_value", None),
        told("unread", "USD 80"),
        told("digits", "80.0000000000001"),
        told("promo_unread", "nothing"),
        told("contradicted", "80.00"),
        told("contradicted", "90.00"),
        told("promo_contradicted", "80.00"),
        told("promo_contradicted", "90.00"),
        told("copied", "80.00"),
        told("copied", "80.00"),
        told("sold_paid", "in_paid", "invoice_id"),
        told("sold_open", "in_rest", "invoice_id"),
        told("sold_gone", "in_gone", "invoice_id"),
        told("sold_void", "in_void", "invoice_id"),
        told("twice", "80.00"),
        told("twice", "someone", "sold_by"),
        told("other_key", "70.00", "paid.for-it"),
        told("other_key", "in_paid", "sold_on"),
        told("gone", "80.00"),
        told(None, "80.00"),
        told("usd", "80.00", None),
    ],
    MOVES: [
        move("grant", "credits_granted", 10000, bill_item_id="bi_1"),
        move(
            "back",
            "credits_application_invoice_voided",
            4000,
            effective_at=LATER,
            invoice_id="in_void",
        ),
        move("use_void", "credits_applied", 4000, invoice_id="in_void"),
        move("use_1", "credits_applied", 3000, "USD", invoice_id="in_rest"),
        move("use_2", "credits_applied", 550, invoice_id="in_rest"),
        move("use_eur", "credits_applied", 99, "eur", invoice_id="in_rest"),
        move("use_jpy", "credits_applied", 700, "jpy", invoice_id="in_yen", credit_grant_id="jpy"),
        move("use_isk", "credits_applied", 70000, "isk", invoice_id="in_isk"),
        move("use_gone", "credits_applied", 100, invoice_id="in_paid", credit_grant_id="gone"),
        move("expire", "credits_expired", 1000, effective_at=LATER),
        move("revoke", "credits_voided", 1),
        move("kwd", "credits_granted", 1234560, "kwd", credit_grant_id="kwd"),
        move("ugx", "credits_granted", 12300, "ugx", credit_grant_id="ugx"),
        move("nothing", "credits_expired", 0),
        # What cannot be booked.
        move("no_invoice", "credits_applied", 100),
        move("both_sides", "credits_granted", 100, debit_type="credits_applied"),
        move("wrong_side", "credits_granted", 100, type="debit"),
        move("no_side", "credits_granted", 100, type=None),
        move("odd", "credits_borrowed", 100),
        move("tokens", "credits_granted", None, None, credit_grant_id="tokens"),
        move("negative", "credits_applied", -100, invoice_id="in_rest"),
        move("no_currency", "credits_granted", 100, None),
        move("xyz", "credits_applied", 100, "xyz", invoice_id="in_rest"),
        move("no_grant", "credits_granted", 100, credit_grant_id=None),
        move("no_time", "credits_granted", 100, created=None),
        move("twice", "credits_applied", 200, invoice_id="in_twice"),
        move("twice", "credits_applied", 200, invoice_id="in_twice"),
        move("conflict", "credits_applied", 200, invoice_id="in_twice"),
        move("conflict", "credits_applied", 300, invoice_id="in_twice"),
    ],
    "invoices": [
        invoice("in_rest", 6450),
        invoice("in_void", 1000, "void"),
        invoice("in_paid", 900, "paid"),
        invoice("in_yen", 300, currency="jpy"),
        invoice("in_isk", 30000, currency="isk"),
        invoice("in_twice", 1000),
        invoice("in_none", 1234),
        invoice("in_no_total", None),
    ],
}


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


class Shapes:
    """The canonical rows that came out, by shape."""

    def __init__(self, warehouse: Warehouse) -> None:
        schema = f"{warehouse.schema}_staging"
        self.rows = {
            shape: warehouse.table(f"stg_stripe__{shape}", schema=schema) for shape in SHAPES
        }

    def grants(self, name: str) -> list[Row]:
        """The rows of a grant."""
        return [row for row in self.rows["credit_grants"] if row["grant_id"] == name]

    def grant(self, name: str) -> Row:
        """The only row of a grant."""
        (row,) = self.grants(name)
        return row

    def entries(self, name: str) -> list[Row]:
        """The rows of a transaction."""
        return [row for row in self.rows["credit_entries"] if row["entry_id"] == name]

    def entry(self, name: str) -> Row:
        """The only row of a transaction."""
        (row,) = self.entries(name)
        return row

    def totals(self) -> dict[str, Decimal | None]:
        """Invoice -> its canonical total."""
        return {row["invoice_id"]: row["total"] for row in self.rows["invoices"]}


def build(warehouse: Warehouse, **more: Any) -> BuildResult:
    """Build the shapes of the account that was loaded; `more` are vars."""
    selection = ["--select", *(f"+stg_stripe__{shape}" for shape in SHAPES)]
    return warehouse.build("build", *selection, *LEAVE_OUT, vars={**VARS, **more})


def load(warehouse: Warehouse, notation: str = "native") -> None:
    """Load the account in one notation of its values."""
    write = NOTATIONS[notation]
    tables = {
        name: [{column: write(value) for column, value in row.items()} for row in rows]
        for name, rows in TABLES.items()
    }
    stripe.load_stripe(warehouse, tables, typing=notation)


@pytest.fixture(scope="module", params=NOTATIONS)
def shapes(request: pytest.FixtureRequest, warehouse: Warehouse) -> Iterator[Shapes]:
    """The account, built from one notation of its values."""
    load(warehouse, request.param)
    build(warehouse).check()
    yield Shapes(warehouse)


def picked(row: Row, *columns: str) -> tuple:
    """Some columns of a row."""
    return tuple(row[column] for column in columns)


# --------------------------------------------------------------------------------------------------
# Grants
# --------------------------------------------------------------------------------------------------


def test_every_raw_row_is_in_one_shape(shapes: Shapes) -> None:
    """As many canonical rows as arrived, copies and rows without an id included."""
    arrived = {
        row["source_table"]: row["rows_in"]
        for row in shapes.rows["row_counts"]
        if row["rows_in"] > 0
    }
    assert arrived == {name: len(rows) for name, rows in TABLES.items()}
    delivered = dict.fromkeys(arrived, 0)
    for shape in SHAPES[:-1]:
        for row in shapes.rows[shape]:
            delivered[row["source_table"]] += 1
    assert delivered == arrived


def test_a_grant_in_full(shapes: Shapes) -> None:
    """Each column of the canonical shape."""
    row = shapes.grant("usd")
    columns = dict.fromkeys(
        (
            *("priority", "resource_id", "plan_code", "pool_id", "source_order", "status"),
            *("invoice_id", "invoice_status", "remaining_units", "consumed_units", "raw_key"),
            *("price_per_unit", "version_problem", "input_problem", "unread_values"),
        )
    ) | {
        "source_system": "stripe",
        "source_table": "billing_credit_grants",
        "grant_id": "usd",
        "customer_id": "cus_1",
        "credit_unit": "USD",
        "display_name": "Credits",
        "funding": "paid",
        "granted_units": 100,
        "price_total": 80,
        "currency": "USD",
        "payment_status": "settled",
        "is_invoice_paid": False,
        "effective_at": USED,
        "expires_at": EXPIRES,
        "voided_at": LATER,
        "known_at": MADE,
        "version_at": MADE,
    }
    assert {name: row[name] for name in columns} == columns


@pytest.mark.parametrize(
    ("name", "units"),
    [("usd", "100"), ("jpy", "5000"), ("kwd", "1234.56"), ("isk", "500"), ("ugx", "123")],
)
def test_minor_units_are_stripes(shapes: Shapes, name: str, units: str) -> None:
    """None for yen, three for dinars; two for krónur, which have none in the books."""
    row = shapes.grant(name)
    assert row["granted_units"] == Decimal(units)
    assert picked(row, "credit_unit", "currency") == (name.upper(), name.upper())
    assert picked(row, "price_total", "input_problem") == (80, None)


@pytest.mark.parametrize(
    ("name", "funding", "price"),
    [
        ("usd", "paid", 80),
        ("unsaid", "paid", 80),
        ("blank", "paid", 80),
        ("promo", "promotional", None),
        ("odd", None, None),
    ],
)
def test_category(shapes: Shapes, name: str, funding: str | None, price: int | None) -> None:
    """Paid unless it says otherwise; what was given away has no price, whatever is told."""
    row = shapes.grant(name)
    assert picked(row, "funding", "price_total", "input_problem") == (funding, price, None)


def test_a_grant_of_a_currency_that_is_unknown(shapes: Shapes) -> None:
    """Nobody can say how many units it has."""
    for name in ("no_currency", "xyz"):
        row = shapes.grant(name)
        assert picked(row, "granted_units", "input_problem") == (None, "unknown_currency")
        assert row["unread_values"]
    assert picked(shapes.grant("no_type"), "granted_units", "currency") == (100, "USD")


def test_custom_pricing_units(shapes: Shapes) -> None:
    """They are counted as they are; their cost has no currency in the export."""
    columns = ("credit_unit", "granted_units", "currency", "price_total", "input_problem")
    assert picked(shapes.grant("tokens"), *columns) == (
        "cpu_tokens", Decimal("12.5"), None, None, None,
    )  # fmt: skip
    assert picked(shapes.grant("tokens_priced"), *columns) == (
        "cpu_tokens", 1000, None, 800, None,
    )  # fmt: skip
    promo = shapes.grant("tokens_promo")
    assert picked(promo, *columns[:3], "funding") == ("cpu_tokens", 3, None, "promotional")


@pytest.mark.parametrize(
    ("name", "price", "problem"),
    [
        ("free", "0", None),
        ("tiny", "0.000000000001", None),
        ("no_cost", None, None),
        ("empty_cost", None, None),
        ("no_value", None, None),
        ("unread", None, "invalid_number"),
        ("digits", None, "precision_exceeded"),
        ("promo_unread", None, None),
        ("contradicted", None, "duplicate_conflict"),
        ("promo_contradicted", None, None),
        ("copied", "80", None),
        ("other_key", None, None),
    ],
)
def test_cost_basis(shapes: Shapes, name: str, price: str | None, problem: str | None) -> None:
    """What the metadata say, exactly; a missing one is not zero, two that differ are none."""
    row = shapes.grant(name)
    expected = None if price is None else Decimal(price)
    assert picked(row, "price_total", "price_per_unit") == (expected, None)
    assert row["input_problem"] == problem
    assert (row["unread_values"] is None) == (problem is None)


@pytest.mark.parametrize(
    ("name", "invoice_id", "status", "is_paid"),
    [
        ("sold_paid", "in_paid", "PAID", True),
        ("sold_open", "in_rest", "OPEN", False),
        ("sold_void", "in_void", "VOID", False),
        ("sold_gone", "in_gone", None, False),
        ("usd", None, None, False),
    ],
)
def test_the_invoice_that_sold_it(
    shapes: Shapes, name: str, invoice_id: str | None, status: str | None, is_paid: bool
) -> None:
    """As the metadata say; paid where the account has that invoice as paid."""
    columns = ("invoice_id", "invoice_status", "is_invoice_paid")
    assert picked(shapes.grant(name), *columns) == (invoice_id, status, is_paid)


def test_an_expiry_that_is_edited_is_a_version(shapes: Shapes) -> None:
    """No transaction says so: the newer row does."""
    found = sorted(
        picked(row, "version_at", "expires_at", "known_at") for row in shapes.grants("edited")
    )
    assert found == [(MADE, EXPIRES, MADE), (LATER, LATER, MADE)]


def test_times_of_a_grant(shapes: Shapes) -> None:
    """Where it does not say from when it may be used, from when it was made."""
    assert picked(shapes.grant("jpy"), "effective_at", "known_at") == (MADE, MADE)
    first, second = shapes.grants("twice")
    assert first == second


def test_reasons_of_metadata(shapes: Shapes) -> None:
    """Terms, whatever their key; copies, conflicts and those of nobody have a reason."""
    rows = [r for r in shapes.rows["reference_rows"] if r["source_table"] == METADATA]
    reasons: dict[str, list[str]] = {}
    for row in rows:
        key = "nameless" if row["source_key"].startswith("row:") else row["source_key"]
        reasons.setdefault(key, []).append(row["row_reason"] or "")
    assert {key: sorted(found) for key, found in reasons.items() if any(found)} == {
        "contradicted:cost_basis": ["duplicate_conflict"] * 2,
        "copied:cost_basis": ["", "duplicate"],
        "gone:cost_basis": ["unknown_grant"],
        "promo_contradicted:cost_basis": ["duplicate_conflict"] * 2,
        "nameless": ["missing_id"] * 2,
    }
    assert reasons["twice:sold_by"] == [""]


# --------------------------------------------------------------------------------------------------
# Entries
# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "units", "invoice_id"),
    [
        ("grant", "grant", "100", None),
        ("back", "apply_reversal", "40", "in_void"),
        ("use_void", "apply", "-40", "in_void"),
        ("use_1", "apply", "-30", "in_rest"),
        ("use_jpy", "apply", "-700", "in_yen"),
        ("use_isk", "apply", "-700", "in_isk"),
        ("expire", "expire", "-10", None),
        ("revoke", "revoke", "-0.01", None),
        ("kwd", "grant", "1234.56", None),
        ("ugx", "grant", "123", None),
        ("nothing", "expire", "0", None),
    ],
)
def test_entries(shapes: Shapes, name: str, kind: str, units: str, invoice_id: str | None) -> None:
    """The type gives the sign; amounts are major units of the currency."""
    row = shapes.entry(name)
    assert picked(row, "entry_type", "units", "invoice_id") == (kind, Decimal(units), invoice_id)
    assert picked(row, "input_problem", "unread_values") == (None, None)


def test_an_entry_in_full(shapes: Shapes) -> None:
    """Each column of the canonical shape."""
    row = shapes.entry("grant")
    columns = dict.fromkeys(
        (
            *("customer_id", "feature_id", "resource_id", "invoice_id", "pool_id"),
            *("input_problem", "unread_values", "raw_key"),
        )
    ) | {
        "source_system": "stripe",
        "source_table": "billing_credit_balance_transactions",
        "entry_id": "grant",
        "grant_id": "usd",
        "credit_unit": "USD",
        "entry_type": "grant",
        "units": 100,
        "effective_at": USED,
        "known_at": USED,
        "reference": "bi_1",
        "is_credit_event": False,
    }
    assert {name: row[name] for name in columns} == columns
    assert picked(shapes.entry("expire"), "effective_at", "known_at") == (LATER, USED)


def test_entries_that_cannot_be_booked(shapes: Shapes) -> None:
    """Each has its reason; a type that contradicts itself is none."""
    known = {"grant", "back", "expire", "revoke", "kwd", "ugx", "nothing", "twice", "conflict"}
    problems = {
        row["entry_id"]: row["input_problem"]
        for row in shapes.rows["credit_entries"]
        if row["entry_id"] not in known and not row["entry_id"].startswith("use_")
    }
    assert problems == {
        "no_invoice": "unknown_invoice",
        "both_sides": "unknown_event_type",
        "wrong_side": "unknown_event_type",
        "no_side": "unknown_event_type",
        "odd": "unknown_event_type",
        "tokens": "missing_amount",
        "negative": "wrong_sign",
        "no_currency": "unknown_currency",
        "xyz": "unknown_currency",
        "no_grant": "unknown_grant",
        "no_time": "missing_timestamp",
    }
    for name in ("both_sides", "wrong_side", "no_side", "odd"):
        assert picked(shapes.entry(name), "entry_type") == (None,)
    assert all(shapes.entry(name)["unread_values"] for name in problems)


def test_copies_of_an_entry_are_alike(shapes: Shapes) -> None:
    """Both are delivered: one counts, by their content; of two that differ none does."""
    first, second = shapes.entries("twice")
    columns = [name for name in first if name != "copy_reason"]
    assert picked(first, *columns) == picked(second, *columns)
    reasons = sorted(row["copy_reason"] or "" for row in shapes.entries("twice"))
    assert reasons == ["", "duplicate"]
    assert [row["copy_reason"] for row in shapes.entries("conflict")] == ["duplicate_conflict"] * 2


# --------------------------------------------------------------------------------------------------
# Invoices
# --------------------------------------------------------------------------------------------------


def test_the_total_is_before_credits(shapes: Shapes) -> None:
    """What credits took off is added again: once per transaction, whatever became of it."""
    assert shapes.totals() == {
        # 3000 and 550 of dollars; euros and what cannot be read are not this invoice's.
        "in_rest": 10000,
        "in_void": 5000,
        # The export lacks the grant, and Stripe took the credits all the same.
        "in_paid": 1000,
        "in_yen": 1000,
        "in_isk": 100000,
        # Of two copies one, of two that differ none.
        "in_twice": 1200,
        "in_none": 1234,
        "in_no_total": None,
    }


# --------------------------------------------------------------------------------------------------
# Other accounts and vars
# --------------------------------------------------------------------------------------------------

UNREADABLE: dict[str, list[Row]] = {
    GRANTS: [
        grant("number", monetary_amount_value="1,000"),
        grant("fraction", monetary_amount_value="100.5"),
        custom("units", "many"),
        grant("starts", effective_at="soon"),
        grant("expires", expires_at="2027-02-30"),
        # Milliseconds are not seconds.
        grant("version", updated="1768478400000"),
    ],
    MOVES: [
        move("number", "credits_granted", None, credit_monetary_amount_value="ten"),
        move("fraction", "credits_expired", None, debit_monetary_amount_value="1.5"),
        move("other_side", "credits_expired", 5, credit_monetary_amount_value="ten"),
        move("huge", "credits_granted", None, credit_monetary_amount_value="1" + "0" * 13),
        move("time", "credits_granted", 5, effective_at="soon"),
    ],
}


def test_what_cannot_be_read_is_found(warehouse: Warehouse) -> None:
    """Text that is no number or time, fractions of minor units, and what is too large."""
    tables = {
        name: [{k: as_text(v) for k, v in row.items()} for row in rows]
        for name, rows in UNREADABLE.items()
    }
    stripe.load_stripe(warehouse, tables, typing="text")
    build(warehouse).check()
    shapes = Shapes(warehouse)
    columns = ("input_problem", "version_problem")
    assert {r["grant_id"]: picked(r, *columns) for r in shapes.rows["credit_grants"]} == {
        "number": ("invalid_number", None),
        "fraction": ("precision_exceeded", None),
        "units": ("invalid_number", None),
        "starts": ("invalid_timestamp", None),
        "expires": ("invalid_timestamp", None),
        "version": ("invalid_timestamp", "invalid_timestamp"),
    }
    assert {r["entry_id"]: r["input_problem"] for r in shapes.rows["credit_entries"]} == {
        "number": "invalid_number",
        "fraction": "precision_exceeded",
        "other_side": None,
        "huge": "out_of_range",
        "time": "invalid_timestamp",
    }
    rows = [*shapes.rows["credit_grants"], *shapes.rows["credit_entries"]]
    assert all((row["unread_values"] is None) == (row["input_problem"] is None) for row in rows)


def test_other_keys(warehouse: Warehouse) -> None:
    """The vars say under which keys cost and invoice are."""
    load(warehouse)
    keys = {"stripe_cost_basis_key": "paid.for-it", "stripe_invoice_key": "sold_on"}
    build(warehouse, **keys).check()
    shapes = Shapes(warehouse)
    assert picked(shapes.grant("other_key"), "price_total", "invoice_id", "is_invoice_paid") == (
        70, "in_paid", True,
    )  # fmt: skip
    assert picked(shapes.grant("usd"), "price_total", "invoice_id") == (None, None)
    assert picked(shapes.grant("contradicted"), "price_total", "input_problem") == (None, None)


@pytest.mark.parametrize("absent", [stripe.CREDIT_TABLES, (METADATA,), (GRANTS, MOVES)])
def test_tables_that_are_not_there_are_empty(
    tmp_path: Path, warehouse: Warehouse, absent: tuple[str, ...]
) -> None:
    """Most accounts have no billing credits: the rest is as before."""
    warehouse.reset()
    tables = {name: rows for name, rows in TABLES.items() if name not in absent}
    stripe.load_stripe(warehouse, tables, absent=absent)
    build(warehouse).check()
    shapes = Shapes(warehouse)
    arrived = {row["source_table"]: row["rows_in"] for row in shapes.rows["row_counts"]}
    assert arrived == {name: len(tables.get(name, [])) for name in stripe.STRIPE_TYPES}
    assert len(shapes.rows["credit_grants"]) == len(tables.get(GRANTS, []))
    if MOVES in absent:
        assert shapes.totals()["in_rest"] == 6450
    if METADATA in absent and GRANTS not in absent:
        assert picked(shapes.grant("usd"), "granted_units", "price_total") == (100, None)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"stripe_cost_basis_key": "cost basis"}, "1 to 40 letters, digits and _ . -"),
        ({"stripe_cost_basis_key": "x' or '1'='1"}, "1 to 40 letters, digits and _ . -"),
        ({"stripe_invoice_key": "a" * 41}, "1 to 40 letters, digits and _ . -"),
        ({"stripe_invoice_key": "cost_basis"}, "another key than that of stripe_cost_basis_key"),
    ],
)
def test_impossible_keys_stop_the_run(
    duckdb_warehouse: Warehouse, variables: dict[str, str], message: str
) -> None:
    """Before the first query, with the name of the var."""
    result = build(duckdb_warehouse, **variables)
    assert not result.success and not result.nodes
    said = " ".join(str(result.exception).split())
    ((name, value),) = variables.items()
    assert f"revrec: var '{name}' is '{value}'; allowed: {message}" in said


# --------------------------------------------------------------------------------------------------
# The policy
# --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that installs revrec and says face_value of the customer cus_face."""
    return install(INSTALLING, tmp_path_factory.mktemp("installing"))


POLICY_TEST = "policy_paid_credits_without_cost_is_an_option"
WITH_POLICY = (
    *("--select", "+stg_stripe__credit_grants", POLICY_TEST),
    *("--indirect-selection", "empty"),
)
FACE = {"customer_id": "cus_face"}
FACE_TABLES: dict[str, list[Row]] = {
    GRANTS: [
        grant("face", **FACE),
        grant("face_jpy", 5000, "jpy", **FACE),
        grant("face_known", **FACE),
        grant("face_unread", **FACE),
        grant("face_contradicted", **FACE),
        grant("face_promo", category="promotional", **FACE),
        grant("face_odd", category="gift", **FACE),
        grant("face_xyz", currency="xyz", **FACE),
        custom("face_tokens", "5", **FACE),
        grant("exception"),
    ],
    METADATA: [
        told("face_known", "80.00"),
        told("face_unread", "eighty"),
        told("face_contradicted", "80"),
        told("face_contradicted", "90"),
    ],
}


def test_paid_credits_without_cost(warehouse: Warehouse, project: Path) -> None:
    """Face value is one of the currency for each credit, where no other price is told."""
    stripe.load_stripe(warehouse, FACE_TABLES)
    warehouse.build("build", *WITH_POLICY, vars=VARS, project_dir=project).check()
    rows = warehouse.table("stg_stripe__credit_grants", schema=f"{warehouse.schema}_staging")
    prices = {row["grant_id"]: picked(row, "price_total", "price_per_unit") for row in rows}
    nothing = (None, None)
    assert prices == {
        "face": (None, 1),
        "face_jpy": (None, 1),
        "face_known": (80, None),
        "face_unread": nothing,
        "face_contradicted": nothing,
        "face_promo": nothing,
        "face_odd": nothing,
        "face_xyz": nothing,
        "face_tokens": nothing,
        "exception": nothing,
    }
    assert {row["missing_cost_policy"] for row in rows} == {"face_value", "exception"}


def test_an_option_that_is_none_stops_the_build(
    duckdb_warehouse: Warehouse, tmp_path: Path
) -> None:
    """A test fails, and its name says which policy."""
    copy = install(INSTALLING, tmp_path)
    replace(copy / "macros" / "paid_credits_without_cost.sql", "face_value", "face")
    stripe.load_stripe(duckdb_warehouse, FACE_TABLES)
    result = duckdb_warehouse.build("build", *WITH_POLICY, vars=VARS, project_dir=copy)
    assert [name.split(".")[2] for name in result.failed] == [POLICY_TEST]


def test_every_reason_is_described(shapes: Shapes) -> None:
    """As an exception or excluded, with what to do."""
    kinds = {row["reason_code"]: row["kind"] for row in books.read_seed("exception_reasons")}
    given = {
        row.get("input_problem") or row.get("row_reason")
        for rows in shapes.rows.values()
        for row in rows
    } - {None}
    assert {reason for reason in given if kinds.get(reason) not in ("exception", "excluded")} == (
        set()
    )
