"""What the Lago room makes of raw rows: grants, uses and their links, wallets, bad rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import books
import pytest
import rooms
from warehouse import Row, Warehouse

CREATED = datetime(2026, 3, 5, 8, 12, 30)
SETTLED = datetime(2026, 3, 5, 8, 14, 0, 250000)
UPDATED = datetime(2026, 3, 6, 9)
ENDED = datetime(2026, 5, 31, 18)
WALLETS, TRANSACTIONS = "exports_wallets", "exports_wallet_transactions"
LINKS = "exports_wallet_transaction_consumptions"


def wallet(key: str | None, **columns: object) -> Row:
    """An active wallet in USD whose credits are worth 1."""
    terms = {"lago_customer_id": "a", "status": "active", "currency": "usd", "name": "Credits"}
    return {"lago_id": key, **terms, "rate_amount": "1", "updated_at": UPDATED, **columns}


def transaction(
    key: str | None, kind: str, credits: str | None, amount: str | None, **columns: object
) -> Row:
    """A settled transaction of wallet `w`; `kind` is its transaction_status."""
    times = {"created_at": CREATED, "settled_at": SETTLED, "updated_at": UPDATED}
    direction = "inbound" if kind in ("purchased", "granted") else "outbound"
    terms = {"transaction_status": kind, "transaction_type": direction, "status": "settled"}
    figures = {"credit_amount": credits, "amount": amount}
    return {"lago_id": key, "lago_wallet_id": "w", **terms, **figures, **times, **columns}


def bought(key: str | None, **columns: object) -> Row:
    """100 purchased credits."""
    return transaction(key, "purchased", "100", "100") | columns


def used(key: str | None, credits: str = "7", amount: str | None = "7", **columns: object) -> Row:
    """Credits that paid an invoice."""
    return transaction(key, "invoiced", credits, amount, **columns)


def link(key: str | None, outbound: str, inbound: str, cents: str | None, **columns: object) -> Row:
    """So many cents of `outbound` were drawn from `inbound`."""
    ends = {
        "lago_inbound_wallet_transaction_id": inbound,
        "lago_outbound_wallet_transaction_id": outbound,
    }
    times = {"created_at": SETTLED, "updated_at": SETTLED}
    return {"lago_id": key, **ends, "consumed_amount_cents": cents, **times, **columns}


TABLES: dict[str, list[Row]] = {
    WALLETS: [
        wallet("w", credits_balance="12.34567", consumed_credits="5"),
        wallet("half", rate_amount="0.50000", currency="EUR", lago_customer_id="b"),
        wallet("yen", currency="JPY", credits_balance="0"),
        # A terminated wallet keeps its balance, which is not read.
        wallet("ended", status=" Terminated ", terminated_at=ENDED, credits_balance="9"),
        wallet("ended-empty", status="terminated", terminated_at=ENDED),
        wallet("ended-sometime", status="terminated"),
        wallet("lost", status="archived", credits_balance="1"),
        wallet("no-rate", rate_amount=None),
        wallet("no-money", currency="XXQ"),
        wallet("huge", credits_balance="100000000000"),
        # The middle one is the newest; the other two are older, and alike.
        wallet("versions", rate_amount="2", updated_at=CREATED),
        wallet("versions", rate_amount="3"),
        wallet("versions", rate_amount="2", updated_at=CREATED),
        wallet("rivals"),
        wallet("rivals", currency="EUR"),
        wallet(None),
    ],
    TRANSACTIONS: [
        bought(
            "paid", lago_invoice_id="i1", invoice_requires_successful_payment="true", amount="99.5"
        ),
        bought("unpaid", created_at=None, failed_at=UPDATED, transaction_status=" Purchased "),
        transaction("free", "granted", "14.28444999", "14.28"),
        bought("nothing-known", amount=None),
        bought("gift", transaction_status="gift"),
        bought("late", created_at=UPDATED),
        bought("other", lago_wallet_id="half"),
        bought("in-yen", lago_wallet_id="yen"),
        bought("rest", lago_wallet_id="ended"),
        transaction("free-rest", "granted", "5", "5", lago_wallet_id="ended"),
        bought("too-late", lago_wallet_id="ended", settled_at=ENDED + timedelta(seconds=1)),
        bought("of-lost", lago_wallet_id="lost"),
        bought("of-versions", lago_wallet_id="versions"),
        bought("waiting", status="pending", settled_at=None),
        bought("declined", status="Failed", settled_at=None),
        bought("odd", status="odd"),
        bought("sideways", transaction_type="sideways"),
        used("mystery", transaction_status="burnt"),
        bought("no-credits", credit_amount=None),
        bought("negative", credit_amount="-1"),
        used("negative-use", "1", "-1"),
        bought("too-many", credit_amount="100000000000"),
        bought("too-dear", amount="10000000000000"),
        bought("no-time", settled_at=None),
        bought("nowhere", lago_wallet_id="missing"),
        bought("no-wallet", lago_wallet_id=None),
        *(
            bought(f"of-{key}", lago_wallet_id=key)
            for key in ("no-rate", "no-money", "rivals", "ended-sometime")
        ),
        bought(None),
        bought("same"),
        bought("same"),
        bought("differ"),
        bought("differ", amount="101"),
        bought("newer", amount="1", updated_at=CREATED),
        bought("newer", amount="2"),
        # Uses: without a link, linked in full, partly, twice, for more than their amount.
        used("unlinked", "3.5", lago_invoice_id="i2"),
        used("full", "14.28444999", "14.28"),
        used("partly", "10", "10"),
        used("twice", "1", "0.10"),
        used("beyond", "2", "1"),
        used("no-amount", "2", None),
        used("of-yen", "7", "700", lago_wallet_id="yen"),
        used("for-nothing", "0.001", "0.00"),
        used("zero", "0", "0"),
        transaction("void", "voided", "4", "4"),
        transaction("void-unlinked", "VOIDED", "5", "5", settled_at=UPDATED),
        used("bad-links", "6", "6"),
        used("pending-use", status="pending"),
    ],
    LINKS: [
        link("full-1", "full", "paid", "1428"),
        link("partly-1", "partly", "paid", "250"),
        link("twice-1", "twice", "free", "3"),
        link("twice-2", "twice", "paid", "7"),
        link("beyond-1", "beyond", "paid", "100"),
        link("beyond-2", "beyond", "unpaid", "200", created_at=UPDATED),
        link("no-amount-1", "no-amount", "paid", "50"),
        link("yen-1", "of-yen", "in-yen", "700"),
        link("nothing-1", "for-nothing", "paid", "0"),
        link("void-1", "void", "paid", "400"),
        link("zero-1", "zero", "paid", "1"),
        # None of these says anything: their use is drawn from the pool.
        link("to-nowhere", "missing", "paid", "1"),
        link("to-inbound", "paid", "paid", "1"),
        link("to-bad", "mystery", "paid", "1"),
        link("to-pending", "pending-use", "paid", "1"),
        link("from-nowhere", "bad-links", "missing", "1"),
        link("from-waiting", "bad-links", "waiting", "1"),
        link("from-elsewhere", "bad-links", "other", "1"),
        link("no-cents", "bad-links", "paid", None),
        link("below", "bad-links", "paid", "-1"),
        link("far-too-much", "bad-links", "paid", "10000000000000"),
        link(None, "bad-links", "paid", "1"),
        link("differ-link", "bad-links", "paid", "1"),
        link("differ-link", "bad-links", "paid", "2"),
        link("copied", "partly", "unpaid", "500"),
        link("copied", "partly", "unpaid", "500"),
        link("copied", "partly", "unpaid", "600", updated_at=CREATED),
    ],
}
EXCLUDED = {
    (WALLETS, "versions", "superseded_version"),
    (TRANSACTIONS, "waiting", "payment_pending"),
    (TRANSACTIONS, "declined", "payment_failed"),
    (TRANSACTIONS, "pending-use", "payment_pending"),
    (TRANSACTIONS, "same", "duplicate"),
    (TRANSACTIONS, "newer", "superseded_version"),
    (LINKS, "to-pending", "payment_pending"),
    (LINKS, "copied", "duplicate"),
    (LINKS, "copied", "superseded_version"),
}
EXCEPTIONS = {
    (WALLETS, "ended-sometime", "missing_timestamp"),
    (WALLETS, "lost", "unknown_status"),
    (WALLETS, "no-rate", "missing_amount"),
    (WALLETS, "no-money", "unknown_currency"),
    (WALLETS, "huge", "out_of_range"),
    (WALLETS, "rivals", "duplicate_conflict"),
    (WALLETS, None, "missing_id"),
    (TRANSACTIONS, "odd", "unknown_status"),
    (TRANSACTIONS, "sideways", "unknown_event_type"),
    (TRANSACTIONS, "mystery", "unknown_event_type"),
    (TRANSACTIONS, "no-credits", "missing_amount"),
    (TRANSACTIONS, "negative", "wrong_sign"),
    (TRANSACTIONS, "negative-use", "wrong_sign"),
    (TRANSACTIONS, "too-many", "out_of_range"),
    (TRANSACTIONS, "too-dear", "out_of_range"),
    (TRANSACTIONS, "no-time", "missing_timestamp"),
    (TRANSACTIONS, "nowhere", "unknown_wallet"),
    (TRANSACTIONS, "no-wallet", "unknown_wallet"),
    (TRANSACTIONS, "of-no-rate", "unknown_wallet"),
    (TRANSACTIONS, "of-no-money", "unknown_wallet"),
    (TRANSACTIONS, "of-rivals", "unknown_wallet"),
    (TRANSACTIONS, None, "missing_id"),
    (TRANSACTIONS, "differ", "duplicate_conflict"),
    (LINKS, "to-nowhere", "unknown_event"),
    (LINKS, "to-inbound", "unknown_event"),
    (LINKS, "to-bad", "unknown_event"),
    (LINKS, "from-nowhere", "unknown_grant"),
    (LINKS, "from-waiting", "unknown_grant"),
    (LINKS, "from-elsewhere", "unknown_grant"),
    (LINKS, "no-cents", "missing_amount"),
    (LINKS, "below", "wrong_sign"),
    (LINKS, "far-too-much", "out_of_range"),
    (LINKS, None, "missing_id"),
    (LINKS, "differ-link", "duplicate_conflict"),
}

# How Postgres reads a time with a zone, all rooms share: test_oracle_parity.py and
# test_stripe_staging.py have it in every run.
LONG_ON_POSTGRES = ("zoned",)


@pytest.fixture(scope="module", params=["native", "zoned", "text"])
def company(warehouse: Warehouse, request: pytest.FixtureRequest) -> Warehouse:
    """The company, with its columns typed in each way."""
    rooms.load_room(warehouse, "lago", TABLES, typing=request.param)
    rooms.build_room(warehouse, "lago")
    return warehouse


def grants(company: Warehouse) -> dict[str, Row]:
    """The canonical grants, by their id."""
    rows = rooms.shape(company, "lago", "credit_grants")
    assert len({row["grant_id"] for row in rows}) == len(rows)
    return {row["grant_id"]: row for row in rows}


def entries(company: Warehouse) -> dict[str, Row]:
    """The canonical entries that are no grants, by their id."""
    rows = rooms.shape(company, "lago", "credit_entries")
    assert len({row["entry_id"] for row in rows}) == len(rows)
    return {row["entry_id"]: row for row in rows if row["entry_type"] != "grant"}


def parts(company: Warehouse, raw_key: str) -> dict[str, tuple[str | None, Decimal]]:
    """Entry to grant and units, for the parts of one outbound transaction."""
    rows = entries(company).values()
    return {
        row["entry_id"]: (row["grant_id"], row["units"])
        for row in rows
        if row["raw_key"] == raw_key
    }


def test_all_columns_of_one_grant(company: Warehouse) -> None:
    """The wallet gives customer, currency and unit; the amount is the price."""
    row = grants(company)["paid"]
    microseconds = int((CREATED - datetime(1970, 1, 1)) / timedelta(microseconds=1))
    assert {key: value for key, value in row.items() if value is not None} == {
        "source_system": "lago",
        "source_table": TRANSACTIONS,
        "raw_key": "paid",
        "grant_id": "paid",
        "customer_id": "a",
        "credit_unit": "credit_at_1_USD",
        "invoice_id": "i1",
        "pool_id": "w",
        "display_name": "Credits",
        "funding": "paid",
        "currency": "USD",
        "status": "settled",
        "payment_status": "settled",
        "granted_units": Decimal(100),
        "price_total": Decimal("99.5"),
        "source_order": Decimal(10**18 + microseconds),
        "is_invoice_paid": True,
        "effective_at": SETTLED,
        "known_at": SETTLED,
        "version_at": UPDATED,
    }


def test_all_columns_of_one_use(company: Warehouse) -> None:
    """A use without a link names its pool, and Lago's invoice as a reference only."""
    row = entries(company)["unlinked"]
    assert {key: value for key, value in row.items() if value is not None} == {
        "source_system": "lago",
        "source_table": TRANSACTIONS,
        "raw_key": "unlinked",
        "entry_id": "unlinked",
        "customer_id": "a",
        "credit_unit": "credit_at_1_USD",
        "entry_type": "consume",
        "units": Decimal("-3.5"),
        "effective_at": SETTLED,
        "known_at": SETTLED,
        "reference": "i2",
        "pool_id": "w",
        "is_credit_event": False,
    }


def test_purchased_credits_have_a_price_and_granted_ones_none(company: Warehouse) -> None:
    """A missing price stays missing, an unknown kind too; the credits are the units."""
    rows = grants(company)
    found = {key: (rows[key]["funding"], rows[key]["price_total"]) for key in rows}
    assert found["free"] == ("promotional", None)
    assert found["nothing-known"] == ("paid", None)
    assert found["gift"] == (None, None)
    assert found["newer"] == ("paid", Decimal(2))
    assert rows["free"]["granted_units"] == Decimal("14.28444999")
    assert rows["other"]["credit_unit"] == "credit_at_0.5_EUR"
    assert rows["of-versions"]["credit_unit"] == "credit_at_3_USD"


def test_times_and_payment_of_grants(company: Warehouse) -> None:
    """Settled is effective, whatever failed_at says; known when both are; paid by the flag."""
    rows = grants(company)
    assert (rows["unpaid"]["known_at"], rows["unpaid"]["is_invoice_paid"]) == (SETTLED, False)
    assert (rows["late"]["effective_at"], rows["late"]["known_at"]) == (SETTLED, UPDATED)
    assert {key for key in rows if rows[key]["expires_at"] == ENDED} == {
        *("rest", "free-rest", "too-late"),
    }


def test_granted_credits_are_drawn_first_then_the_older(company: Warehouse) -> None:
    """Without created_at the time of settlement stands in."""
    rows = grants(company)
    keys = ("late", "unpaid", "paid", "free")
    assert sorted(keys, key=lambda key: rows[key]["source_order"]) == [
        *("free", "paid", "unpaid", "late"),
    ]


@pytest.mark.parametrize(
    ("raw_key", "expected"),
    [
        ("unlinked", {"unlinked": (None, "-3.5")}),
        # Credits and amount disagree: the links cover the amount, so they have all credits.
        ("full", {"full-1": ("paid", "-14.28444999")}),
        (
            "partly",
            {
                "partly-1": ("paid", "-2.5"),
                "copied": ("unpaid", "-5"),
                "partly": (None, "-2.5"),
            },
        ),
        ("twice", {"twice-1": ("free", "-0.3"), "twice-2": ("paid", "-0.7")}),
        ("beyond", {"beyond-1": ("paid", "-0.666666667"), "beyond-2": ("unpaid", "-1.333333333")}),
        ("no-amount", {"no-amount-1": ("paid", "-2")}),
        ("of-yen", {"yen-1": ("in-yen", "-7")}),
        ("for-nothing", {"for-nothing": (None, "-0.001")}),
        ("zero", {"zero-1": ("paid", "0")}),
        ("void", {"void-1": ("paid", "-4")}),
        ("void-unlinked", {"void-unlinked": (None, "-5")}),
        ("bad-links", {"bad-links": (None, "-6")}),
    ],
)
def test_links_share_the_units_and_the_pool_has_the_rest(
    company: Warehouse, raw_key: str, expected: dict[str, tuple[str | None, str]]
) -> None:
    """In proportion to their cents, of the use's own amount or of the links if they are more."""
    assert parts(company, raw_key) == {
        key: (grant_id, Decimal(units)) for key, (grant_id, units) in expected.items()
    }
    kind = "revoke" if raw_key.startswith("void") else "consume"
    rows = [row for row in entries(company).values() if row["raw_key"] == raw_key]
    assert {row["entry_type"] for row in rows} == {kind}
    assert all((row["pool_id"] is None) == (row["grant_id"] is not None) for row in rows)


def test_shares_are_cumulative_in_the_order_of_the_links(warehouse: Warehouse) -> None:
    """With 1 credit over 7, 11 and 13 of 31 cents, in the order in which they were written."""
    cents = {"z": 7, "a": 11, "m": 13}
    links = [
        link(key, "u", "g", str(part), created_at=SETTLED + timedelta(seconds=place))
        for place, (key, part) in enumerate(cents.items())
    ]
    uses = [bought("g"), used("u", "1", "0.31")]
    tables = {WALLETS: [wallet("w")], TRANSACTIONS: uses, LINKS: links[::-1]}
    rooms.load_room(warehouse, "lago", tables)
    rooms.build_room(warehouse, "lago")
    expected, through, before = {}, 0, Fraction(0)
    for key, part in cents.items():
        through += part
        after = Fraction((2 * 10**9 * through + 31) // 62, 10**9)
        expected[key], before = after - before, after
    found = {key: -Fraction(units) for key, (_, units) in parts(warehouse, "u").items()}
    assert found == expected
    assert sum(found.values()) == 1


def test_the_largest_numbers_fit(warehouse: Warehouse) -> None:
    """Just below the limits of units, money and links; a currency of four decimals."""
    most, cents = "99999999999.999999999", "9999999999999"
    links = [link(f"l{n}", "u", "g", cents) for n in range(30)]
    uses = [bought("g", credit_amount=most), used("u", most, "9999999999999.9999")]
    tables = {WALLETS: [wallet("w", currency="CLF")], TRANSACTIONS: uses, LINKS: links}
    rooms.load_room(warehouse, "lago", tables)
    rooms.build_room(warehouse, "lago")
    found = parts(warehouse, "u")
    assert len(found) == 31
    assert sum(units for _, units in found.values()) == -Decimal(most)


def test_a_terminated_wallet_ends_what_its_grants_have(company: Warehouse) -> None:
    """One entry per grant that had settled; no row of Lago's says how much it is."""
    rows = [row for row in entries(company).values() if row["entry_type"] == "expire_rest"]
    assert {row["entry_id"]: row["grant_id"] for row in rows} == {
        "ended:rest:terminated": "rest",
        "ended:free-rest:terminated": "free-rest",
    }
    for row in rows:
        assert (row["source_table"], row["raw_key"], row["units"]) == (WALLETS, "ended", 0)
        assert (row["effective_at"], row["known_at"]) == (ENDED, ENDED)


def test_balances_are_those_of_active_wallets(company: Warehouse) -> None:
    """A terminated wallet's stored balance is none, nor is one that cannot be read."""
    rows = rooms.shape(company, "lago", "credit_pool_balances")
    assert {row["pool_id"]: (row["customer_id"], row["units"]) for row in rows} == {
        "w": ("a", Decimal("12.34567")),
        "yen": ("a", Decimal(0)),
    }
    assert {row["credit_unit"] for row in rows} == {"credit_at_1_USD", "credit_at_1_JPY"}


def test_what_is_bad_has_its_reason(company: Warehouse) -> None:
    """A wallet of an odd status or balance keeps its transactions."""
    found = rooms.reasons(rooms.shape(company, "lago", "reference_rows"))
    assert {item for item in found if item[2] is not None} == EXCLUDED | EXCEPTIONS
    assert {item[1] for item in EXCLUDED | EXCEPTIONS if found[item] > 1} == {
        *("versions", "rivals", "differ", "differ-link"),
    }
    assert {"of-lost", "of-ended-sometime", "of-versions"} <= grants(company).keys()


def assert_every_raw_row_is_counted(company: Warehouse, tables: dict[str, list[Row]]) -> None:
    """Each copy is a reference row of its own, each other raw row at least one canonical row."""
    copies: Counter[tuple[str, str | None]] = Counter()
    others: defaultdict[str, set[str | None]] = defaultdict(set)
    for (table, key, reason), count in rooms.reasons(
        rooms.shape(company, "lago", "reference_rows")
    ).items():
        if reason in ("duplicate", "duplicate_conflict", "superseded_version", "missing_id"):
            copies[table, key] += count
        else:
            others[table].add(key)
    for name in ("credit_grants", "credit_entries"):
        for row in rooms.shape(company, "lago", name):
            others[row["source_table"]].add(row["raw_key"])
    for table, rows in tables.items():
        counted = Counter({key: count for (name, key), count in copies.items() if name == table})
        counted.update(others[table])
        assert counted == Counter(row["lago_id"] for row in rows), table
    arrived = rooms.shape(company, "lago", "row_counts")
    assert {row["source_table"]: row["rows_in"] for row in arrived} == {
        table: len(rows) for table, rows in tables.items()
    }


def test_nothing_is_lost(company: Warehouse) -> None:
    """Every raw row is there, and every reason is described."""
    assert_every_raw_row_is_counted(company, TABLES)
    described = {row["reason_code"] for row in books.read_seed("exception_reasons")}
    assert {reason for *_, reason in EXCLUDED | EXCEPTIONS} <= described


BAD_TEXTS: list[tuple[str, Row, str]] = [
    (WALLETS, wallet("rate", rate_amount="one"), "invalid_number"),
    (WALLETS, wallet("balance", credits_balance="1e3"), "invalid_number"),
    (WALLETS, wallet("end", status="terminated", terminated_at="soon"), "invalid_timestamp"),
    (WALLETS, wallet("version", updated_at="soon"), "invalid_timestamp"),
    (TRANSACTIONS, bought("credits", credit_amount="1,5"), "invalid_number"),
    (TRANSACTIONS, bought("fine", credit_amount="0.0000000001"), "precision_exceeded"),
    (TRANSACTIONS, bought("amount", amount="free"), "invalid_number"),
    (TRANSACTIONS, bought("settled", settled_at="2026-02-30"), "invalid_timestamp"),
    (TRANSACTIONS, bought("created", created_at="?"), "invalid_timestamp"),
    (TRANSACTIONS, bought("updated", updated_at="?"), "invalid_timestamp"),
    (TRANSACTIONS, bought("flag", invoice_requires_successful_payment="maybe"), "invalid_flag"),
    (LINKS, link("cents", "u", "g", "some"), "invalid_number"),
    (LINKS, link("part", "u", "g", "0.5"), "precision_exceeded"),
    (LINKS, link("written", "u", "g", "1", created_at="?"), "invalid_timestamp"),
    (LINKS, link("changed", "u", "g", "1", updated_at="?"), "invalid_timestamp"),
]


def test_text_that_cannot_be_read(warehouse: Warehouse) -> None:
    """Each is an exception of its own, and an empty text is no value."""
    tables: dict[str, list[Row]] = {
        WALLETS: [wallet("w", credits_balance="", terminated_at="")],
        TRANSACTIONS: [bought("g", lago_invoice_id="", created_at=""), used("u")],
        LINKS: [],
    }
    for table, row, _ in BAD_TEXTS:
        tables[table].append(row)
    rooms.load_room(warehouse, "lago", tables, typing="text")
    rooms.build_room(warehouse, "lago")
    found = rooms.reasons(rooms.shape(warehouse, "lago", "reference_rows"))
    assert {item for item in found if item[2] is not None} == {
        (table, row["lago_id"], reason) for table, row, reason in BAD_TEXTS
    }
    assert parts(warehouse, "u") == {"u": (None, Decimal(-7))}
    assert_every_raw_row_is_counted(warehouse, tables)


def test_an_export_without_links(warehouse: Warehouse) -> None:
    """Before March 2026 the table does not exist: every use is drawn from its pool."""
    warehouse.execute('drop schema if exists "lago" cascade')
    tables = {WALLETS: [wallet("w")], TRANSACTIONS: [bought("g"), used("u")]}
    rooms.load_room(warehouse, "lago", tables, absent=(LINKS,))
    rooms.build_room(warehouse, "lago")
    assert parts(warehouse, "u") == {"u": (None, Decimal(-7))}
    assert_every_raw_row_is_counted(warehouse, {**tables, LINKS: []})
