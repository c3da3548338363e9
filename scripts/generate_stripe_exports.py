"""Writes Stripe exports that revrec runs on without a Stripe account.

``--out`` (default: the shipped seeds) gets the sample company's Stripe account, CSV files of the
sixteen raw tables: the customers of the Stigg sample also pay for a platform, by invoice, and two
more pay for an API with billing credits. What
Stripe would do with an event is done here too (balances are applied, charges pay what is due,
credit notes make refunds), so that everything foots; `check_account` says so before anything is
written. The same code gives the same bytes: nothing is drawn at random.

``--lines N --folder F`` writes Parquet files for the benchmark instead: N invoices with one line
of twelve months each.
"""

from __future__ import annotations

import argparse
import csv
import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
from generate_exports import DEFAULT_OUT, END, add_months, stamp

Row = dict[str, Any]

COLUMNS = {
    "invoices": "id customer_id currency status number total subtotal tax amount_due "
    "starting_balance due_date created status_transitions_finalized_at status_transitions_paid_at "
    "status_transitions_voided_at status_transitions_marked_uncollectible_at paid_out_of_band",
    "invoice_line_items": "id invoice_id invoice_item_id subscription_item_id price_id product_id "
    "description amount currency tax_amount tax_inclusive discount_amount proration quantity "
    "period_start period_end",
    "invoice_items": "id customer_id invoice_id description amount currency created deleted_at "
    "period_start period_end",
    "charges": "id customer_id invoice_id payment_method_type amount currency created status "
    "captured description balance_transaction_id",
    "refunds": "id charge_id amount currency created status failed_at balance_transaction_id",
    "disputes": "id charge_id amount currency created status closed_at",
    "credit_notes": "id invoice_id type amount refund_amount customer_balance_amount "
    "out_of_band_amount currency created voided_at",
    "credit_note_line_items": "id credit_note_id invoice_line_item_id amount tax_amount",
    "customer_balance_transactions": "id customer_id invoice_id credit_note_id type amount "
    "currency created",
    "balance_transactions": "id source_id type amount fee currency exchange_rate created",
    "customers": "id email balance currency",
    "products": "id name active created",
    "prices": "id product_id currency unit_amount recurring_interval created",
    "billing_credit_grants": "id amount_type applicability_config_scope_price_type category "
    "created custom_pricing_unit_id custom_pricing_unit_value customer_id effective_at expires_at "
    "monetary_amount_currency monetary_amount_value name service_action_id updated voided_at",
    "billing_credit_grant_metadata": "credit_grant_id key value",
    "billing_credit_balance_transactions": "id bill_item_id created credit_amount_type "
    "credit_grant_id credit_monetary_amount_currency credit_monetary_amount_value credit_type "
    "debit_amount_type debit_monetary_amount_currency debit_monetary_amount_value debit_type "
    "effective_at invoice_id invoice_line_item_id type",
}
PREFIXES = {
    "invoice_line_items": "il",
    "invoice_items": "ii",
    "charges": "ch",
    "refunds": "re",
    "disputes": "du",
    "credit_notes": "cn",
    "credit_note_line_items": "cnli",
    "customer_balance_transactions": "cbtxn",
    "balance_transactions": "txn",
    "billing_credit_grants": "credgr",
    "billing_credit_balance_transactions": "cbtxn_credit",
}
PRODUCTS = {
    "prod_platform": "Platform",
    "prod_platform_annual": "Platform, a year",
    "prod_onboarding": "Onboarding",
    "prod_support": "Premium support",
    "prod_credits": "Credits",
    "prod_api": "API calls",
}
# Minor units: the platform for a month in the currency; dollars per major unit, in millionths.
MONTHLY = {"USD": 29900, "EUR": 27900, "JPY": 44000}
RATES = {"USD": 1_000_000, "EUR": 1_080_000, "JPY": 6_700}
# Percent in thousandths, and whether prices include it.
TAXES = {"USD": (8250, False), "EUR": (19000, True), "JPY": (10000, True)}
GRANTS = ("grant_lumen_forge_01", "grant_rheintal_maschinen_01", "grant_aoyama_robotics_01")
REINSTATED = "credits_application_invoice_voided"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def share(amount: int, part: int, whole: int) -> int:
    """amount * part / whole, rounded half away from zero."""
    size = (2 * abs(amount * part) + whole) // (2 * whole)
    return size if amount * part >= 0 else -size


@dataclass
class Sale:
    """What a line sells. `discount` is in percent; without a period it is earned at once."""

    product: str
    text: str
    amount: int
    period: tuple[datetime, datetime] | None = None
    discount: int = 0
    item: Row | None = None
    taxed: bool = True


class Account:
    """A Stripe account: its raw tables, and what Stripe knows besides."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Row]] = {name: [] for name in COLUMNS}
        self.balance: Counter[str] = Counter()
        self.left: Counter[str] = Counter()
        self.credited: Counter[str] = Counter()
        self.lines: dict[str, list[Row]] = defaultdict(list)
        self.pending: dict[str, list[Row]] = defaultdict(list)
        self.numbers = {name: count(1) for name in (*COLUMNS, "number", "turn")}
        self.queue: list[tuple[datetime, int, Callable[[datetime], object]]] = []

    def at(self, when: datetime, action: Callable[[datetime], object]) -> None:
        """Do something at a time, in the order of time; never, if it is after the sample."""
        if when <= END:
            heapq.heappush(self.queue, (when, next(self.numbers["turn"]), action))

    def run(self) -> None:
        """Do everything that waits for its time."""
        while self.queue:
            when, _, action = heapq.heappop(self.queue)
            action(when)

    def add(self, table: str, **values: Any) -> Row:
        """A new row, with an id of its own where none is given."""
        if "id" not in values:
            values["id"] = f"{PREFIXES[table]}_{next(self.numbers[table]):05d}"
        self.tables[table].append(values)
        return values

    def move(self, source: Row, kind: str, amount: int, fee: int, when: datetime) -> Row:
        """The balance transaction of an amount in the source's currency; the account is in USD."""
        rate = RATES[source["currency"].upper()]
        cents = amount * 100 if source["currency"] == "jpy" else amount
        dollars = share(cents, rate, 1_000_000)
        return self.add(
            "balance_transactions",
            source_id=source["id"],
            type=kind,
            amount=dollars,
            fee=fee,
            currency="usd",
            created=when,
            exchange_rate=f"{rate / 1_000_000:.6f}" if rate != 10**6 else None,
        )

    def change_balance(self, customer: Row, kind: str, amount: int, when: datetime, **of: Any):
        """Change what a customer owes; negative is in the customer's favour."""
        self.balance[customer["id"]] += amount
        return self.add(
            "customer_balance_transactions",
            customer_id=customer["id"],
            type=kind,
            amount=amount,
            currency=customer["currency"],
            created=when,
            **of,
        )

    def item(self, customer: Row, when: datetime, sale: Sale) -> Row:
        """A pending invoice item: the customer's next invoice bills it."""
        start, end = sale.period or (when, when)
        row = self.add(
            "invoice_items",
            customer_id=customer["id"],
            description=sale.text,
            amount=sale.amount,
            currency=customer["currency"],
            created=when,
            period_start=start,
            period_end=end,
        )
        sale.item = row
        self.pending[customer["id"]].append(sale)
        return row

    def invoice(self, customer: Row, when: datetime, sales: Sequence[Sale], **known: Any) -> Row:
        """Finalise an invoice of what is sold and of the pending items; apply the balance."""
        number = next(self.numbers["number"])
        row = self.add("invoices", **{"id": f"in_s{number:05d}", **known})
        waiting = [
            sale for sale in self.pending.pop(customer["id"], []) if not sale.item.get("deleted_at")
        ]
        for sale in [*sales, *waiting]:
            self.line(row, customer, sale, when)
        lines = self.lines[row["id"]]
        gross = sum(li["amount"] - li["discount_amount"] for li in lines)
        extra = sum(li["tax_amount"] for li in lines if not li["tax_inclusive"])
        total, owed = gross + extra, self.balance[customer["id"]]
        due = max(total + owed, 0)
        row |= {
            "customer_id": customer["id"],
            "currency": customer["currency"],
            "status": "open",
            "number": f"FHL-{number:05d}",
            "total": total,
            "tax": sum(li["tax_amount"] for li in lines),
            "subtotal": sum(li["amount"] for li in lines),
            "amount_due": due,
            "starting_balance": owed,
            "due_date": when + 14 * DAY,
            "created": when - HOUR,
            "status_transitions_finalized_at": when,
            "paid_out_of_band": False,
        }
        self.left[row["id"]] = due
        if total != due:
            self.change_balance(
                customer, "applied_to_invoice", total - due, when, invoice_id=row["id"]
            )
        if due == 0:
            self.close(row, when)
        return row

    def line(self, invoice: Row, customer: Row, sale: Sale, when: datetime) -> None:
        """A line, taxed as the customer's country does."""
        rate, inclusive = TAXES[customer["currency"].upper()]
        rate = rate if sale.taxed and customer["taxed"] else 0
        discount = share(sale.amount, sale.discount, 100)
        net = sale.amount - discount
        tax = share(net, rate, 100_000 + rate) if inclusive else share(net, rate, 100_000)
        start, end = sale.period or (when, when)
        row = self.add(
            "invoice_line_items",
            invoice_id=invoice["id"],
            description=sale.text,
            invoice_item_id=sale.item and sale.item["id"],
            product_id=sale.product,
            price_id=f"price_{sale.product[5:]}_{customer['currency']}",
            amount=sale.amount,
            currency=customer["currency"],
            tax_amount=tax,
            tax_inclusive=inclusive,
            quantity=1,
            discount_amount=discount,
            proration=sale.item is not None and sale.period is not None,
            subscription_item_id=None if sale.period is None else f"si_{customer['id'][4:]}",
            period_start=start,
            period_end=end,
        )
        if sale.item:
            sale.item["invoice_id"] = invoice["id"]
        self.lines[invoice["id"]].append(row)

    def close(self, invoice: Row, when: datetime) -> None:
        """An invoice on which nothing is due any more is paid."""
        if self.left[invoice["id"]] == 0 and invoice["status"] != "void":
            invoice |= {"status": "paid", "status_transitions_paid_at": when}

    def charge(
        self, customer: Row, when: datetime, amount: int, invoice: Row | None = None, **more: Any
    ) -> Row:
        """A charge; one that succeeds pays its invoice and has Stripe's fee taken off."""
        row = self.add(
            "charges",
            **{
                "customer_id": customer["id"],
                "invoice_id": invoice and invoice["id"],
                "amount": amount,
                "payment_method_type": "card",
                "currency": customer["currency"],
                "created": when,
                "status": "succeeded",
                "captured": True,
                **more,
            },
        )
        if row["status"] == "succeeded" and row["captured"]:
            money = self.move(row, "charge", amount, 0, when)
            money["fee"] = share(money["amount"], 29, 1000) + 30
            row["balance_transaction_id"] = money["id"]
            if invoice:
                self.left[invoice["id"]] -= amount
                self.close(invoice, when)
        return row

    def pay(self, customer: Row, when: datetime, invoice: Row, amount: int = 0) -> Row | None:
        """Charge what is due, or a part of it."""
        due = amount or self.left[invoice["id"]]
        return self.charge(customer, when, due, invoice) if due > 0 else None

    def refund(self, charge: Row, when: datetime, amount: int, **more: Any) -> Row:
        """Give back a part of a charge."""
        row = self.add(
            "refunds",
            **{
                "charge_id": charge["id"],
                "amount": amount,
                "currency": charge["currency"],
                "created": when,
                "status": "succeeded",
                **more,
            },
        )
        row["balance_transaction_id"] = self.move(row, "refund", -amount, 0, when)["id"]
        if row["status"] == "failed":
            self.move(row, "refund_failure", amount, 0, row["failed_at"])
        return row

    def dispute(self, charge: Row, when: datetime, status: str, closed_at: datetime | None) -> None:
        """The bank takes a charge back, and a fee; both return where the dispute is won."""
        row = self.add(
            "disputes",
            charge_id=charge["id"],
            amount=charge["amount"],
            created=when,
            currency=charge["currency"],
            status=status,
            closed_at=closed_at,
        )
        self.move(row, "adjustment", -charge["amount"], 1500, when)
        if status == "won":
            self.move(row, "adjustment", charge["amount"], -1500, closed_at)

    def credit_note(
        self,
        customer: Row,
        when: datetime,
        invoice: Row,
        part: int,
        *,
        refund: int = 0,
        balance: int = 0,
        outside: int = 0,
        charge: Row | None = None,
    ) -> Row:
        """Take back `part` percent of every line; by percents of that: refund, balance, outside."""
        lines = self.lines[invoice["id"]]
        tax = {li["id"]: share(li["tax_amount"], part, 100) for li in lines}
        amount = sum(
            share(li["amount"] - li["discount_amount"], part, 100)
            + (0 if li["tax_inclusive"] else tax[li["id"]])
            for li in lines
        )
        parts = [share(amount, percent, 100) for percent in (refund, balance, outside)]
        row = self.add(
            "credit_notes",
            invoice_id=invoice["id"],
            amount=amount,
            refund_amount=parts[0],
            customer_balance_amount=parts[1],
            out_of_band_amount=parts[2],
            created=when,
            type="post_payment" if any(parts) else "pre_payment",
            currency=customer["currency"],
        )
        for li in lines:
            # As in Stripe's API: before discounts.
            self.add(
                "credit_note_line_items",
                credit_note_id=row["id"],
                amount=share(li["amount"], part, 100),
                invoice_line_item_id=li["id"],
                tax_amount=tax[li["id"]],
            )
        if parts[0]:
            self.refund(charge, when, parts[0])
        if parts[1]:
            self.change_balance(
                customer,
                "credit_note",
                -parts[1],
                when,
                invoice_id=invoice["id"],
                credit_note_id=row["id"],
            )
        self.left[invoice["id"]] -= amount - sum(parts)
        self.close(invoice, when)
        return row

    def void(self, customer: Row, when: datetime, invoice: Row) -> None:
        """Void an open invoice; the balance that paid a part of it is given back first."""
        invoice |= {"status": "void", "status_transitions_voided_at": when}
        applied = [
            r
            for r in self.tables["customer_balance_transactions"]
            if r.get("invoice_id") == invoice["id"]
        ]
        if applied:
            self.change_balance(
                customer,
                "unapplied_from_invoice",
                -sum(r["amount"] for r in applied),
                when,
                invoice_id=invoice["id"],
            )
        self.left[invoice["id"]] = 0

    # Billing credits.

    def move_credits(
        self, grant: Row, when: datetime, kind: str, amount: int, invoice: Row | None = None
    ) -> None:
        """A transaction of a grant's balance, on the side that its kind has."""
        side = "credit" if kind in ("credits_granted", REINSTATED) else "debit"
        self.add(
            "billing_credit_balance_transactions",
            **{
                "credit_grant_id": grant["id"],
                "type": side,
                f"{side}_type": kind,
                f"{side}_amount_type": "monetary",
                f"{side}_monetary_amount_currency": grant["monetary_amount_currency"],
                f"{side}_monetary_amount_value": amount,
                "invoice_id": invoice and invoice["id"],
                "invoice_line_item_id": invoice and self.lines[invoice["id"]][0]["id"],
                "created": when,
                "effective_at": when,
            },
        )

    def grant_credits(
        self, customer: Row, when: datetime, amount: int, expires_at: datetime, **more: Any
    ) -> Row:
        """A grant of billing credits, usable at once."""
        grant = self.add(
            "billing_credit_grants",
            customer_id=customer["id"],
            amount_type="monetary",
            applicability_config_scope_price_type="metered",
            monetary_amount_currency=customer["currency"],
            monetary_amount_value=amount,
            created=when,
            updated=when,
            effective_at=when,
            expires_at=expires_at,
            **more,
        )
        self.move_credits(grant, when, "credits_granted", amount)
        return grant

    def sell_billing_credits(
        self, customer: Row, when: datetime, amount: int, paid: int, cost_basis: str
    ) -> Row:
        """Credits on an invoice that is paid at once, below their face value."""
        sale = Sale("prod_credits", "API credits, a year", paid, taxed=False)
        invoice = self.invoice(customer, when, [sale])
        self.pay(customer, when, invoice)
        year = add_months(when, 12)
        grant = self.grant_credits(
            customer, when, amount, year, category="paid", name="API credits"
        )
        self.tables["billing_credit_grant_metadata"] += [
            {"credit_grant_id": grant["id"], "key": key, "value": value}
            for key, value in (("cost_basis", cost_basis), ("invoice_id", invoice["id"]))
        ]
        return grant

    def bill_calls(
        self, customer: Row, when: datetime, amount: int, grant: Row, credits: int
    ) -> Row:
        """An invoice of the month before; credits pay a part of it, and its total is the rest."""
        month = (add_months(when, -1), when)
        invoice = self.invoice(customer, when, [Sale("prod_api", "API calls", amount, month)])
        self.move_credits(grant, when, "credits_applied", credits, invoice)
        self.credited[invoice["id"]] = credits
        invoice["total"] -= credits
        invoice["amount_due"] -= credits
        self.left[invoice["id"]] -= credits
        self.close(invoice, when)
        return invoice


# --------------------------------------------------------------------------------------------------
# Stories
# --------------------------------------------------------------------------------------------------


def story(a: Account, c: Row, inv: Row, turn: int, when: datetime) -> bool:
    """What happens to the customer's invoice number `turn`; true where that settles its payment.

    One customer per story, by its number in the list.
    """

    def paid(amount: int = 0) -> Row | None:
        return a.pay(c, when + HOUR, inv, amount)

    def after(days: int, action: Callable[[datetime], object]) -> bool:
        a.at(when + days * DAY, action)
        return True

    def nothing(_: datetime) -> None:
        """Nothing more."""

    month = (when, add_months(when, 1))
    match c["number"], turn:
        case 1, 2:  # Half is refunded, and two months later all of another.
            charge = paid()
            return after(12, lambda t: a.refund(charge, t, charge["amount"] // 2))
        case 1, 4:
            charge = paid()
            return after(40, lambda t: a.refund(charge, t, charge["amount"]))
        case 2, 3:  # The bank cannot take the refund: it comes back.
            charge = paid()
            return after(
                9, lambda t: a.refund(charge, t, 5000, status="failed", failed_at=t + 7 * DAY)
            )
        case 3, 3:
            charge = paid()
            return after(20, lambda t: a.dispute(charge, t, "lost", t + 45 * DAY))
        case 4, 2:
            charge = paid()
            return after(15, lambda t: a.dispute(charge, t, "won", t + 60 * DAY))
        case 6, 5:  # An inquiry takes no money.
            charge = paid()
            a.add(
                "disputes",
                charge_id=charge["id"],
                amount=charge["amount"],
                currency=charge["currency"],
                created=when + 5 * DAY,
                status="warning_closed",
                closed_at=when + 30 * DAY,
            )
            return True
        case 7, 3:  # A quarter is credited before the rest is paid.
            after(3, lambda t: a.credit_note(c, t, inv, 25))
            return after(10, lambda t: a.pay(c, t, inv))
        case 8, 4:  # Half is credited after the payment, to three places.
            charge = paid()
            parts = {"refund": 40, "balance": 40, "outside": 20}
            return after(17, lambda t: a.credit_note(c, t, inv, 50, charge=charge, **parts))
        case 9, 2:  # A credit note is voided, and the invoice paid in full.

            def note_and_void(t: datetime) -> None:
                note = a.credit_note(c, t, inv, 30)
                note["voided_at"] = t + 2 * DAY
                a.left[inv["id"]] += note["amount"]

            after(2, note_and_void)
            return after(6, lambda t: a.pay(c, t, inv))
        case 10, 1:  # A year, of which a quarter is credited and refunded in the fourth month.
            charge = paid()
            return after(100, lambda t: a.credit_note(c, t, inv, 25, refund=100, charge=charge))
        case 11, 1:  # Credit is given, and lies on the invoice that is voided.
            after(20, lambda t: a.change_balance(c, "adjustment", -7500, t))
        case 11, 2:
            return after(33, lambda t: a.void(c, t, inv))
        case 12, 6 | 7:
            after(
                45,
                lambda t: inv.update(
                    status="uncollectible", status_transitions_marked_uncollectible_at=t
                ),
            )
            return after(90, lambda t: a.pay(c, t, inv)) if turn == 7 else True
        case 13, 2:  # The customer owes for something else: the next invoice asks for it.
            after(11, lambda t: a.change_balance(c, "adjustment", 2500, t))
        case 14, 3:  # From the middle of a month a larger plan.
            half = (when + 12 * DAY, month[1])
            for text, amount in (("Unused time", -14200), ("Remaining time on the larger", 28500)):
                sale = Sale("prod_platform", text, amount, half)
                after(12, lambda t, sale=sale: a.item(c, t, sale))
        case 16, 4:  # More is given back than the next invoice asks for.
            sale = Sale("prod_platform", "Credit for outages", -90000, month)
            after(9, lambda t: a.item(c, t, sale))
        case 17, 2:  # Billed with the next invoice, and a mistake that is deleted before.
            good = Sale("prod_support", "Workshop", 45000)
            wrong = Sale("prod_support", "Workshop twice", 45000, (when + 4 * DAY, month[1]))
            after(4, lambda t: a.item(c, t, good))
            after(4, lambda t: a.item(c, t, wrong))
            after(8, lambda t: wrong.item.update(deleted_at=t))
        case 18, 1:  # An invoice without a period, partly paid.
            sale = Sale("prod_onboarding", "Onboarding", 120000)
            after(5, lambda t: a.pay(c, t + DAY, a.invoice(c, t, [sale]), 50000))
        case 19, 1:  # A workshop paid on the spot, later refunded; one that was only authorised.
            charge = a.charge(c, when + 8 * DAY, 25000, description="Workshop")
            after(50, lambda t: a.refund(charge, t, 10000))
            a.charge(c, when + 9 * DAY, 99000, captured=False, description="Deposit")
        case 21, 2 | 3 | 4:  # The first card is refused.
            a.charge(c, when + HOUR, a.left[inv["id"]], inv, status="failed")
            return after(3, lambda t: a.pay(c, t, inv))
    if c["number"] == 22 and inv["status"] == "open":  # Always late, in two parts.
        after(20, lambda t: a.pay(c, t, inv, a.left[inv["id"]] * 6 // 10))
        return after(41, lambda t: a.pay(c, t, inv))
    if c["number"] == 23:  # By cheque.

        def by_cheque(t: datetime) -> None:
            a.left[inv["id"]] = 0
            inv["paid_out_of_band"] = True
            a.close(inv, t)

        return after(25, by_cheque)
    if c["number"] == 24:  # By debit, which takes days: the last one is not there yet.
        due = a.left[inv["id"]]
        if when + 10 * DAY > END:
            a.charge(c, when + DAY, due, inv, status="pending", payment_method_type="sepa_debit")
            return True
        return after(10, lambda t: a.pay(c, t, inv))
    return False


def subscribe(a: Account, c: Row, when: datetime, turn: int = 1) -> None:
    """Bill a period of the platform, and the next one when it begins."""
    months = 12 if c["number"] % 5 == 0 else 1
    until = add_months(when, months)
    price = MONTHLY[c["currency"].upper()] * (10 if months == 12 else 1)
    product = "prod_platform_annual" if months == 12 else "prod_platform"
    discount = {3: 10, 5: 25}.get(c["number"] % 7, 0)
    invoice = a.invoice(c, when, [Sale(product, PRODUCTS[product], price, (when, until), discount)])
    if not story(a, c, invoice, turn, when):
        a.at(when + HOUR, lambda t: a.pay(c, t, invoice))
    a.at(until, lambda t: subscribe(a, c, t, turn + 1))


def sell_credits(a: Account, customers: dict[str, Row], grant: Row) -> None:
    """The invoice of a grant of the Stigg sample, for its price and at its time."""
    customer = customers[grant["customer_id"]]
    exponent = 0 if customer["currency"] == "jpy" else 2
    price = grant["cost_amount"] or float(grant["cost_basis"]) * float(grant["amount_granted"])
    sale = Sale(
        "prod_credits", grant["display_name"], round(float(price) * 10**exponent), taxed=False
    )

    def sell(when: datetime) -> None:
        a.pay(customer, when, a.invoice(customer, when, [sale], id=grant["invoice_id"]))

    a.at(datetime.fromisoformat(grant["effective_at"]), sell)


def use_billing_credits(a: Account) -> None:
    """Two customers of an API: credits pay their invoices, come back from a void, expire."""
    dollars, yen = (
        a.add(
            "customers",
            id=f"cus_{name}",
            email=f"billing@{name.replace('_', '-')}.example",
            currency=currency,
            taxed=False,
        )
        for name, currency in (("fernhill_data", "usd"), ("minato_cloud", "jpy"))
    )
    start = datetime(2026, 4, 3, 9)
    bought = a.sell_billing_credits(dollars, start, 100_000, 80_000, "800.00")
    end = datetime(2026, 5, 31, 9)
    given = a.grant_credits(dollars, start, 5000, end, category="promotional", name="Welcome")
    a.bill_calls(dollars, datetime(2026, 5, 1, 7), 3000, given, 3000)
    a.move_credits(given, end, "credits_expired", 2000)
    a.bill_calls(dollars, datetime(2026, 6, 1, 7), 64_000, bought, 64_000)
    # Too much was billed: void, and the credits pay the right invoice.
    wrong = a.bill_calls(dollars, datetime(2026, 6, 15, 7), 40_000, bought, 36_000)
    a.void(dollars, datetime(2026, 6, 19, 10), wrong)
    a.move_credits(bought, datetime(2026, 6, 19, 10), REINSTATED, 36_000, wrong)
    a.bill_calls(dollars, datetime(2026, 6, 22, 7), 25_000, bought, 25_000)

    bought = a.sell_billing_credits(yen, datetime(2026, 4, 10, 2), 60_000, 54_000, "54000")
    a.bill_calls(yen, datetime(2026, 5, 10, 2), 41_500, bought, 41_500)
    rest = a.bill_calls(yen, datetime(2026, 6, 10, 2), 32_000, bought, 18_500)
    a.pay(yen, datetime(2026, 6, 12, 2), rest)


def sample_account(grants: list[Row]) -> Account:
    """The sample company's account; its customers and some of its invoices are Stigg's."""
    a = Account()
    currencies = {row["customer_id"]: row["cost_currency"] or "USD" for row in reversed(grants)}
    customers: dict[str, Row] = {}
    for number, (name, currency) in enumerate(sorted(currencies.items())):
        taxed = currency != "USD" or number % 3 == 0
        email = f"billing@{name[4:].replace('_', '-')}.example"
        customers[name] = a.add(
            "customers", id=name, email=email, currency=currency.lower(), number=number, taxed=taxed
        )
        start = datetime(2025, 1, 3 + number * 7 % 25, 6 + number % 9)
        first = add_months(start, number * 5 % 11)
        a.at(first, lambda t, c=customers[name]: subscribe(a, c, t))
    for grant in grants:
        if grant["grant_id"] in GRANTS:
            sell_credits(a, customers, grant)
    for name in PRODUCTS:
        a.add("products", id=name, name=PRODUCTS[name], active=True, created=datetime(2024, 12, 1))
        for currency, amount in MONTHLY.items():
            a.add(
                "prices",
                id=f"price_{name[5:]}_{currency.lower()}",
                product_id=name,
                currency=currency.lower(),
                created=datetime(2024, 12, 1),
                unit_amount=amount * (10 if name.endswith("annual") else 1),
                recurring_interval={"prod_platform": "month", "prod_platform_annual": "year"}.get(
                    name
                ),
            )
    for index in range(18):
        when = add_months(datetime(2025, 1, 28, 12), index)
        a.at(
            when,
            lambda t: a.add(
                "balance_transactions",
                source_id=f"po_{t:%Y%m}",
                type="payout",
                amount=-100_000,
                fee=0,
                currency="usd",
                created=t,
            ),
        )
    last = list(customers.values())[-1]
    for sale in (
        Sale("prod_support", "Workshop in June", 60000),
        Sale(
            "prod_support", "Support in July", 30000, (datetime(2026, 6, 27), datetime(2026, 7, 27))
        ),
    ):
        a.at(datetime(2026, 6, 27, 15), lambda t, sale=sale: a.item(last, t, sale))
    a.run()
    # The draft that will bill what is pending on the last day.
    draft = a.add(
        "invoices",
        id="in_draft",
        customer_id=last["id"],
        currency=last["currency"],
        status="draft",
        created=END,
        paid_out_of_band=False,
        total=0,
        subtotal=0,
    )
    for sale in a.pending[last["id"]]:
        sale.item["invoice_id"] = draft["id"]
        a.line(draft, last, sale, END)
    # After all else, so that its rows keep their ids.
    use_billing_credits(a)
    for row in a.tables["customers"]:
        row["balance"] = a.balance[row["id"]]
    check_account(a)
    return a


def check_account(a: Account) -> None:
    """Raise AssertionError where the account does not foot."""
    got: Counter[str] = Counter()
    for row in a.tables["charges"]:
        if row["status"] == "succeeded" and row["captured"] and row["invoice_id"]:
            got[row["invoice_id"]] += row["amount"]
    for row in a.tables["credit_notes"]:
        if not row.get("voided_at"):
            got[row["invoice_id"]] += (
                row["amount"]
                - row["refund_amount"]
                - row["customer_balance_amount"]
                - row["out_of_band_amount"]
            )
    for row in a.tables["invoices"]:
        lines, left = a.lines[row["id"]], a.left[row["id"]]
        if row["status"] == "draft":
            continue
        net = sum(li["amount"] - li["discount_amount"] for li in lines)
        extra = sum(li["tax_amount"] for li in lines if not li["tax_inclusive"])
        assert row["total"] == net + extra - a.credited[row["id"]], row
        assert left >= 0 and (left == 0) == (row["status"] in ("paid", "void")), (row, left)
        if not row["paid_out_of_band"] and row["status"] != "void":
            assert row["amount_due"] == got[row["id"]] + left, (row, got[row["id"]], left)
    balances: Counter[str] = Counter()
    for row in a.tables["billing_credit_balance_transactions"]:
        side = 1 if row["type"] == "credit" else -1
        balances[row["credit_grant_id"]] += side * row[f"{row['type']}_monetary_amount_value"]
    assert all(left >= 0 for left in balances.values()), balances
    changes: Counter[str] = Counter()
    for row in a.tables["customer_balance_transactions"]:
        changes[row["customer_id"]] += row["amount"]
    assert all(row["balance"] == changes[row["id"]] for row in a.tables["customers"])


# --------------------------------------------------------------------------------------------------
# Files
# --------------------------------------------------------------------------------------------------


def text(value: Any) -> Any:
    """A value as the CSV files have it."""
    if isinstance(value, datetime):
        return stamp(value)
    return str(value).lower() if isinstance(value, bool) else value


def write_sample(out: Path) -> dict[str, int]:
    """Write the sample account beside the Stigg sample in `out`; returns rows per file."""
    with (out / "stigg" / "sample_stigg__credit_grants.csv").open(encoding="utf-8") as file:
        account = sample_account(list(csv.DictReader(file)))
    folder = out / "stripe"
    folder.mkdir(parents=True, exist_ok=True)
    written = {}
    for name, columns in COLUMNS.items():
        path = folder / f"sample_stripe__{name}.csv"
        rows = account.tables[name]
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns.split())
            writer.writerows([text(row.get(c)) for c in columns.split()] for row in rows)
        written[path.name] = len(rows)
    return written


BENCH = {
    "invoices": "'in_' || n as id, 'cus_' || n % 50000 as customer_id, 'usd' as currency, "
    "'open' as status, 'N-' || n as number, amount as total, amount as subtotal, 0 as tax, "
    "amount as amount_due, 0 as starting_balance, starts + interval 30 day as due_date, "
    "starts as created, starts as status_transitions_finalized_at, "
    "cast(null as timestamp) as status_transitions_paid_at, "
    "cast(null as timestamp) as status_transitions_voided_at, "
    "cast(null as timestamp) as status_transitions_marked_uncollectible_at, "
    "false as paid_out_of_band",
    "invoice_line_items": "'il_' || n as id, 'in_' || n as invoice_id, "
    "cast(null as varchar) as invoice_item_id, 'si_' || n % 50000 as subscription_item_id, "
    "'price_' || n % 50 as price_id, 'prod_' || n % 20 as product_id, "
    "'Platform, a year' as description, amount, 'usd' as currency, 0 as tax_amount, "
    "false as tax_inclusive, 0 as discount_amount, false as proration, 1 as quantity, "
    "starts as period_start, starts + interval 1 year as period_end",
}


def write_bench(folder: Path, lines: int) -> None:
    """Write an account of `lines` invoices, each with one line of twelve months, as Parquet.

    The lines begin on every second of 2025; the other tables are empty.
    """
    folder.mkdir(parents=True, exist_ok=True)
    source = (
        "select n, 1000 + hash(n) % 99000 as amount, timestamp '2025-01-01' "
        f"+ to_seconds(cast(hash(n, 1) % 31536000 as bigint)) as starts from range({lines}) t(n)"
    )
    with duckdb.connect() as db:
        for name, columns in COLUMNS.items():
            empty = ", ".join(f"cast(null as varchar) as {c}" for c in columns.split())
            query = (
                f"select {BENCH[name]} from ({source})"
                if name in BENCH
                else f"select {empty} where false"
            )
            db.execute(f"copy ({query}) to '{folder / name}.parquet' (format parquet)")


def main(arguments: Sequence[str] | None = None) -> None:
    """Write what the command line asks for, and print it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT)
    parser.add_argument("--lines", type=int, help="for the benchmark: this many invoices")
    parser.add_argument("--folder", type=Path, help="where those go")
    options = parser.parse_args(arguments)
    if (options.lines is None) != (options.folder is None):
        parser.error("--lines and --folder go together")
    if options.lines is not None:
        write_bench(options.folder, options.lines)
        print(f"{options.lines:,} invoices of one line in {options.folder}")
        return
    for name, rows in write_sample(options.out).items():
        print(f"  {rows:>6,} rows  {name}")


if __name__ == "__main__":
    main()
