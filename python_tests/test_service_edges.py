"""Rare turns of an invoice, each worked out by hand: where every account of it ends.

A line of 90.00 serves from 1 January to 31 March 2026, 1.00 a day, and is invoiced on 1 January:
31.00 are recognised in January, 28.00 in February, 31.00 in March.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import books
import pytest
import rooms
from warehouse import Row, Warehouse

VARS = books.company_vars("2026-06-30", sources=["generic"])
MARTS = ("fct_journal_evidence", "rec_exceptions", "rec_completeness", "rec_tie_outs")
TESTS = (
    "assert_contra_never_exceeds_the_invoice",
    "assert_every_raw_row_has_one_disposition",
    "assert_service_rows_and_entries_meet",
)
BOOKED = datetime(2026, 1, 1)
FEBRUARY, MARCH, APRIL = datetime(2026, 2, 10), datetime(2026, 3, 10), datetime(2026, 4, 10)


class Case:
    """The raw rows of one invoice, and where its accounts end (debits are positive)."""

    def __init__(self, name: str, about: str, **ends: str) -> None:
        """An invoice without lines.

        Args:
            name: of the invoice.
            about: what the case is about.
            ends: the balance of each account that is not zero.
        """
        self.name = name
        self.about = about
        self.ends = {account: Decimal(amount) for account, amount in ends.items()}
        self.tables: dict[str, list[Row]] = {"service_lines": [], "settlements": []}
        self.tables |= {"line_events": [], "line_event_splits": []}
        self.exclusions: list[Row] = []

    @property
    def invoices(self) -> list[Row]:
        """The invoice, with what its lines add up to."""
        total = sum(Decimal(row["amount"]) for row in self.tables["service_lines"])
        about = {"invoice_id": self.name, "currency": "USD", "booked_at": BOOKED}
        return [{**about, "customer_id": "cus_1", "total": total}]

    def line(self, name: str, amount: str = "90.00", **columns: object) -> Case:
        """A line; its id is that of the invoice and a name."""
        line = {"line_id": f"{self.name}-{name}", "invoice_id": self.name, "customer_id": "cus_1"}
        service = {"service_starts_on": date(2026, 1, 1), "service_ends_on": date(2026, 4, 1)}
        money = {"currency": "USD", "amount": Decimal(amount), "booked_at": BOOKED}
        self.tables["service_lines"].append({**line, **service, **money, **columns})
        return self

    def event(self, kind: str, at: datetime, amount: str | None = None, **columns: object) -> Case:
        """Something happens to the invoice; its id says what and when."""
        about = {"event_id": f"{self.name}-{kind}-{at:%m%d}", "event_type": kind}
        money = {"invoice_id": self.name, "customer_id": "cus_1", "currency": "USD"}
        money |= {"amount": amount and Decimal(amount), "effective_at": at}
        self.tables["line_events"].append({**about, **money, **columns})
        return self

    def note(self, at: datetime, amount: str, account: str = "", **lines: str) -> Case:
        """A credit note, on the receivable by default, with its lines where it has some."""
        account = account or "accounts_receivable"
        self.event("credit_note", at, amount, settlement_account=account)
        for name, part in lines.items():
            split = {"split_id": f"{self.name}-{at:%m%d}-{name}", "currency": "USD"}
            split |= {"event_id": f"{self.name}-credit_note-{at:%m%d}"}
            split |= {"line_id": f"{self.name}-{name}", "amount": Decimal(part)}
            self.tables["line_event_splits"].append(split)
        return self

    def paid(self, at: datetime, amount: str | None, kind: str = "payment") -> Case:
        """A payment; of whatever is left without an amount."""
        about = {"settlement_id": f"{self.name}-{kind}-{at:%m%d}", "settlement_type": kind}
        money = {"invoice_id": self.name, "customer_id": "cus_1", "currency": "USD"}
        money |= {"amount": amount and Decimal(amount), "effective_at": at}
        self.tables["settlements"].append({**about, **money})
        return self

    def excluded(self, name: str, at: datetime) -> Case:
        """Finance excludes a line."""
        row = {"transaction_id": f"{self.name}-{name}", "excluded_at": f"{at:%Y-%m-%d}"}
        self.exclusions.append(row)
        return self


WRITTEN_OFF_AND_CREDITED = [
    Case(
        "credited",
        "59.00 of deferred revenue were given up, 31.00 are bad debt; a third of it is credited.",
        service_revenue="-31.00",
        bad_debt="20.67",
        credit_notes="10.33",
    )
    .line("a")
    .event("uncollectible", FEBRUARY)
    .note(MARCH, "30.00"),
    Case(
        "credited_twice",
        "Two credit notes take all of it, to the cent.",
        service_revenue="-31.00",
        credit_notes="31.00",
    )
    .line("a")
    .event("uncollectible", FEBRUARY)
    .note(MARCH, "30.00")
    .note(APRIL, "60.00"),
    Case(
        "credited_line",
        "The note names the line of which nothing was recognised: no bad debt of it stands.",
        service_revenue="-31.00",
        bad_debt="31.00",
    )
    .line("a")
    .line("b", service_starts_on=date(2026, 4, 1), service_ends_on=date(2026, 5, 1))
    .event("uncollectible", FEBRUARY)
    .note(MARCH, "90.00", b="90.00"),
    Case(
        "credited_in_part",
        "30.00 are owed again after the write-off: the note takes them first, then 10.00 of it.",
        customer_balance="-30.00",
        service_revenue="-31.00",
        other_loss="30.00",
        bad_debt="27.56",
        credit_notes="3.44",
    )
    .line("a")
    .event("uncollectible", FEBRUARY)
    .paid(datetime(2026, 3, 1), "-30.00", "balance_applied")
    .note(MARCH, "40.00"),
    Case(
        "credited_and_voided",
        "The void of the note makes 30.00 receivable again; as the service ended, it is contra.",
        accounts_receivable="30.00",
        service_revenue="-31.00",
        bad_debt="20.67",
        credit_notes="-19.67",
    )
    .line("a")
    .event("uncollectible", FEBRUARY)
    .note(MARCH, "30.00")
    .event(
        "credit_note_voided",
        APRIL,
        "30.00",
        restores_event_id="credited_and_voided-credit_note-0310",
    ),
    Case(
        "credited_and_void",
        "What still stands in bad debt goes to voids when the invoice is voided.",
        service_revenue="-31.00",
        voids="20.67",
        credit_notes="10.33",
    )
    .line("a")
    .event("uncollectible", FEBRUARY)
    .note(MARCH, "30.00")
    .event("void", APRIL),
]
VOIDS = [
    Case(
        "overpaid",
        "All of it was paid, so nothing is left to void; 10.00 are owed to the customer still.",
        cash="100.00",
        accounts_receivable="-10.00",
        service_revenue="-90.00",
    )
    .line("a")
    .paid(datetime(2026, 2, 1), "100.00")
    .event("void", FEBRUARY),
    Case(
        "overpaid_after_all",
        "Written off, then paid and more: the void moves bad debt alone.",
        cash="100.00",
        accounts_receivable="-10.00",
        service_revenue="-62.00",
        voids="-28.00",
    )
    .line("a")
    .event("uncollectible", FEBRUARY)
    .paid(MARCH, "100.00")
    .event("void", APRIL),
    Case(
        "nets_to_zero",
        "Nothing is receivable, yet both lines are taken back: 31.00 of one, 90.00 of the other.",
        service_revenue="59.00",
        voids="-59.00",
    )
    .line("a")
    .line("b", "-90.00", service_ends_on=date(2026, 2, 1))
    .event("void", FEBRUARY),
    Case(
        "nets_to_zero_and_paid_back",
        "The customer balance that had paid comes back with the void.",
        service_revenue="-31.00",
        voids="31.00",
    )
    .line("a")
    .paid(datetime(2026, 2, 1), "40.00", "balance_applied")
    .event("void", FEBRUARY)
    .paid(datetime(2026, 2, 10, 0, 0, 5), "-40.00", "balance_applied"),
    Case(
        "credited_too_much",
        "What a credit note lost to other_loss comes back with the void of all that is left.",
        service_revenue="-31.00",
        credit_notes="31.00",
    )
    .line("a")
    .note(FEBRUARY, "100.00")
    .event("void", MARCH),
]
EXCLUDED = [
    Case(
        "excluded_and_credited",
        "The credit note names the line that is not in the books, so it takes back what was paid.",
        cash="130.00",
        customer_balance="-40.00",
        service_revenue="-90.00",
    )
    .line("a")
    .line("x", "40.00")
    .excluded("x", datetime(2026, 1, 5))
    .paid(datetime(2026, 2, 1), "130.00")
    .note(MARCH, "40.00", "customer_balance", x="40.00"),
    Case(
        "excluded_and_credited_in_part",
        "10.00 of the note are for the line in the books, 6.56 of which were recognised.",
        accounts_receivable="80.00",
        credit_notes="6.56",
        service_revenue="-86.56",
    )
    .line("a")
    .line("x", "40.00")
    .excluded("x", datetime(2026, 1, 5))
    .note(MARCH, "50.00", a="10.00", x="40.00"),
    Case(
        "excluded_and_note_voided",
        "Nothing of the note was in the books, nor is anything of its void.",
        accounts_receivable="90.00",
        service_revenue="-90.00",
    )
    .line("a")
    .line("x", "40.00")
    .excluded("x", datetime(2026, 1, 5))
    .note(MARCH, "40.00", x="40.00")
    .event(
        "credit_note_voided",
        APRIL,
        "40.00",
        restores_event_id="excluded_and_note_voided-credit_note-0310",
    ),
]
EXCLUDED_LATE = [
    Case(
        "excluded_late_and_paid",
        "What is paid beyond the line that stays was paid for the one that was excluded.",
        cash="180.00",
        exclusion="-90.00",
        service_revenue="-121.00",
        voids="31.00",
    )
    .line("a")
    .line("x")
    .excluded("x", FEBRUARY)
    .paid(MARCH, "100.00")
    .paid(APRIL, "80.00"),
    Case(
        "credited_and_excluded_late",
        "The exclusion takes the 60.00 that the note left; 90.00 are paid elsewhere.",
        external_asset="90.00",
        credit_notes="10.33",
        service_revenue="-121.00",
        voids="20.67",
    )
    .line("a")
    .line("x")
    .note(datetime(2026, 2, 5), "30.00", x="30.00")
    .excluded("x", FEBRUARY)
    .paid(MARCH, None, "out_of_band_payment"),
]
CASES = [*WRITTEN_OFF_AND_CREDITED, *VOIDS, *EXCLUDED, *EXCLUDED_LATE]


@pytest.fixture(scope="module")
def edges(warehouse: Warehouse) -> Iterator[Warehouse]:
    """All invoices in one company, built."""
    tables: dict[str, list[Row]] = {"invoices": [row for case in CASES for row in case.invoices]}
    for case in CASES:
        for name, rows in case.tables.items():
            tables.setdefault(name, []).extend(rows)
    rooms.load_room(warehouse, "generic", tables)
    exclusions = [row for case in CASES for row in case.exclusions]
    closes = [{"accounting_period": "2026-01", "closed_at": "2026-02-03"}]
    books.load_finance(warehouse, {"exclusions": exclusions}, closes)
    books.build_marts(warehouse, VARS, MARTS)
    yield warehouse


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_where_the_accounts_of_the_invoice_end(edges: Warehouse, case: Case) -> None:
    """As worked out by hand; what is zero is not there."""
    sums: Counter = Counter()
    for row in edges.fetch(
        "select debit_account, credit_account, amount from fct_journal_entries "
        f"where invoice_id = '{case.name}'"
    ):
        sums[row["debit_account"]] += row["amount"]
        sums[row["credit_account"]] -= row["amount"]
    assert {account: amount for account, amount in sums.items() if amount} == case.ends, case.about


def test_what_is_owed_to_the_customer_is_listed(edges: Warehouse) -> None:
    """A void leaves an overpayment, which finance refunds or credits."""
    listed = {
        row["source_key"]
        for row in edges.table("rec_exceptions")
        if row["reason_code"] == "overpaid_invoice"
    }
    assert listed == {"overpaid", "overpaid_after_all"}


def test_everything_ties(edges: Warehouse) -> None:
    """No row is lost and every tie-out is tied."""
    books.assert_all_is_accounted_for(edges, "edges")
    edges.build("test", "--select", *TESTS, vars=VARS).check()
