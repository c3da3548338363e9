"""Seeded random companies with invoiced services, as raw tables of the generic room.

Every row can be booked: what cannot is the matter of other tests. The id of a customer names the
answers of the policies for it (`Policy`), as `service_project` reads them. The same seed gives the
same company on every machine.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

import service_oracle
from histories import CURRENCIES, END, START, close_instants, some_recording
from service_oracle import DEFAULT_TREATMENT, GRANULARITIES, ROUNDINGS, Policy, Treatments

Tables = dict[str, list[dict[str, Any]]]

DAY = timedelta(days=1)
FIRST_START, LAST_START = date(2019, 1, 1), date(2032, 12, 31)
TEN_YEARS = 3653
LEAP_DAYS = [date(year, 2, 29) for year in (2020, 2024, 2028, 2032)]
SCHEDULES = list(product(GRANULARITIES, ROUNDINGS))
CATCH_UPS = ("in_booked_period", "own_period_unbilled", "own_period_deferred")
RECOVERIES = ("restore", "as_gains")
TIMINGS = ("earlier_periods", "earlier_periods", "through_current_period")
TREATMENTS: dict[str, Treatments] = {
    "deferred": (("defer", Fraction(1)),),
    "resold": (("amortise_service_period", Fraction(7, 10)), ("passthrough", Fraction(3, 10))),
    "credits": (("credit_purchase", Fraction(1)),),
}
"""What the rules make of a line, by its product; any other line is amortised."""
RULES = [
    {
        "rule_priority": str(priority),
        "rule_name": product_id,
        "known_at": "2018-01-01",
        "product_id": product_id,
        "treatment": treatment,
        "allocation_percent": str(int(100 * share)),
    }
    for priority, (product_id, treatments) in enumerate(TREATMENTS.items(), start=1)
    for treatment, share in treatments
]
"""The same as rows of recognition_rules."""
TABLES = (
    "service_lines",
    "invoices",
    "line_events",
    "line_event_splits",
    "settlements",
    "fulfilments",
    "customer_balances",
)


def policy_of(customer_id: str) -> Policy:
    """The policies that the id of a customer names."""
    return Policy(*customer_id.split(":")[1:6])


def treatments_of(line: dict[str, Any]) -> Treatments:
    """The treatments of a raw line."""
    return TREATMENTS.get(line.get("product_id"), DEFAULT_TREATMENT)


def customer_name(number: int, policy: Policy) -> str:
    """An id that names the policies of a customer."""
    answers = (
        policy.granularity,
        policy.rounding,
        policy.catch_up,
        policy.recovery,
        policy.reversal_timing,
    )
    return ":".join([f"c{number:04d}", *answers])


def some_amount(rng: random.Random) -> int:
    """Minor units, not zero: small ones to round, large ones to overflow."""
    size = rng.choice([7, 100, 3000, 100_000, 10_000_000, 10**11])
    sign = -1 if rng.random() < 0.15 else 1
    return sign * rng.randint(1, size)


def some_length(rng: random.Random) -> int:
    """Days of a service, none and ten years too."""
    few, many = rng.randint(1, 40), rng.randint(1, 400)
    months = rng.choice([28, 29, 30, 31, 365, 366])
    return rng.choice([0, 1, few, months, months, many, rng.randint(1, TEN_YEARS), TEN_YEARS])


def some_start(rng: random.Random, near: date) -> date:
    """The first day of a service: mostly about the day of its invoice."""
    pick = rng.random()
    if pick < 0.08:
        return rng.choice(LEAP_DAYS)
    if pick < 0.2:
        return FIRST_START + timedelta(days=rng.randint(0, (LAST_START - FIRST_START).days))
    if pick < 0.4:
        return near.replace(day=1)
    return near + timedelta(days=rng.randint(-75, 75))


def some_period(rng: random.Random, near: date) -> dict[str, Any]:
    """The columns of a service period: none, days, or instants that may be a second apart."""
    pick = rng.random()
    if pick < 0.12:
        return {}
    starts_on = some_start(rng, near)
    ends_on = starts_on + timedelta(days=some_length(rng))
    if pick < 0.6:
        return {"service_starts_on": starts_on, "service_ends_on": ends_on}
    starts_at = datetime.combine(starts_on, datetime.min.time())
    starts_at += timedelta(seconds=rng.choice([0, 43200, 86399, rng.randint(0, 86399)]))
    seconds = rng.choice([0, 43200, rng.randint(1, 86400)]) + 86400 * (ends_on - starts_on).days
    ends_at = starts_at + timedelta(seconds=max(seconds, 1) if rng.random() < 0.9 else 1)
    return {"service_starts_at": starts_at, "service_ends_at": ends_at}


class Customer:
    """One customer, its invoices and what happens to them."""

    def __init__(self, rng: random.Random, number: int, policy: Policy, closes: list[dict]) -> None:
        """A customer without a history."""
        self.rng = rng
        self.policy = policy
        self.customer_id = customer_name(number, policy)
        self.prefix = f"c{number:04d}"
        self.currency = rng.choice(sorted(CURRENCIES))
        self.instants = close_instants(closes)
        self.tables: Tables = {name: [] for name in TABLES}
        self.taken: set[datetime] = set()

    def major(self, amount: int) -> Decimal:
        """Minor units as the raw tables have them."""
        return Decimal(amount).scaleb(-CURRENCIES[self.currency])

    def moment(self, low: datetime, high: datetime = END + 20 * DAY) -> datetime:
        """An instant that nothing else of this customer has."""
        while True:
            seconds = max(int((high - low).total_seconds()), 1)
            found = low + timedelta(seconds=self.rng.randint(1, seconds))
            if found not in self.taken:
                self.taken.add(found)
                return found

    def recorded(self, happened: datetime) -> datetime | None:
        """When the source recorded it, never before."""
        known = some_recording(self.rng, happened, self.instants)
        return known if known is None or known >= happened else happened

    def key(self, table: str) -> str:
        """An id for the next row of a table."""
        return f"{self.prefix}-{table[:4]}-{len(self.tables[table])}"

    # Lines.

    def line(self, booked_at: datetime | None, **columns: Any) -> dict[str, Any]:
        """A line, not on an invoice yet."""
        near = (booked_at or columns["unbilled_at"]).date()
        amount = some_amount(self.rng)
        tax = amount * self.rng.choice([0, 0, 7, 19]) // 100 if booked_at is not None else 0
        row = {
            "line_id": self.key("service_lines"),
            "invoice_id": None,
            "customer_id": self.customer_id,
            "currency": self.currency,
            "amount": self.major(amount),
            "tax_amount": self.major(tax) if tax or self.rng.random() < 0.5 else None,
            "booked_at": booked_at,
            "billing_account": "accounts_receivable",
            "product_id": self.some_product(),
            **some_period(self.rng, near),
            **columns,
        }
        self.tables["service_lines"].append(row)
        if row["product_id"] == "deferred" and booked_at is not None:
            self.fulfil(row, amount, booked_at)
        return row

    def some_product(self) -> str | None:
        """A product for which there is a rule, now and then."""
        return self.rng.choice(sorted(TREATMENTS)) if self.rng.random() < 0.2 else None

    def fulfil(self, line: dict[str, Any], amount: int, booked_at: datetime) -> None:
        """A deferred line is fulfilled in up to four parts, which may be more than it."""
        for _ in range(self.rng.choice([0, 1, 2, 4])):
            at = self.moment(booked_at - 40 * DAY)
            part = self.rng.choice([1, 2, 3])
            self.tables["fulfilments"].append(
                {
                    "fulfilment_id": self.key("fulfilments"),
                    "line_id": line["line_id"],
                    "fulfilled_on": at.date(),
                    "currency": self.currency,
                    "amount": self.major(amount // part),
                    "known_at": self.recorded(at),
                }
            )

    def invoice(self, booked_at: datetime) -> tuple[str, list[dict[str, Any]]]:
        """An invoice with one to four lines, some of which may have been pending before."""
        invoice_id = self.key("invoices")
        known = self.recorded(booked_at)
        lines = []
        for _ in range(self.rng.choice([1, 1, 2, 3, 4])):
            columns: dict[str, Any] = {"invoice_id": invoice_id, "booked_known_at": known}
            if self.rng.random() < 0.2 and self.policy.catch_up != "own_period_deferred":
                columns["unbilled_at"] = self.moment(booked_at - 90 * DAY, booked_at)
                columns["known_at"] = columns["unbilled_at"]
            else:
                columns["known_at"] = known
            lines.append(self.line(booked_at, **columns))
        total = sum((row["amount"] + (row["tax_amount"] or 0) for row in lines), Decimal())
        if total and self.rng.random() < 0.08:
            # The invoice nets to zero.
            columns = {"invoice_id": invoice_id, "booked_known_at": known, "known_at": known}
            line = self.line(booked_at, product_id=None, **columns)
            line |= {"amount": -total, "tax_amount": None}
            lines.append(line)
            total = Decimal()
        self.tables["invoices"].append(
            {
                "invoice_id": invoice_id,
                "customer_id": self.customer_id,
                "currency": self.currency,
                "total": total,
                "booked_at": booked_at,
                "due_at": booked_at + 30 * DAY,
            }
        )
        return invoice_id, lines

    # Events and settlements.

    def event(self, event_type: str, at: datetime, **columns: Any) -> dict[str, Any]:
        """A row of line_events."""
        row = {
            "event_id": self.key("line_events"),
            "event_type": event_type,
            "customer_id": self.customer_id,
            "currency": self.currency,
            "settlement_account": "accounts_receivable",
            "effective_at": at,
            "known_at": self.recorded(at),
            **{column: None for column in ("restores_event_id", "invoice_id", "line_id", "amount")},
            **columns,
        }
        self.tables["line_events"].append(row)
        return row

    def settlement(
        self, kind: str, at: datetime, invoice_id: str | None, amount: int | None
    ) -> None:
        """A row of settlements."""
        self.tables["settlements"].append(
            {
                "settlement_id": self.key("settlements"),
                "settlement_type": kind,
                "invoice_id": invoice_id,
                "customer_id": self.customer_id,
                "currency": self.currency,
                "amount": None if amount is None else self.major(amount),
                "effective_at": at,
                "known_at": self.recorded(at),
            }
        )

    def some_part(self, total: int) -> int:
        """A positive amount: all of it, a part, or more than there is."""
        total = max(abs(total), 1)
        return self.rng.choice(
            [total, total, self.rng.randint(1, total), max(total // 2, 1), total + 5]
        )

    def split(self, event: dict[str, Any], lines: list[dict[str, Any]]) -> None:
        """The source's own split of an event: a part of each of some lines."""
        total = Decimal()
        for row in self.rng.sample(lines, self.rng.randint(1, len(lines))):
            if row["amount"] <= 0:
                continue
            share = self.rng.choice([Decimal(1), Decimal("0.5"), Decimal("0.1")])
            columns = {}
            for column in ("amount", "tax_amount"):
                whole = row[column] or Decimal()
                columns[column] = (whole * share).quantize(whole, rounding="ROUND_DOWN")
            total += sum(columns.values())
            self.tables["line_event_splits"].append(
                {
                    "split_id": self.key("line_event_splits"),
                    "event_id": event["event_id"],
                    "line_id": row["line_id"],
                    "currency": self.currency,
                    **columns,
                }
            )
        event["amount"] = total
        if not total:
            rows = self.tables["line_event_splits"]
            rows[:] = [row for row in rows if row["event_id"] != event["event_id"]]
            self.tables["line_events"].remove(event)

    def happen(
        self, subject: dict[str, Any], lines: list[dict[str, Any]], booked_at: datetime
    ) -> None:
        """A few things happen to an invoice or a standalone line, in any order."""
        rng = self.rng
        exponent = CURRENCIES[self.currency]
        gross = sum((row["amount"] + (row["tax_amount"] or 0) for row in lines), Decimal())
        total = int(gross.scaleb(exponent))
        invoice_id = subject.get("invoice_id")
        at, done = booked_at, set()
        for _ in range(rng.choice([0, 1, 2, 2, 3, 4, 6])):
            at = self.moment(at, min(at + 150 * DAY, END + 20 * DAY))
            if at > END + 19 * DAY:
                return
            kinds = ["refund", "dispute"]
            if invoice_id is not None:
                kinds += ["credit_note", "credit_note", "payment", "payment", "balance_applied"]
                kinds += ["void", "uncollectible", "out_of_band_payment", "processing_fee"]
            if "uncollectible" in done:
                kinds += ["credit_note"] * 8
            kind = rng.choice([kind for kind in kinds if kind not in done])
            if kind in ("payment", "balance_applied", "processing_fee", "out_of_band_payment"):
                amount = None if kind == "out_of_band_payment" else self.some_part(total)
                # Only the customer balance pays backwards.
                if kind == "balance_applied" and (total < 0 or rng.random() < 0.2):
                    amount = -amount
                self.settlement(kind, at, invoice_id, amount)
                continue
            if kind in ("void", "uncollectible"):
                done.add(kind)
                self.event(kind, at, **subject)
                continue
            if total > 0:
                self.reverse(kind, at, subject, lines, total, "uncollectible" in done)

    def reverse(
        self,
        kind: str,
        at: datetime,
        subject: dict[str, Any],
        lines: list[dict[str, Any]],
        total: int,
        is_written_off: bool,
    ) -> None:
        """A refund, dispute or credit note, which may be undone later."""
        rng = self.rng
        account = "cash"
        if kind == "credit_note":
            accounts = ["customer_balance", "external_customer_balance", "accounts_receivable"]
            # What was written off is credited on the receivable.
            account = "accounts_receivable" if is_written_off else rng.choice(accounts)
        amount = self.major(self.some_part(total))
        event = self.event(kind, at, amount=amount, settlement_account=account, **subject)
        if kind == "credit_note" and rng.random() < 0.4:
            self.split(event, lines)
            if event["amount"] == 0:
                return
        if rng.random() < 0.35:
            undone = {
                "refund": "refund_failed",
                "dispute": "dispute_won",
                "credit_note": "credit_note_voided",
            }[kind]
            later = self.moment(at, at + 120 * DAY)
            self.event(
                undone,
                later,
                restores_event_id=event["event_id"],
                amount=event["amount"],
                settlement_account=account,
                **subject,
            )

    # A whole customer.

    def live(self, invoices: int) -> None:
        """Invoices, payments without one, pending items and the customer balance."""
        rng = self.rng
        for _ in range(invoices):
            booked_at = self.moment(START, END + 10 * DAY)
            pick = rng.random()
            if pick < 0.75:
                invoice_id, lines = self.invoice(booked_at)
                self.happen({"invoice_id": invoice_id}, lines, booked_at)
            elif pick < 0.87:
                known = self.recorded(booked_at)
                columns = {"booked_known_at": known, "known_at": known, "billing_account": "cash"}
                line = self.line(booked_at, **columns)
                self.happen({"line_id": line["line_id"]}, [line], booked_at)
            elif self.policy.catch_up != "own_period_deferred":
                line = self.line(None, unbilled_at=booked_at, known_at=self.recorded(booked_at))
                if rng.random() < 0.5:
                    at = self.moment(booked_at)
                    subject = {
                        "line_id": line["line_id"],
                        "settlement_account": "unbilled_receivable",
                    }
                    self.event("item_deleted", at, **subject)
        if rng.random() < 0.3:
            at = self.moment(START, END)
            self.settlement("balance_adjusted", at, None, some_amount(rng))


def random_company(seed: int, customers: int, closes: list[dict], invoices: int = 3) -> Tables:
    """A company whose customers go through all granularities with all roundings.

    Args:
        seed: of the random numbers.
        customers: how many; 30 have every schedule once.
        closes: the close calendar, whose instants recordings like to be near.
        invoices: per customer; payments without one count too.
    """
    rng = random.Random(seed)
    tables: Tables = {name: [] for name in TABLES}
    for number in range(customers):
        granularity, rounding = SCHEDULES[number % len(SCHEDULES)]
        policy = Policy(
            granularity,
            rounding,
            rng.choice(CATCH_UPS),
            rng.choice(RECOVERIES),
            rng.choice(TIMINGS),
        )
        customer = Customer(rng, number, policy, closes)
        customer.live(invoices)
        for name, rows in customer.tables.items():
            tables[name] += rows
    for rows in tables.values():
        rng.shuffle(rows)
    return tables


def every_start_day(seed: int) -> Tables:
    """A line for every first day of 2019 to 2032, invoiced about then, each month another policy.

    Nothing happens to them: this is about schedules.
    """
    rng = random.Random(seed)
    tables: Tables = {name: [] for name in TABLES}
    customers: dict[int, Customer] = {}
    for offset in range((LAST_START - FIRST_START).days + 1):
        starts_on = FIRST_START + timedelta(days=offset)
        number = rng.randrange(4 * len(SCHEDULES))
        if number not in customers:
            schedule = SCHEDULES[number % len(SCHEDULES)]
            customers[number] = Customer(rng, number, Policy(*schedule, rng.choice(CATCH_UPS)), [])
        booked_at = datetime.combine(starts_on, datetime.min.time())
        booked_at += timedelta(days=rng.choice([0, 0, 0, -20, 40]), hours=9)
        customers[number].line(
            booked_at,
            service_starts_on=starts_on,
            service_ends_on=starts_on + timedelta(days=some_length(rng)),
            service_starts_at=None,
            service_ends_at=None,
            known_at=booked_at,
        )
    for customer in customers.values():
        for name, rows in customer.tables.items():
            tables[name] += rows
    return tables


def shuffled(tables: Tables, seed: int) -> Tables:
    """The same rows in another order."""
    rng = random.Random(seed)
    return {name: rng.sample(rows, len(rows)) for name, rows in tables.items()}


def known_before(tables: Tables, instant: datetime) -> Tables:
    """The company as its export was just before an instant.

    What was not recorded yet is missing, and an item that was not billed yet is pending.
    """

    def since(row: dict[str, Any], *columns: str) -> bool:
        """Whether the row was there, by the first of these columns that is filled."""
        return next(row[column] for column in columns if row.get(column) is not None) < instant

    lines = [
        row
        if row["booked_at"] is None or since(row, "booked_known_at", "booked_at")
        # The tax comes with the invoice.
        else {
            **row,
            "booked_at": None,
            "booked_known_at": None,
            "invoice_id": None,
            "tax_amount": None,
        }
        for row in tables["service_lines"]
        if since(row, "known_at", "unbilled_at", "booked_at")
    ]
    billed = {row["invoice_id"] for row in lines}
    events, settlements = (
        [row for row in tables[name] if since(row, "known_at", "effective_at")]
        for name in ("line_events", "settlements")
    )
    known_events = {row["event_id"] for row in events}
    return {
        **tables,
        "service_lines": lines,
        "invoices": [row for row in tables["invoices"] if row["invoice_id"] in billed],
        "line_events": events,
        "line_event_splits": [
            row for row in tables["line_event_splits"] if row["event_id"] in known_events
        ],
        "settlements": settlements,
        "fulfilments": [
            row
            for row in tables["fulfilments"]
            if (row["known_at"] or datetime.combine(row["fulfilled_on"], datetime.min.time()))
            < instant
        ],
    }


def negated(tables: Tables) -> Tables:
    """The company with every line's amounts of the other sign; events stay as they are."""
    return {
        **tables,
        "service_lines": [
            {
                **row,
                "amount": -row["amount"],
                "tax_amount": None if row["tax_amount"] is None else -row["tax_amount"],
            }
            for row in tables["service_lines"]
        ],
    }


def books_of(
    tables: Tables, closes: Iterable[dict], as_of_date: date, **more: Any
) -> service_oracle.Books:
    """The oracle's books of a random company."""
    return service_oracle.build_books(
        tables,
        closes,
        CURRENCIES,
        policy_of,
        as_of_date=as_of_date,
        treatments_of=treatments_of,
        **more,
    )
