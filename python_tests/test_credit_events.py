"""Credits that pay invoices of the books, worked out by hand: what each posts, and when.

Goodwill, on-account, prepayment and gift-card credits, credits with a cost below their face value
and promotional ones, in an in-house ledger (the generic room). The invoices bill a line of 90.00
that serves from 1 January to 31 March 2026, 1.00 a day; January was closed on 3 February. One build
of a project that installs revrec, in a functional currency, so that the books balance there too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import books
import pytest
import rooms
from installing import install
from warehouse import Row, Warehouse

PROJECT = Path(__file__).parent / "credit_project"
VARS = books.company_vars(
    "2026-06-30", sources=["generic"], functional_currency="EUR", fx_max_age_days=400
)
CLOSES = [{"accounting_period": "2026-01", "closed_at": "2026-02-03"}]
RATES = [
    {"rate_date": day, "from_currency": "USD", "to_currency": "EUR", "rate": rate}
    for day, rate in (("2026-01-01", "0.80"), ("2026-02-01", "0.90"), ("2026-04-01", "0.75"))
]
JANUARY, BOOKED = datetime(2026, 1, 5), datetime(2026, 1, 2)
FEBRUARY, MARCH, APRIL = datetime(2026, 2, 10), datetime(2026, 3, 10), datetime(2026, 4, 10)

GRANT_TYPES = {
    "grant_id": "text",
    "customer_id": "text",
    "credit_unit": "text",
    "funding": "text",
    "granted_units": "numeric(28, 9)",
    "price_total": "numeric(28, 12)",
    "price_per_unit": "numeric(28, 12)",
    "currency": "text",
    "effective_at": "timestamp",
    "expires_at": "timestamp",
    "known_at": "timestamp",
    "priority": "text",
    "invoice_id": "text",
    "invoice_status": "text",
    "payment_status": "text",
    "remaining_units": "numeric(28, 9)",
    "consumed_units": "numeric(28, 9)",
    "pool_id": "text",
    "source_order": "numeric(28, 9)",
}
ENTRY_TYPES = {
    "entry_id": "text",
    "grant_id": "text",
    "customer_id": "text",
    "entry_type": "text",
    "units": "numeric(28, 9)",
    "effective_at": "timestamp",
    "known_at": "timestamp",
    "reference": "text",
    "invoice_id": "text",
    "pool_id": "text",
}

Entry = tuple[str, str, str, str, str]


class Company:
    """The raw rows of all cases, and the entries that each grant should have."""

    def __init__(self) -> None:
        """A company without rows."""
        self.grants: list[Row] = []
        self.entries: list[Row] = []
        self.tables: dict[str, list[Row]] = {"invoices": [], "service_lines": []}
        self.tables |= {"line_events": [], "line_event_splits": [], "settlements": []}
        self.expected: dict[str, list[Entry]] = {}
        self.bad: dict[str, str] = {}

    def invoice(self, name: str, currency: str = "USD", at: datetime = BOOKED) -> None:
        """An invoice of one line of 90.00."""
        about = {"invoice_id": name, "customer_id": "c", "currency": currency}
        self.tables["invoices"].append({**about, "total": Decimal(90), "booked_at": at})
        service = {"service_starts_on": date(2026, 1, 1), "service_ends_on": date(2026, 4, 1)}
        line = {"line_id": f"{name}-line", "amount": Decimal(90), "booked_at": at}
        self.tables["service_lines"].append({**about, **service, **line})

    def grant(
        self,
        name: str,
        funding: str,
        units: str,
        left: str,
        at: datetime = JANUARY,
        **columns: object,
    ) -> None:
        """A grant in USD and the entry that grants it; a price of 1 where it is sold or owed."""
        is_free = funding in ("goodwill", "promotional")
        terms = {"credit_unit": "USD", "currency": "USD", "funding": funding, "customer_id": "c"}
        terms |= {
            "price_per_unit": Decimal(0 if is_free else 1),
            "effective_at": at,
            "known_at": at,
        }
        terms |= {"granted_units": Decimal(units), "remaining_units": Decimal(left)}
        self.grants.append({"grant_id": name, **terms, **columns})
        self.entry(name, "grant", units, at)

    def entry(
        self,
        grant: str,
        kind: str,
        units: str,
        at: datetime,
        invoice: str | None = None,
        **more: object,
    ) -> None:
        """A row of the ledger; its id says whose, what and when."""
        key = f"{grant}-{kind}-{at:%m%d%H%M}" + (f"-{invoice}" if invoice else "")
        row = {"entry_id": key, "grant_id": grant, "entry_type": kind, "units": Decimal(units)}
        self.entries.append({**row, "effective_at": at, "invoice_id": invoice, **more})

    def use(self, pool: str, units: str, at: datetime, **more: object) -> None:
        """A use that names its pool only."""
        row = {"entry_id": f"{pool}-use-{at:%m%d%H%M}", "entry_type": "consume", "pool_id": pool}
        self.entries.append({**row, "units": -Decimal(units), "effective_at": at, **more})


def company() -> Company:
    """All cases. Expected entries are (period, event, debit, credit, amount)."""
    it = Company()
    for name in ("i1", "i2", "i3", "voided", "written_off"):
        it.invoice(name)
    it.invoice("refunded")
    it.invoice("euro", "EUR")
    it.invoice("late", at=datetime(2026, 3, 1))

    receivable, discounts = "accounts_receivable", "discounts"

    it.grant("goodwill", "goodwill", "25", "0")
    it.entry("goodwill", "apply", "-10", FEBRUARY, "i1")
    it.entry("goodwill", "apply", "-15", FEBRUARY, "i2")
    it.expected["goodwill"] = [
        ("2026-02", "credit_applied", discounts, receivable, "10.00"),
        ("2026-02", "credit_applied", discounts, receivable, "15.00"),
    ]

    it.grant("owed_goodwill", "goodwill", "25", "0", customer_id="owed_at_issue")
    it.entry("owed_goodwill", "apply", "-10", FEBRUARY, "i1")
    it.entry("owed_goodwill", "revoke", "-6", MARCH)
    it.entry("owed_goodwill", "expire", "-9", APRIL)
    it.expected["owed_goodwill"] = [
        ("2026-01", "credit_granted", "credit_notes", "customer_balance", "25.00"),
        ("2026-02", "credit_applied", "customer_balance", receivable, "10.00"),
        ("2026-03", "credit_revoked", "customer_balance", "credit_notes", "6.00"),
        ("2026-04", "credit_expired", "customer_balance", "credit_notes", "9.00"),
    ]

    # 30.00 of an invoice are given back in February, when 31 of 90 days had been recognised.
    event = {"event_id": "refund", "event_type": "credit_note", "invoice_id": "refunded"}
    event |= {
        "customer_id": "c",
        "currency": "USD",
        "amount": Decimal(30),
        "effective_at": FEBRUARY,
    }
    it.tables["line_events"].append({**event, "settlement_account": "customer_balance"})
    it.grant("on_account", "on_account", "30", "2", FEBRUARY)
    it.entry("on_account", "apply", "-20", MARCH, "i2")
    it.entry("on_account", "refund", "-5", APRIL)
    it.entry("on_account", "revoke", "-3", APRIL)
    it.expected["on_account"] = [
        ("2026-03", "credit_applied", "customer_balance", receivable, "20.00"),
        ("2026-04", "credit_refunded", "customer_balance", "cash", "5.00"),
        ("2026-04", "credit_revoked", "customer_balance", "customer_balance_adjustments", "3.00"),
    ]

    it.grant("prepayment", "prepayment", "100", "52")
    it.entry("prepayment", "apply", "-30", FEBRUARY, "i3")
    it.entry("prepayment", "apply_reversal", "30", MARCH, "i3")
    it.entry("prepayment", "apply", "-40", APRIL, "late")
    it.entry("prepayment", "refund", "-8", APRIL)
    it.bad["prepayment-refund-04100000"] = "prepayment_refunded"
    it.expected["prepayment"] = [
        ("2026-01", "credit_granted", receivable, "deferred_revenue", "100.00"),
        ("2026-02", "credit_applied", "deferred_revenue", receivable, "30.00"),
        ("2026-03", "credit_application_reversed", receivable, "deferred_revenue", "30.00"),
        ("2026-04", "credit_applied", "deferred_revenue", receivable, "40.00"),
    ]

    it.grant("card", "gift_card", "50", "0", customer_id="recipient")
    it.entry("card", "apply", "-50", FEBRUARY, "i3", customer_id="recipient")
    it.expected["card"] = [
        ("2026-01", "credit_granted", "gift_card_liability", "deferred_revenue", "50.00"),
        ("2026-02", "credit_applied", "deferred_revenue", receivable, "50.00"),
    ]

    # 100.00 of credits for 80.00: what they pay beyond their cost is a discount. The thirds of a
    # cent go where the cumulative is rounded: 100 for 80.01.
    it.grant("sold", "paid", "100", "0", price_per_unit=None, price_total=Decimal("80.01"))
    it.entry("sold", "apply", "-33.33", FEBRUARY, "i1")
    it.entry("sold", "apply", "-33.33", FEBRUARY, "i2")
    it.entry("sold", "apply", "-33.34", MARCH, "i1")
    it.expected["sold"] = [
        ("2026-01", "credit_granted", "cash", "deferred_revenue", "80.01"),
        ("2026-02", "credit_applied", "deferred_revenue", receivable, "26.67"),
        ("2026-02", "credit_applied", "deferred_revenue", receivable, "26.66"),
        ("2026-02", "credit_applied", discounts, receivable, "6.66"),
        ("2026-02", "credit_applied", discounts, receivable, "6.67"),
        ("2026-03", "credit_applied", "deferred_revenue", receivable, "26.68"),
        ("2026-03", "credit_applied", discounts, receivable, "6.66"),
    ]

    it.grant("promo", "promotional", "15", "0")
    it.entry("promo", "apply", "-15", MARCH, "i3")
    it.expected["promo"] = [("2026-03", "credit_applied", discounts, receivable, "15.00")]

    # Recorded after the close, and before the invoice that it pays.
    it.grant("late_fact", "prepayment", "20", "0")
    it.entry("late_fact", "apply", "-12", datetime(2026, 1, 20), "i3", known_at=FEBRUARY)
    it.entry("late_fact", "apply", "-8", FEBRUARY, "late")
    it.expected["late_fact"] = [
        ("2026-01", "credit_granted", receivable, "deferred_revenue", "20.00"),
        ("2026-02", "credit_applied", "deferred_revenue", receivable, "12.00"),
        ("2026-03", "credit_applied", "deferred_revenue", receivable, "8.00"),
    ]

    # The invoice is voided and the credits come back seconds later.
    it.grant("reinstated", "prepayment", "40", "40")
    it.entry("reinstated", "apply", "-40", datetime(2026, 1, 10), "voided")
    it.entry("reinstated", "apply_reversal", "40", datetime(2026, 2, 10, 0, 0, 5), "voided")
    void = {"event_id": "void", "event_type": "void", "invoice_id": "voided", "customer_id": "c"}
    it.tables["line_events"].append({**void, "currency": "USD", "effective_at": FEBRUARY})
    it.expected["reinstated"] = [
        ("2026-01", "credit_granted", receivable, "deferred_revenue", "40.00"),
        ("2026-01", "credit_applied", "deferred_revenue", receivable, "40.00"),
        ("2026-02", "credit_application_reversed", receivable, "deferred_revenue", "40.00"),
    ]

    # Credits pay an invoice that was written off: the receivable is restored by what they pay.
    it.grant("recovers", "prepayment", "40", "0")
    lost = {"event_id": "lost", "event_type": "uncollectible", "invoice_id": "written_off"}
    it.tables["line_events"].append({**lost, "currency": "USD", "effective_at": FEBRUARY})
    it.entry("recovers", "apply", "-40", MARCH, "written_off")
    it.expected["recovers"] = [
        ("2026-01", "credit_granted", receivable, "deferred_revenue", "40.00"),
        ("2026-03", "credit_applied", "deferred_revenue", receivable, "40.00"),
    ]

    # vectors/burn_order.csv, P1 and P2: 100 credits for 80.00 on day 1, 50 free ones on day 2 that
    # expire at the month's end, a use of 60 that names neither.
    for order, revenue in (("expiry_first", "8.00"), ("fifo_granted", "48.00")):
        pool = {"customer_id": order, "pool_id": order, "credit_unit": "credits"}
        price = {"price_per_unit": None, "price_total": Decimal(80), "remaining_units": None}
        it.grant(f"{order}-paid", "paid", "100", "0", datetime(2026, 1, 1), **pool, **price)
        free = {"expires_at": datetime(2026, 2, 1), "remaining_units": None}
        it.grant(f"{order}-promo", "promotional", "50", "0", datetime(2026, 1, 2), **pool, **free)
        it.use(order, "60", datetime(2026, 1, 15))
        it.expected[f"{order}-paid"] = [
            ("2026-01", "credit_granted", "cash", "deferred_revenue", "80.00"),
            ("2026-01", "credit_consumed", "deferred_revenue", "credit_revenue", revenue),
        ]

    # 10 of a use of 14 are drawn in January, a late one of 3 finds nothing.
    pool = {"customer_id": "small", "pool_id": "small", "credit_unit": "credits"}
    it.grant("small", "paid", "10", "0", **pool, price_per_unit=Decimal("0.30"))
    it.use("small", "14", datetime(2026, 1, 20))
    it.use("small", "3", datetime(2026, 1, 10), known_at=FEBRUARY)
    it.bad["small-use-01200000"] = it.bad["small-use-01100000"] = "no_credit_left"
    it.expected["small"] = [
        ("2026-01", "credit_granted", "cash", "deferred_revenue", "3.00"),
        ("2026-01", "credit_consumed", "deferred_revenue", "credit_revenue", "3.00"),
    ]

    it.grant("bad", "prepayment", "60", "28")
    it.grant("minutes", "paid", "100", "90", credit_unit="minutes")
    it.entry("bad", "apply", "-10", FEBRUARY, "nowhere")
    it.entry("bad", "apply", "-10", FEBRUARY, "euro")
    it.entry("bad", "apply", "-10.005", FEBRUARY, "i1")
    it.entry("bad", "apply", "-1.995", MARCH)
    it.entry("minutes", "apply", "-10", FEBRUARY, "i1")
    it.bad["bad-apply-02100000-nowhere"] = "unknown_invoice"
    it.bad["bad-apply-02100000-euro"] = "currency_mismatch"
    it.bad["bad-apply-02100000-i1"] = "precision_exceeded"
    it.bad["bad-apply-03100000"] = "unknown_invoice"
    it.bad["minutes-apply-02100000-i1"] = "not_money"
    it.expected["bad"] = [("2026-01", "credit_granted", receivable, "deferred_revenue", "60.00")]
    return it


COMPANY = company()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, with revrec installed by `dbt deps`."""
    return install(PROJECT, tmp_path_factory.mktemp("credits"))


@pytest.fixture(scope="module")
def house(warehouse: Warehouse, project: Path) -> Iterator[Warehouse]:
    """The company, built with all tests."""
    rooms.load_room(warehouse, "generic", COMPANY.tables)
    warehouse.load("generic", "credit_grants", GRANT_TYPES, COMPANY.grants)
    warehouse.load("generic", "credit_entries", ENTRY_TYPES, COMPANY.entries)
    books.load_finance(warehouse, {"fx_rates": RATES}, CLOSES)
    options = ("build", "--exclude-resource-type", "unit_test")
    warehouse.build(*options, vars=VARS, project_dir=project).check()
    yield warehouse


@pytest.mark.parametrize("grant_id", COMPANY.expected)
def test_what_a_credit_posts(house: Warehouse, grant_id: str) -> None:
    """Each entry of it, in its own currency."""
    rows = house.fetch(
        "select accounting_period, event_type, debit_account, credit_account, amount "
        f"from fct_journal_entries where obligation_id = '{grant_id}' and amount <> 0"
    )
    found = Counter(
        (*(row[column] for column in list(row)[:4]), row["amount"].quantize(Decimal("0.01")))
        for row in rows
    )
    expected = Counter((*entry[:4], Decimal(entry[4])) for entry in COMPANY.expected[grant_id])
    assert found == expected


def test_goodwill_recognition(house: Warehouse) -> None:
    """Each option of the policy: one reduction of revenue, never a second when it is redeemed."""
    rows = house.fetch(
        "select obligation_id, policy, "
        "sum(case when debit_account in ('discounts', 'credit_notes') "
        "then amount else -amount end) as reduction from fct_journal_entries "
        "where obligation_id in ('goodwill', 'owed_goodwill') "
        "and (debit_account in ('discounts', 'credit_notes') "
        "or credit_account in ('discounts', 'credit_notes')) group by obligation_id, policy"
    )
    reductions: Counter = Counter()
    for row in rows:
        reductions[row["obligation_id"]] += row["reduction"]
    assert reductions == {"goodwill": 25, "owed_goodwill": 10}
    policies = {row["policy"] for row in rows}
    assert {"goodwill_recognition: at_issue", "what credits pay and did not cost"} <= policies


def test_what_is_bad_is_listed_with_its_reason(house: Warehouse) -> None:
    """Nothing of these rows is in the books."""
    listed = {
        row["source_key"]: row["reason_code"]
        for row in house.table("rec_exceptions")
        if row["source_table"] == "credit_entries"
    }
    assert listed == COMPANY.bad


def test_an_application_settles_its_invoice(house: Warehouse) -> None:
    """What is left of each invoice: 90.00 less what credits paid of it."""
    rows = house.table("rpt_accounts_receivable_aging")
    left: Counter = Counter()
    for row in rows:
        if row["receivable_type"] == "invoice":
            left[row["receivable_id"]] += row["receivable_amount"]
    # i1: 10 + 10 + 33.33 + 33.34; i2: 15 + 20 + 33.33; i3: 50 + 15 + 12; late: 40 + 8.
    assert {key: amount for key, amount in left.items() if amount} == {
        "i1": Decimal("3.33"),
        "i2": Decimal("21.67"),
        "i3": Decimal("13.00"),
        "late": Decimal("42.00"),
        "refunded": Decimal("90.00"),
        "euro": Decimal("90.00"),
    }


def test_credits_recover_what_was_written_off(house: Warehouse) -> None:
    """A payment with credits of a written-off invoice restores so much of it."""
    rows = house.fetch(
        "select debit_account, credit_account, amount from fct_journal_entries "
        "where invoice_id = 'written_off'"
    )
    sums: Counter = Counter()
    for row in rows:
        sums[row["debit_account"]] += row["amount"]
        sums[row["credit_account"]] -= row["amount"]
    assert sums["accounts_receivable"] == 0
    assert sums["deferred_revenue"] == 40


def test_a_use_of_a_pool_is_journaled_and_what_nothing_covers_is_listed(house: Warehouse) -> None:
    """A row with any journaled part is journaled; the quantity of the rest is in the exception."""
    rows = {row["source_key"]: row for row in house.table("rec_exceptions")}
    assert rows["small-use-01200000"]["quantity"] == 4
    assert rows["small-use-01100000"]["quantity"] == 3
    found = {
        row["source_key"]: (row["disposition"], row["quantity"])
        for row in house.table("fct_journal_evidence")
        if row["source_key"].startswith(("small-use", "expiry_first-use"))
    }
    assert found == {
        "small-use-01200000": ("journaled", 10),
        "small-use-01100000": ("exception", 3),
        "expiry_first-use-01150000": ("journaled", 10),
    }


def test_credit_event_lines(house: Warehouse) -> None:
    """One line in, one for each redemption; a credit that is used up sums to zero."""
    lines: dict[str, list[Row]] = {}
    for row in house.table("fct_credit_event_lines"):
        lines.setdefault(row["grant_id"], []).append(row)
    assert lines.keys() == {
        *("goodwill", "owed_goodwill", "on_account", "prepayment", "card", "late_fact"),
        *("reinstated", "recovers", "bad"),
    }
    assert {row["origin"] for rows in lines.values() for row in rows} == {"credit-event"}
    assert sum(row["amount"] for row in lines["goodwill"]) == 0
    assert sum(row["amount"] for row in lines["on_account"]) == 2
    assert Counter(row["line_type"] for row in lines["on_account"]) == Counter(
        ("issue", "redemption", "refund", "reduction")
    )
    assert Counter(row["line_type"] for row in lines["prepayment"]) == Counter(
        ("issue", "redemption", "redemption", "redemption_voided")
    )


def test_balances_tie_to_the_source(house: Warehouse) -> None:
    """Per customer: the source's own remainder; 2.00 of it are owed."""
    rows = {
        (row["customer_id"], row["credit_unit"]): row
        for row in house.table("rpt_customer_credit_balances")
    }
    mine = rows["c", "USD"]
    # The refund of 8.00 and the bad uses are not in the books: 52 + 8, 28 + 32.
    assert (mine["available_units"], mine["source_units"]) == (
        Decimal(2 + 60 + 40 + 60),
        Decimal(2 + 52 + 40 + 28),
    )
    assert (mine["on_account_units"], mine["owed_amount"]) == (2, 2)
    tie = [row for row in house.table("rec_tie_outs") if row["tie_out"] == "T7_customer_credits"]
    assert [(row["subject_type"], row["unexplained"]) for row in tie] == [("total", 0)]


def test_everything_ties(house: Warehouse) -> None:
    """No row is lost and every tie-out is tied."""
    books.assert_all_is_accounted_for(house, "credit events")
