"""Seeded random companies with metered usage, as raw tables of the meter.

A product has a chain of rate schedules for everyone, with changes inside billing periods and
sometimes a gap; a customer may have one of its own for a while. The id of a customer names the
answers of the policies for it (`Policy`), as `usage_project` reads them. The same seed gives the
same company on every machine.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import usage_oracle
import usage_rows
from histories import (
    CURRENCIES,
    END,
    START,
    close_instants,
    some_instant,
    some_recording,
)
from usage_oracle import AGGREGATIONS, MODELS, Period, Policy

Tables = dict[str, list[dict[str, Any]]]

DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)
FIRST_RATE = datetime(2024, 1, 1)
RECOGNITIONS = ("right_to_invoice", "right_to_invoice", "estimate_constrained", "at_period_end")
LIMITS = ("refuse", "refuse", "allow")
SHORTFALLS = ("usage_revenue", "breakage_revenue", "at_invoice")
REVERSALS = ("on_invoice", "on_invoice", "start_of_next_period")
INTERVALS = (None, None, "month", "month", "week", "quarter", "year", "day")
RATINGS = list(product(sorted(MODELS), sorted(AGGREGATIONS)))
RAW_TABLES = (
    "usage_events",
    "rate_schedules",
    "rate_tiers",
    "subscriptions",
    "usage_invoices",
)
FINANCE_TABLES = ("usage_estimates", "usage_commitments", "credit_conversions")
CREDIT_TABLES = ("credit_grants", "credit_ledger")
TABLES = (*RAW_TABLES, *FINANCE_TABLES, *CREDIT_TABLES)
UNRATED, BROKEN = "unrated", "broken"
"""A product without a schedule, and one with a faulty one."""
TWICE, IDLE = 5, 7
"""Of six customers one may have two subscriptions; of fifteen, one commits and uses nothing."""


def policy_of(customer_id: str) -> Policy:
    """The policies that the id of a customer names; an example has the defaults."""
    if customer_id in usage_rows.RETROACTIVE:
        return Policy(limits="allow")
    return Policy(*customer_id.split(":")[1:5])


def customer_name(number: int, policy: Policy) -> str:
    """An id that names the policies of a customer."""
    answers = (policy.recognition, policy.limits, policy.shortfall, policy.reversal)
    return ":".join([f"u{number:04d}", *answers])


def decimal_of(rng: random.Random, size: int, places: int) -> Decimal:
    """A number below `size` with so many decimals."""
    return Decimal(rng.randint(0, size * 10**places)).scaleb(-places)


# --------------------------------------------------------------------------------------------------
# Rates
# --------------------------------------------------------------------------------------------------


def some_unit_amount(rng: random.Random, currency: str) -> Decimal:
    """A price: whole, in cents, or with twelve decimals."""
    places = rng.choice([0, 1, CURRENCIES[currency], 3, 12])
    return decimal_of(rng, rng.choice([1, 3, 20]), places)


def some_tiers(rng: random.Random, model: str, currency: str) -> list[dict[str, Any]]:
    """Tiers without a fault; only the last has no end."""
    count = 1 if model == "per_unit" else rng.choice([1, 2, 3, 4])
    ends: list[Decimal | None] = []
    low = Decimal(0)
    for _ in range(count - 1):
        low += rng.choice([Decimal(10), Decimal(100), decimal_of(rng, 300, 2) + 1, Decimal("0.5")])
        ends.append(low)
    tiers = []
    for number, up_to in enumerate([*ends, None], start=1):
        flat = decimal_of(rng, 30, rng.choice([0, 2, 5])) if rng.random() < 0.3 else None
        unit = None if flat is not None and rng.random() < 0.1 else some_unit_amount(rng, currency)
        size = rng.choice([Decimal(1), Decimal(7), Decimal(100), Decimal("2.5")])
        tiers.append(
            {
                "tier": 10 * number,
                "up_to": up_to,
                "unit_amount": unit,
                "flat_amount": flat,
                "package_size": size if model == "package" else None,
            }
        )
    return tiers


class Product:
    """A product and what rates it for everyone."""

    def __init__(self, rng: random.Random, number: int, tables: Tables) -> None:
        """A chain of up to three schedules."""
        self.rng, self.tables = rng, tables
        self.model, self.aggregation = RATINGS[number % len(RATINGS)]
        self.product_id = f"p{number:03d}"
        self.currency = rng.choice(sorted(CURRENCIES))
        self.interval = rng.choice(INTERVALS)
        # What is carried on for ever has an entry in every billing period.
        if self.aggregation == "last_ever" and self.interval in (None, "day", "week"):
            self.interval = rng.choice(["month", "month", "quarter"])
        edges = sorted(some_instant(rng, START, END) for _ in range(rng.choice([0, 0, 0, 1, 2])))
        starts_at = FIRST_RATE
        for edge in [*dict.fromkeys(edges), None]:
            self.schedule(None, starts_at, edge)
            # What goes on from billing period to billing period has a rate at any time.
            has_gap = rng.random() < 0.3 and self.aggregation != "last_ever"
            if edge is not None:
                starts_at = edge + (rng.randint(1, 20) * DAY if has_gap else timedelta())
                if any(edge < other <= starts_at for other in edges):
                    return

    def schedule(
        self, customer_id: str | None, starts_at: datetime, ends_at: datetime | None
    ) -> None:
        """A schedule; now and then the model changes with it."""
        rows = self.tables["rate_schedules"]
        name = f"r{len(rows):04d}"
        is_other = customer_id is not None or (ends_at is not None and self.rng.random() < 0.6)
        model = self.rng.choice(sorted(MODELS)) if is_other else self.model
        rows.append(
            {
                "rate_schedule_id": name,
                "product_id": self.product_id,
                "customer_id": customer_id,
                "currency": self.currency,
                "model": model,
                "aggregation": self.aggregation,
                "billing_interval": self.interval,
                "effective_from": starts_at,
                "effective_to": ends_at,
            }
        )
        for tier in some_tiers(self.rng, model, self.currency):
            self.tables["rate_tiers"].append({"rate_schedule_id": name, **tier})


def broken_schedule(
    tables: Tables, name: str, product_id: str, currency: str, customer_id: str | None = None
) -> None:
    """A schedule whose only tier has an end."""
    tables["rate_schedules"].append(
        {
            "rate_schedule_id": name,
            "product_id": product_id,
            "customer_id": customer_id,
            "currency": currency,
            "model": "graduated",
            "aggregation": "sum",
            "effective_from": FIRST_RATE,
        }
    )
    tables["rate_tiers"].append(
        {"rate_schedule_id": name, "tier": 1, "up_to": Decimal(10), "unit_amount": Decimal(1)}
    )


def some_end(rng: random.Random) -> datetime:
    """When a subscription ends; half of the time it is the month's end in some time zone."""
    if rng.random() < 0.5:
        return END - rng.randint(-30, 200) * DAY
    month = datetime(*rng.choice([(2025, 9), (2025, 12), (2026, 3), (2026, 5)]), 1)
    return month + rng.choice([0, 0, -1800, 43200, -43200]) * timedelta(seconds=1)


# --------------------------------------------------------------------------------------------------
# A customer
# --------------------------------------------------------------------------------------------------


class Customer:
    """One customer and its use of a product."""

    def __init__(self, rng: random.Random, number: int, sold: Product, closes: list[dict]) -> None:
        """A customer who has used nothing yet."""
        self.rng, self.sold = rng, sold
        self.policy = Policy(
            rng.choice(RECOGNITIONS),
            rng.choice(LIMITS),
            rng.choice(SHORTFALLS),
            rng.choice(REVERSALS),
        )
        self.customer_id = customer_name(number, self.policy)
        self.prefix = f"u{number:04d}"
        self.instants = close_instants(closes)
        self.tables: Tables = {name: [] for name in TABLES}
        self.subscriptions = [self.subscribe()]
        if self.subscriptions != [None] and number % 6 == TWICE:
            self.subscriptions.append(self.subscribe())
        self.taken: set[datetime] = set()

    def subscribe(self) -> str | None:
        """A subscription with an anchor, one without, or none."""
        rng = self.rng
        count = len(self.tables["subscriptions"])
        pick = rng.uniform(0.3 if count else 0, 1)
        if pick < 0.3:
            return None
        day = rng.choice([1, 15, 28, 29, 30, 31])
        anchor = datetime(rng.choice([2024, 2025]), rng.choice([1, 3, 5, 8, 10, 12]), day)
        if rng.random() < 0.6:
            anchor += timedelta(seconds=rng.randint(1, 86399))
        elif rng.random() < 0.3:
            anchor += DAY - MICROSECOND
        name = f"{self.prefix}-s{count}"
        self.tables["subscriptions"].append(
            {
                "subscription_id": name,
                "customer_id": self.customer_id,
                "billing_anchor": anchor if pick < 0.8 else None,
                "billing_interval": rng.choice([None, "month", "quarter", "week"]),
                "started_at": anchor + 3 * DAY if pick < 0.9 else None,
                "ended_at": some_end(rng) if rng.random() < 0.4 else None,
            }
        )
        return name

    def key(self, table: str) -> str:
        """An id for the next row of a table."""
        return f"{self.prefix}-{table[:7]}-{len(self.tables[table])}"

    def recorded(self, happened: datetime) -> datetime | None:
        """When the meter recorded it; no two rows of a customer at once."""
        known = some_recording(self.rng, happened, self.instants)
        while known is not None and known in self.taken:
            known += timedelta(seconds=7)
        if known is not None:
            self.taken.add(known)
        return known

    # Use.

    def some_quantity(self) -> Decimal:
        """What an event says; small numbers repeat, corrections are negative."""
        rng = self.rng
        found = rng.choice(
            [
                Decimal(rng.choice([1, 2, 5, 10])),
                Decimal(rng.randint(1, 300)),
                decimal_of(rng, 500, 2),
                decimal_of(rng, 40, 9),
                Decimal(rng.randint(100, 50_000)),
                Decimal(0),
            ]
        )
        return -found if rng.random() < 0.12 else found

    def use(self, count: int) -> None:
        """Events of a few billing periods."""
        rng = self.rng
        middle = some_instant(rng, START, END)
        for _ in range(count):
            at = middle + rng.randint(-45 * 86400, 45 * 86400) * timedelta(seconds=1)
            if rng.random() < 0.2:
                at = some_instant(rng, START, END + 5 * DAY)
            self.event(at)
        if rng.random() < 0.3:
            self.copy()
        if rng.random() < 0.3:
            self.retry()

    def event(self, at: datetime, **columns: Any) -> dict[str, Any]:
        """A row of usage_events."""
        row = {
            "event_id": self.key("usage_events"),
            "customer_id": self.customer_id,
            "product_id": self.sold.product_id,
            "subscription_id": self.rng.choice(self.subscriptions),
            "quantity": self.some_quantity(),
            "occurred_at": at,
            "recorded_at": self.recorded(at),
            "idempotency_key": None,
            **columns,
        }
        self.tables["usage_events"].append(row)
        return row

    def known(self, row: dict[str, Any]) -> datetime:
        """When an event was recorded."""
        return row["recorded_at"] or row["occurred_at"]

    def copy(self) -> None:
        """An event arrives again: as it was, or saying something else later."""
        row = dict(self.rng.choice(self.tables["usage_events"]))
        if self.rng.random() < 0.5:
            row["quantity"] += 1
            row["recorded_at"] = self.known(row) + self.rng.randint(1, 90) * DAY
        self.tables["usage_events"].append(row)

    def retry(self) -> None:
        """The client sends an event again under another id and the same idempotency key."""
        row = self.rng.choice(self.tables["usage_events"])
        copies = [r for r in self.tables["usage_events"] if r["event_id"] == row["event_id"]]
        if len(copies) > 1:
            return
        row["idempotency_key"] = f"{self.prefix}-key"
        late = self.known(row) + self.rng.randint(1, 10**7) * timedelta(seconds=1)
        self.event(
            row["occurred_at"],
            quantity=row["quantity"],
            recorded_at=late,
            idempotency_key=row["idempotency_key"],
        )

    def fault(self, number: int) -> None:
        """An event that cannot be in the books; each number has another reason."""
        rng = self.rng
        at = some_instant(rng, START, END)
        faults: list[dict[str, Any]] = [
            {"event_id": None},
            {"quantity": None},
            {"quantity": Decimal(10**11)},
            {"occurred_at": None},
            {"customer_id": None},
            {"product_id": None},
            {"occurred_at": datetime(1999, 12, 31), "recorded_at": None},
            {"subscription_id": "nobody's"},
            {"product_id": UNRATED},
            {"product_id": BROKEN},
            {"recorded_at": END - 100 * DAY, "occurred_at": END + 3 * DAY},
        ]
        self.event(at, **faults[number % len(faults)])

    # What it costs.

    def own_rate(self) -> None:
        """The customer has a schedule of its own for a while."""
        edges = sorted(some_instant(self.rng, START, END) for _ in range(2))
        if edges[0] < edges[1]:
            last = None if self.rng.random() < 0.3 else edges[1]
            self.sold.schedule(self.customer_id, edges[0], last)

    def commit(self, *, is_idle: bool = False) -> None:
        """Allowances, minimums, or both; now and then for what nobody uses.

        Args:
            is_idle: there is a minimum, whatever else.
        """
        rng = self.rng
        subscriptions = list(self.subscriptions)
        if rng.random() < 0.15 and not self.tables["credit_ledger"]:
            # Of usage that names no subscription, or of a subscription that nobody knows.
            subscriptions.append(rng.choice([None, None, "nobody's"]))
        for subscription_id in dict.fromkeys(subscriptions):
            starts_at = datetime(2025, rng.randint(1, 6), rng.choice([1, 15]), rng.choice([0, 12]))
            places = CURRENCIES[self.sold.currency]
            minimum = decimal_of(rng, rng.choice([10, 500]), places) + rng.choice([0, 1])
            has_minimum = is_idle or rng.random() < 0.7
            length = rng.randint(60, 400) if rng.random() < 0.4 else None
            if self.sold.interval in ("day", "week"):
                length = rng.randint(20, 90)
            self.tables["usage_commitments"].append(
                {
                    "commitment_id": self.key("usage_commitments"),
                    "customer_id": self.customer_id,
                    "product_id": self.sold.product_id,
                    "subscription_id": subscription_id,
                    "effective_from": starts_at,
                    "effective_to": None if length is None else starts_at + length * DAY,
                    "included_quantity": (
                        decimal_of(rng, 100, 1) if not has_minimum or rng.random() < 0.5 else None
                    ),
                    "minimum_amount": minimum if has_minimum else None,
                    "currency": self.sold.currency,
                    "known_at": starts_at + rng.choice([-10, -10, 60]) * DAY,
                }
            )

    def estimate(self, periods: Iterable[Period]) -> None:
        """Estimates for some billing periods or for all, and better ones later."""
        rng = self.rng
        for period in rng.sample(found := list(periods), min(len(found), 3)):
            for _ in range(rng.choice([1, 2, 3])):
                has_quantity = rng.random() < 0.5
                shift = rng.randint(-20 * 86400, 100 * 86400)
                known = period.key.starts_at + shift * timedelta(seconds=1)
                self.tables["usage_estimates"].append(
                    {
                        "product_id": self.sold.product_id,
                        "customer_id": self.customer_id if rng.random() < 0.8 else None,
                        "billing_period_starts_on": (
                            period.starts_on if rng.random() < 0.8 else None
                        ),
                        "expected_quantity": Decimal(rng.randint(1, 900)) if has_quantity else None,
                        "expected_unit_price": None if has_quantity else decimal_of(rng, 9, 4),
                        "known_at": known,
                    }
                )

    def draw(self) -> None:
        """Credits that were drawn for the product, recorded now and then last of all."""
        rng = self.rng
        unit, product_id = f"{self.prefix}-unit", self.sold.product_id
        events = [row for row in self.tables["usage_events"] if row["occurred_at"] is not None]
        grant = {
            "grant_id": f"{self.prefix}-g",
            "customer_id": self.customer_id,
            "currency_id": unit,
            "category": "PROMOTIONAL",
            "amount_granted": Decimal(10**6),
            "status": "ACTIVE",
            "effective_at": START,
            "created_at": START,
            "updated_at": START,
        }
        self.tables["credit_grants"].append(grant)
        self.ledger(grant, "CREDITS_GRANTED", Decimal(10**6), START, START)
        for row in rng.sample(events, min(len(events), rng.choice([1, 2, 4]))):
            at = row["occurred_at"] + rng.choice([0, 1, 3600]) * timedelta(seconds=1)
            if not START < at <= END:
                continue
            late = rng.choice([0, 60, 40 * 86400, 150 * 86400])
            amount = decimal_of(rng, 60, rng.choice([0, 2, 9])) + 1
            known = at + late * timedelta(seconds=1)
            self.ledger(grant, "CREDITS_CONSUMED", amount, at, known, product_id)
            if rng.random() < 0.2:
                event_type = "CREDITS_CONSUMPTION_TRANSFER_SOURCE"
                self.ledger(grant, event_type, amount / 2, at, known + 50 * DAY, product_id)
        self.tables["credit_conversions"].append(
            {
                "credit_unit": unit,
                "product_id": product_id,
                "usage_per_credit": rng.choice([Decimal(1), Decimal("0.5"), Decimal(10)]),
                "known_at": START - DAY if rng.random() < 0.8 else some_instant(rng, START, END),
            }
        )

    def ledger(
        self,
        grant: dict[str, Any],
        event_type: str,
        amount: Decimal,
        at: datetime,
        known: datetime,
        feature_id: str | None = None,
    ) -> None:
        """A row of credit_ledger."""
        self.tables["credit_ledger"].append(
            {
                "id": self.key("credit_ledger"),
                "customer_id": self.customer_id,
                "credit_grant_id": grant["grant_id"],
                "credit_currency_id": grant["currency_id"],
                "event_type": event_type,
                "amount": amount.quantize(Decimal("0.000000001")),
                "feature_id": feature_id,
                "timestamp": at,
                "created_at": known,
            }
        )

    # Invoices.

    def bill(self, periods: Iterable[Period]) -> None:
        """Invoices of some billing periods: exact, not quite, interim, late, a draft."""
        rng = self.rng
        for period in sorted(periods, key=lambda p: p.key.starts_at):
            if rng.random() < 0.45:
                continue
            owed = period.value
            if rng.random() < 0.7:
                owed = max(owed, period.commitment.minimum or 0)
            exact = Decimal(owed).scaleb(-CURRENCIES[period.key.currency])
            # Half of a calendar day is still that day.
            if rng.random() < 0.2 and period.key.interval != "day":
                self.invoice(period, exact / 2, is_final=False)
            amount = rng.choice([exact, exact, exact + 1, exact / 3, Decimal(25)])
            row = self.invoice(period, amount)
            if rng.random() < 0.1:
                self.tables["usage_invoices"].append(dict(row))
            if rng.random() < 0.1:
                self.invoice(period, Decimal(-1))

    def invoice(self, period: Period, amount: Decimal, is_final: bool = True) -> dict[str, Any]:
        """A row of usage_invoices."""
        rng, key = self.rng, period.key
        start, length = key.starts_at, period.ends_at - key.starts_at
        end: datetime | None = period.ends_at
        if rng.random() < 0.2:
            end = None
        elif rng.random() < 0.2 and period.is_calendar:
            end = period.ends_at - length / 100 if length < 2 * DAY else period.ends_at - DAY / 2
        finalized = period.ends_at + rng.choice([0, 1, 3600, 86400 * 3, 86400 * 50]) * timedelta(
            seconds=1
        )
        if not is_final:
            end = start + length / 2
            if not period.is_calendar and rng.random() < 0.3:
                # The last day, as some exports have it: this one is final too.
                end = period.ends_at - timedelta(seconds=1)
            finalized = end
        places = Decimal(1).scaleb(-CURRENCIES[key.currency])
        row = {
            "invoice_id": self.key("usage_invoices"),
            "customer_id": key.customer_id,
            "product_id": key.product_id,
            "subscription_id": key.subscription_id,
            "period_start": start,
            "period_end": end,
            "quantity": None,
            "amount": amount.quantize(places),
            "currency": key.currency,
            "finalized_at": finalized if rng.random() < 0.93 else None,
        }
        if rng.random() < 0.05:
            # Its amount is whole in any currency.
            row["amount"] = Decimal(9)
            row["currency"] = "KWD" if key.currency != "KWD" else "EUR"
        self.tables["usage_invoices"].append(row)
        return row


# --------------------------------------------------------------------------------------------------
# Companies
# --------------------------------------------------------------------------------------------------


def empty_tables() -> Tables:
    """All tables without rows."""
    return {name: [] for name in TABLES}


def random_company(
    seed: int, customers: int, closes: list[dict], as_of_date: date = date(2026, 6, 30), **more: Any
) -> Tables:
    """A company whose customers go through all models with all aggregations.

    Args:
        seed: of the random numbers.
        customers: how many; 20 have every rating once.
        closes: the close calendar, whose instants recordings like to be near.
        as_of_date: the last day that counts.
        more: time zone and calendar of the oracle, which says what a usage period is worth.
    """
    rng = random.Random(seed)
    tables = empty_tables()
    broken_schedule(tables, BROKEN, BROKEN, "USD")
    products = [Product(rng, number, tables) for number in range(min(customers, len(RATINGS)))]
    made = []
    for number in range(customers):
        customer = Customer(rng, number, products[number % len(products)], closes)
        made.append(customer)
        if number % 15 == IDLE:
            customer.commit(is_idle=True)
            if number == IDLE + 15:
                sold, name = customer.sold, f"{BROKEN}-{number}"
                broken_schedule(tables, name, sold.product_id, sold.currency, customer.customer_id)
            continue
        customer.use(rng.choice([1, 3, 6, 12]))
        if rng.random() < 0.35:
            customer.own_rate()
        # Credits do not say which of two subscriptions they are for.
        if rng.random() < 0.35 and len(customer.subscriptions) == 1:
            customer.draw()
        if rng.random() < 0.4:
            customer.commit()
    books = usage_oracle.build_books(
        merged(tables, made), closes, CURRENCIES, policy_of, as_of_date=as_of_date, **more
    )
    for number, customer in enumerate(made):
        periods = [p for key, p in books.periods.items() if key.customer_id == customer.customer_id]
        if customer.policy.recognition != "at_period_end" and rng.random() < 0.7:
            customer.estimate(periods)
        if rng.random() < 0.7:
            customer.bill([*periods, *neighbours(rng, books, periods)])
        if number % 4 == 0:
            customer.fault(number // 4)
    found = merged(tables, made)
    for rows in found.values():
        rng.shuffle(rows)
    return found


def neighbours(
    rng: random.Random, books: usage_oracle.Books, periods: list[Period]
) -> list[Period]:
    """Now and then the billing period after the last, which has no usage."""
    if not periods or rng.random() < 0.7:
        return []
    last = max(periods, key=lambda period: period.key.starts_at)
    following = books.company.following(last)
    return [] if following is None else [following]


def merged(tables: Tables, customers: Iterable[Customer]) -> Tables:
    """The tables of the products and of all customers, in new lists."""
    found = {name: list(rows) for name, rows in tables.items()}
    for customer in customers:
        for name, rows in customer.tables.items():
            found[name] += rows
    return found


def shuffled(tables: Tables, seed: int) -> Tables:
    """The same rows in another order."""
    rng = random.Random(seed)
    return {name: rng.sample(rows, len(rows)) for name, rows in tables.items()}


def shuffled_and_repeated(tables: Tables, seed: int) -> Tables:
    """The same in another order, and what has a name comes again."""
    again = shuffled(tables, seed)
    again["usage_events"] += [row for row in tables["usage_events"] if row["event_id"]]
    again["usage_invoices"] += tables["usage_invoices"]
    return again


def books_of(
    tables: Tables, closes: Iterable[dict], as_of_date: date, **more: Any
) -> usage_oracle.Books:
    """The oracle's books of a random company."""
    return usage_oracle.build_books(
        tables, closes, CURRENCIES, policy_of, as_of_date=as_of_date, **more
    )


def as_known(tables: Tables, instant: datetime) -> Tables:
    """What the sources held at an instant; what has no time of recording they held always."""

    def is_known(table: str, row: dict[str, Any]) -> bool:
        columns = {
            "usage_events": ("recorded_at", "occurred_at"),
            "usage_invoices": ("finalized_at",),
            "usage_estimates": ("known_at",),
            "credit_conversions": ("known_at",),
            "credit_ledger": ("created_at",),
            "usage_commitments": ("known_at",),
        }
        found = [row.get(column) for column in columns.get(table, ())]
        times = [time for time in found if time is not None]
        return not times or times[0] < instant

    return {name: [row for row in rows if is_known(name, row)] for name, rows in tables.items()}
