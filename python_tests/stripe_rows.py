"""The published examples as raw Stripe rows: one company, one customer per example.

`vectors/stripe_inputs.csv` says in words what happens to a customer. A `Customer` has a method per
kind of happening and writes the rows of Stripe's tables that Stripe would have written: times are
naive UTC, amounts integers of the currency's smallest unit. The id of a customer is the id of the
example. The seed text's own figures and `vectors/amortization.csv` join the same company.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parent / "vectors"

Tables = dict[str, list[dict[str, Any]]]

TABLES = (
    "invoices",
    "invoice_line_items",
    "invoice_items",
    "charges",
    "refunds",
    "disputes",
    "credit_notes",
    "credit_note_line_items",
    "customer_balance_transactions",
    "balance_transactions",
    "customers",
    "products",
    "prices",
)
METERED = {"E22", "E23"}
TRANSLATED = {"E18"}


def vector(name: str) -> list[dict[str, str]]:
    """The rows of a file of vectors."""
    with (VECTORS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def instant(text: str) -> datetime:
    """A day or an instant of the vectors as a naive UTC time."""
    return datetime.fromisoformat(text.removesuffix("Z"))


def minor(amount: str | Decimal) -> int:
    """An amount of dollars or euros in cents."""
    cents = Decimal(amount) * 100
    assert cents == int(cents), amount
    return int(cents)


class Customer:
    """One customer, to whom things happen in order; `rows` holds what Stripe keeps of it."""

    def __init__(self, customer_id: str, currency: str = "usd") -> None:
        """A customer without any history."""
        self.customer_id = customer_id
        self.currency = currency
        self.rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.balance = 0
        """Stripe's sign: negative where we owe the customer."""

    def _add(self, table: str, prefix: str, **columns: Any) -> dict[str, Any]:
        number = len(self.rows[table]) + 1
        row = {"id": f"{prefix}_{self.customer_id}_{number}", **columns}
        self.rows[table].append(row)
        return row

    # Invoices.

    def invoice(self, when: datetime, *lines: dict[str, Any]) -> dict[str, Any]:
        """An invoice that is created and finalised at once, with lines of `line`."""
        invoice = self._add(
            "invoices",
            "in",
            customer_id=self.customer_id,
            currency=self.currency,
            status="open",
            created=when,
            due_date=when + timedelta(days=30),
            status_transitions_finalized_at=when,
            starting_balance=0,
            paid_out_of_band=False,
        )
        invoice["number"] = f"{self.customer_id}-{len(self.rows['invoices']):04d}"
        for line in lines:
            # Stripe's way to say that a line has no period.
            period = {"period_start": when, "period_end": when}
            columns = period | {k: v for k, v in line.items() if v is not None}
            columns |= {"invoice_id": invoice["id"], "currency": self.currency}
            self._add("invoice_line_items", "il", **columns)
        for item in self.rows["invoice_items"]:
            if item["id"] in {line.get("invoice_item_id") for line in lines}:
                item["invoice_id"] = invoice["id"]
        taxes = [(line["tax_amount"], line["tax_inclusive"]) for line in lines]
        total = sum(line["amount"] for line in lines)
        total += sum(tax for tax, is_inclusive in taxes if not is_inclusive)
        invoice["tax"] = sum(tax for tax, _ in taxes)
        invoice["subtotal"] = sum(line["amount"] for line in lines)
        invoice["total"] = invoice["amount_due"] = total
        return invoice

    @property
    def last_invoice(self) -> dict[str, Any]:
        """The invoice that an event without further words is about."""
        return self.rows["invoices"][-1]

    def item(
        self, when: datetime, amount: int, starts: datetime, ends: datetime, description: str
    ) -> dict[str, Any]:
        """A pending invoice item."""
        return self._add(
            "invoice_items",
            "ii",
            customer_id=self.customer_id,
            amount=amount,
            currency=self.currency,
            created=when,
            period_start=starts,
            period_end=ends,
            description=description,
        )

    # What reverses or settles an invoice.

    def void(self, when: datetime) -> None:
        """The invoice is void."""
        self.last_invoice.update(status="void", status_transitions_voided_at=when)

    def mark_uncollectible(self, when: datetime) -> None:
        """The invoice is written off."""
        self.last_invoice.update(
            status="uncollectible", status_transitions_marked_uncollectible_at=when
        )

    def pay(self, when: datetime, amount: int) -> dict[str, Any]:
        """A charge pays the invoice, written off or not."""
        self.last_invoice.update(status="paid", status_transitions_paid_at=when)
        return self.charge(when, amount, invoice_id=self.last_invoice["id"])

    def pay_out_of_band(self, when: datetime) -> None:
        """The invoice is marked as paid outside Stripe."""
        self.last_invoice.update(
            status="paid", status_transitions_paid_at=when, paid_out_of_band=True
        )

    def charge(
        self, when: datetime, amount: int, invoice_id: str | None = None, description: str = ""
    ) -> dict[str, Any]:
        """A payment by card, for an invoice or alone."""
        return self._add(
            "charges",
            "ch",
            customer_id=self.customer_id,
            invoice_id=invoice_id,
            payment_method_type="card",
            amount=amount,
            currency=self.currency,
            created=when,
            status="succeeded",
            captured=True,
            description=description or None,
        )

    def settle(self, charge: dict[str, Any], amount: int, currency: str, rate: str) -> None:
        """What a charge brought to the account, in the account's currency."""
        transaction = self._add(
            "balance_transactions",
            "txn",
            source_id=charge["id"],
            type="charge",
            amount=amount,
            fee=0,
            currency=currency,
            exchange_rate=Decimal(rate),
            created=charge["created"],
        )
        charge["balance_transaction_id"] = transaction["id"]

    def refund(self, when: datetime, amount: int) -> dict[str, Any]:
        """The last charge is refunded in part or in full."""
        return self._add(
            "refunds",
            "re",
            charge_id=self.rows["charges"][-1]["id"],
            amount=amount,
            currency=self.currency,
            created=when,
            status="succeeded",
        )

    def dispute(self, when: datetime, amount: int) -> dict[str, Any]:
        """The last charge is disputed."""
        return self._add(
            "disputes",
            "du",
            charge_id=self.rows["charges"][-1]["id"],
            amount=amount,
            currency=self.currency,
            created=when,
            status="needs_response",
        )

    def win_dispute(self, when: datetime) -> None:
        """The last dispute is won."""
        self.rows["disputes"][-1] |= {"status": "won", "closed_at": when}

    def credit_note(
        self, when: datetime, amount: int, refund: int = 0, balance: int = 0, outside: int = 0
    ) -> dict[str, Any]:
        """A credit note without lines, of an open invoice or in its three parts of a paid one."""
        is_paid = self.last_invoice["status"] == "paid"
        assert refund + balance + outside == (amount if is_paid else 0)
        note = self._add(
            "credit_notes",
            "cn",
            invoice_id=self.last_invoice["id"],
            type="post_payment" if is_paid else "pre_payment",
            amount=amount,
            refund_amount=refund,
            customer_balance_amount=balance,
            out_of_band_amount=outside,
            currency=self.currency,
            created=when,
        )
        if refund:
            self.refund(when, refund)
        if balance:
            self.change_balance(
                when, "credit_note", -balance, self.last_invoice["id"], credit_note_id=note["id"]
            )
        return note

    # The customer balance.

    def change_balance(
        self,
        when: datetime,
        kind: str,
        amount: int,
        invoice_id: str | None = None,
        credit_note_id: str | None = None,
    ) -> None:
        """A transaction of the customer balance; Stripe's sign, negative in the customer's favour.

        Raises:
            AssertionError: an invoice uses more than there is.
        """
        if kind == "applied_to_invoice":
            assert 0 < amount <= -self.balance
            self.last_invoice["starting_balance"] = self.balance
            self.last_invoice["amount_due"] -= amount
        self.balance += amount
        self._add(
            "customer_balance_transactions",
            "cbtxn",
            customer_id=self.customer_id,
            invoice_id=invoice_id,
            credit_note_id=credit_note_id,
            type=kind,
            amount=amount,
            currency=self.currency,
            created=when,
        )

    def tables(self) -> Tables:
        """The rows of this customer, its own included."""
        own = {
            "id": self.customer_id,
            "email": f"{self.customer_id.lower()}@example.com",
            "balance": self.balance,
            "currency": self.currency,
        }
        return {**self.rows, "customers": [own]}


def line(
    amount: int,
    starts: datetime | None = None,
    ends: datetime | None = None,
    description: str = "Service",
    tax: int = 0,
    **columns: Any,
) -> dict[str, Any]:
    """A line of an invoice, with exclusive tax; without a period where none is given."""
    return {
        "amount": amount,
        "period_start": starts,
        "period_end": ends,
        "description": description,
        "tax_amount": tax,
        "tax_inclusive": False,
        "discount_amount": 0,
        "proration": False,
        "quantity": 1,
        **columns,
    }


def merged(customers: Iterable[Customer]) -> Tables:
    """The tables of a company of these customers; every table is there, empty or not."""
    tables: Tables = {name: [] for name in TABLES}
    for customer in customers:
        for name, rows in customer.tables().items():
            tables[name] += rows
    return tables


# --------------------------------------------------------------------------------------------------
# stripe_inputs.csv
# --------------------------------------------------------------------------------------------------

Event = dict[str, Any]


def read_events() -> dict[str, list[Event]]:
    """The events of each example but the metered ones, in order, with times and cents."""
    events: dict[str, list[Event]] = defaultdict(list)
    for row in vector("stripe_inputs"):
        if row["example_id"] in METERED:
            continue
        events[row["example_id"]].append(
            {
                "when": instant(row["event_date"]),
                "event": row["event"],
                "amount": minor(row["amount"]) if row["amount"] else None,
                "currency": row["unit"].lower(),
                "starts": instant(row["service_start"]) if row["service_start"] else None,
                "ends": (
                    instant(row["service_end_exclusive"]) if row["service_end_exclusive"] else None
                ),
                "note": row["note"],
            }
        )
    return events


def lines_of(event: Event, customer: Customer) -> list[dict[str, Any]]:
    """The invoice lines that an event speaks of, its note included."""
    amount, starts, ends = event["amount"], event["starts"], event["ends"]
    match event["event"], event["note"]:
        case "invoice finalized", "31 + 3.10 exclusive tax":
            return [line(3100, starts, ends, tax=310)]
        case "invoice: 9.00 service + 50.00 setup", _:
            return [line(900, starts, ends), line(5000, description="Setup")]
        case "invoice finalized (-30, 40, 120)", _:
            items = [
                line(
                    item["amount"],
                    item["period_start"],
                    item["period_end"],
                    item["description"],
                    proration=True,
                    invoice_item_id=item["id"],
                )
                for item in customer.rows["invoice_items"]
            ]
            lines = [*items, line(12000, starts, ends)]
            assert sum(row["amount"] for row in lines) == amount
            return lines
        case 'invoice line "Sales Tax calculated by AvaTax"', _:
            return [line(amount, description="Sales Tax calculated by AvaTax")]
        case "invoice finalized (prorations)", note:
            return [line(amount, starts, ends, note, proration=True)]
    return [line(amount, starts, ends)]


def is_line(event: Event) -> bool:
    """Whether an event is a part of an invoice: those of one instant are one invoice."""
    return event["event"].startswith(("invoice line", "invoice finalized", "invoice:"))


def happen(customer: Customer, event: Event) -> None:
    """Write the rows of one event that is no invoice.

    Raises:
        ValueError: the event is not known here.
    """
    when, amount = event["when"], event["amount"]
    actions: dict[str, Callable[[], Any]] = {
        "charge (no invoice)": lambda: customer.charge(when, amount),
        "charge": lambda: customer.charge(when, amount),
        "paid": lambda: customer.pay(when, amount),
        "marked paid outside Stripe": lambda: customer.pay_out_of_band(when),
        "voided": lambda: customer.void(when),
        "marked uncollectible": lambda: customer.mark_uncollectible(when),
        "refund": lambda: customer.refund(when, amount),
        "dispute": lambda: customer.dispute(when, amount),
        "dispute won": lambda: customer.win_dispute(when),
        "pre-payment credit note": lambda: customer.credit_note(when, amount),
        "credit note": lambda: customer.credit_note(when, amount),
        "customer balance credited (manual)": lambda: customer.change_balance(
            when, "adjustment", -amount
        ),
        "customer balance applied": lambda: customer.change_balance(
            when, "applied_to_invoice", amount, customer.last_invoice["id"]
        ),
        "unbilled invoice item": lambda: customer.item(
            when, amount, event["starts"], event["ends"], event["note"]
        ),
    }
    if event["event"] not in actions:
        raise ValueError(f"{customer.customer_id}: {event['event']}")
    actions[event["event"]]()


NOTE_PARTS = {
    "credit note: refund part": "refund",
    "credit note: customer balance part": "balance",
    "credit note: out-of-band part": "outside",
}


def example_customer(example_id: str, events: list[Event]) -> Customer:
    """The customer of one example of stripe_inputs.csv."""
    customer = Customer(example_id, events[0]["currency"])
    for _, group in groupby(
        events, key=lambda e: (e["when"], is_line(e), e["event"] in NOTE_PARTS)
    ):
        together = list(group)
        when = together[0]["when"]
        if is_line(together[0]):
            lines = [row for event in together for row in lines_of(event, customer)]
            invoice = customer.invoice(when, *lines)
            if together[0]["event"] == "invoice finalized + paid":
                customer.pay(when, invoice["total"])
        elif together[0]["event"] in NOTE_PARTS:
            parts = {NOTE_PARTS[event["event"]]: event["amount"] for event in together}
            customer.credit_note(when, sum(parts.values()), **parts)
        else:
            for event in together:
                happen(customer, event)
    if example_id == "E18":
        # The payment arrives at 1.10 dollars a euro.
        customer.settle(customer.rows["charges"][-1], 3300, "usd", "1.10")
    return customer


def example_customers() -> list[Customer]:
    """The customers of stripe_inputs.csv, those in a functional currency too."""
    return [example_customer(example_id, events) for example_id, events in read_events().items()]


# --------------------------------------------------------------------------------------------------
# The seed text and amortization.csv
# --------------------------------------------------------------------------------------------------


def seed_customers() -> list[Customer]:
    """The figures that the text on recognising revenue with Stripe names itself.

    365 dollars from 1 September 2021; a setup fee of 50 with a service of 9 a month; 10 dollars
    over a month and 120 over a year by rules on charges; a line of AvaTax; Service A, a tenth of
    which is passed through.
    """
    annual = Customer("S_365")
    annual.invoice(datetime(2021, 9, 1), line(36500, datetime(2021, 9, 1), datetime(2022, 9, 1)))
    bundle = Customer("S_bundle")
    for month in (1, 2, 3):
        starts, ends = datetime(2021, month, 1), datetime(2021, month + 1, 1)
        setup = [line(5000, description="One-off setup fee")] if month == 1 else []
        bundle.invoice(starts, line(900, starts, ends), *setup)
    over_a_month, over_a_year = Customer("S_10"), Customer("S_120")
    over_a_month.charge(datetime(2021, 3, 16, 9, 30), 1000)
    over_a_year.charge(datetime(2021, 1, 1, 9, 30), 12000)
    taxed, shared = Customer("S_avatax"), Customer("S_passthrough")
    starts, ends = datetime(2021, 4, 1), datetime(2021, 5, 1)
    taxed.invoice(
        starts,
        line(10000, starts, ends),
        line(825, description="Sales tax calculated by AvaTax"),
    )
    shared.invoice(starts, line(10000, starts, ends, description="Service A, per month"))
    return [annual, bundle, over_a_month, over_a_year, taxed, shared]


def amortization_customer(case_id: str) -> str:
    """The customer of a row of amortization.csv."""
    return f"A_{case_id}"


def amortization_customers() -> list[Customer]:
    """Each row of amortization.csv as one invoice of one line."""
    customers = []
    for row in vector("amortization"):
        customer = Customer(amortization_customer(row["case_id"]))
        starts = instant(row["service_start"])
        ends = instant(row["service_end_inclusive"]) + timedelta(days=1)
        customer.invoice(starts, line(minor(row["amount"]), starts, ends))
        customers.append(customer)
    return customers


# --------------------------------------------------------------------------------------------------
# Finance tables
# --------------------------------------------------------------------------------------------------


def rule(priority: int, name: str, treatment: str, percent: str = "100", **more: str) -> dict:
    """A row of recognition_rules, known and effective long before the examples."""
    return {
        "rule_priority": str(priority),
        "rule_name": name,
        "effective_from": "2018-01-01",
        "known_at": "2018-01-01",
        "source_system": "stripe",
        "treatment": treatment,
        "allocation_percent": percent,
        **more,
    }


AVATAX = {"description_contains": "AvaTax"}
EVERY_LINE_OF_E57 = {"customer_id": "E57"}
SERVICE_A = {"description_contains": "Service A"}
# The two rules on "other payments" are of 2021; E01 is a charge of 10 dollars of 2019.
CHARGES = {"effective_from": "2021-01-01", "has_period": "false"}
FROM_PAYMENT = {"start_offset": "0", "start_offset_unit": "days", "duration": "1"}

RECOGNITION_RULES = [
    rule(10, "Recognise tax revenue from AvaTax", "tax", **AVATAX),
    rule(20, "All line items", "amortise_service_period", "90", **EVERY_LINE_OF_E57),
    rule(20, "All line items", "passthrough", "10", **EVERY_LINE_OF_E57),
    rule(30, "Service A", "amortise_service_period", "90", **SERVICE_A),
    rule(30, "Service A", "passthrough", "10", **SERVICE_A),
    rule(
        40,
        "Recognise US$10.00 over 1 month",
        "amortise_custom_period",
        amount_equals="10.00",
        duration_unit="months",
        **CHARGES,
        **FROM_PAYMENT,
    ),
    rule(
        50,
        "Recognise US$120.00 over 12 months",
        "amortise_custom_period",
        amount_equals="120.00",
        duration_unit="years",
        **CHARGES,
        **FROM_PAYMENT,
    ),
]

FX_RATES = [
    {
        "rate_date": date(2019, 1, 1),
        "from_currency": "EUR",
        "to_currency": "USD",
        "rate": Decimal("1.20"),
    },
    {
        "rate_date": date(2019, 2, 1),
        "from_currency": "EUR",
        "to_currency": "USD",
        "rate": Decimal("1.10"),
    },
]
