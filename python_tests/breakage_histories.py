"""Seeded random companies whose breakage is recognised in every way, and published examples.

A company is one of `histories`, in Stigg's tables, with what finance says: estimates by cohort that
go up and down, grants flagged by hand, shares of unclaimed property. Each customer buys one credit
unit, and the unit decides the method; the law that holds for a customer is the end of its name.
`breakage_project` answers the policies in the same way as `choose`. The same seed gives the same
company on every machine.
"""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import histories
import oracle
from breakage_oracle import Choice
from histories import END, START, Customer, Tables, some_instant, some_recording

VECTORS = Path(__file__).parent / "vectors" / "breakage.csv"

METHODS = {
    "credits": Choice("at_expiry"),
    "tokens": Choice("proportional"),
    "points": Choice("proportional", "haircut", Fraction(1, 8)),
    "lifts": Choice("proportional"),
    "vouchers": Choice("proportional"),
    "minutes": Choice("remote", remote_after_days=45),
    "seats": Choice("remote", remote_after_days=None),
}
# Units of examples begin so.
EXAMPLE = "example "
LAWS = ("quarter", "third", "all", "none-of-it", "since-2026", "nowhere")
RATES = {
    "tokens": ("0", "0.05", "0.1", "0.123456", "0.2", "0.5", "0.9"),
    "points": ("0.000001", "0.1", "0.333333", "0.6", "0.8"),
    "lifts": ("0.999999", "0.99", "0.95"),
    "vouchers": ("0.1", "0.25", "0.4"),
}
# Estimates only for the grants of some months: other vouchers have none.
MONTHS_WITH_VOUCHERS = ("2025-02", "2025-05", "2025-08", "2025-11", "2026-02")
TERMS = (None, 30, 90, 365)
TERM_MONTHS = ("none", "1", "3", "12")


def choose(grant: oracle.Grant) -> Choice:
    """What `breakage_project` answers for a grant."""
    unit, customer = grant.row.value("currency_id"), grant.row.value("customer_id")
    choice = Choice("proportional") if unit.startswith(EXAMPLE) else METHODS[unit]
    law = customer.split("@")[1] if "@" in customer else None
    return Choice(choice.method, choice.constraint, choice.haircut, choice.remote_after_days, law)


# --------------------------------------------------------------------------------------------------
# Customers
# --------------------------------------------------------------------------------------------------


class BreakageCustomer(Customer):
    """A customer whose units are left unused, come back, and are used after all."""

    def __init__(self, rng: random.Random, name: str, unit: str, instants: list[datetime]) -> None:
        super().__init__(rng, name, instants)
        self.unit = unit

    def add_grant(self, number: int, effective_at: datetime, **terms: Any) -> dict:
        """Add a grant of the customer's unit, for one of a few terms."""
        days = self.rng.choice(TERMS)
        more = {
            "currency_id": self.unit,
            "expires_at": None if days is None else effective_at + timedelta(days=days),
        }
        return super().add_grant(number, effective_at, **{**more, **terms})

    def tell_grant(self, number: int) -> None:
        """A grant, and what disturbs its breakage."""
        super().tell_grant(number)
        grant = next(g for g in reversed(self.grants) if g["grant_id"].endswith(f"-g{number}"))
        units, rng = grant["amount_granted"], self.rng
        if units is None or units > 10**9:
            return
        for chance, event, share in (
            (0.2, "CREDITS_VOIDED", 4),
            (0.3, "CREDITS_CONSUMED", 10),
            (0.2, "CREDITS_CONSUMPTION_TRANSFER_SOURCE", 10),
            (0.2, "CREDITS_EXPIRED", 5),
        ):
            if rng.random() < chance:
                when = some_instant(rng, max(grant["effective_at"], START), END)
                part = (units / share).quantize(Decimal("1E-9"))
                self.add_entry(grant, event, part, when)


# --------------------------------------------------------------------------------------------------
# What finance says
# --------------------------------------------------------------------------------------------------


class Finance:
    """Random rows of the finance tables; no two are known at the same second."""

    def __init__(self, rng: random.Random, instants: list[datetime]) -> None:
        self.rng, self.instants = rng, instants
        self.count = 0

    def acting(self, column: str) -> dict[str, str]:
        """From when a row acts, and when it was known."""
        self.count += 1
        acts_on = some_instant(self.rng, datetime(2024, 12, 1), datetime(2026, 6, 20))
        known = some_recording(self.rng, acts_on, self.instants) or acts_on
        known = known.replace(microsecond=0)
        if self.rng.random() < 0.5:
            known += timedelta(seconds=self.count)
        return {column: acts_on.date().isoformat(), "known_at": known.isoformat(" ")}

    def estimates(self) -> list[dict]:
        """Estimates of each unit, general and specific, and some of every unit."""
        rng, rows = self.rng, []
        for unit, rates in RATES.items():
            for number in range(rng.randint(6, 9)):
                keys = rng.choice(
                    [("product_id",), ("credit_unit",), ("product_id", "credit_unit")]
                )
                row: dict[str, Any] = dict.fromkeys(keys, unit)
                if unit == "vouchers":
                    row["grant_month"] = rng.choice(MONTHS_WITH_VOUCHERS)
                elif number > 2:
                    row |= self.narrower()
                rows.append(self.estimate(row, rng.choice(rates)))
        rows.append(self.estimate({"category": "paid", "term_months": "3"}, "0.07"))
        rows.append(self.estimate({"category": "promotional"}, "0.77"))
        return rows

    def narrower(self) -> dict[str, str]:
        """Keys beyond the unit, perhaps none."""
        rng, row = self.rng, {}
        if rng.random() < 0.3:
            row["category"] = rng.choice(("paid", "paid", "recurring"))
        if rng.random() < 0.4:
            row["term_months"] = rng.choice(TERM_MONTHS)
        if rng.random() < 0.3:
            row["grant_month"] = rng.choice(histories.months("2025-01", "2026-03"))
        return row

    def estimate(self, keys: dict[str, Any], rate: str) -> dict:
        """One estimate."""
        blank = dict.fromkeys(("product_id", "credit_unit", "category", "term_months"))
        about = {"source": "history", "approved_by": "controller", "memo": None}
        return {
            **blank,
            "grant_month": None,
            **keys,
            "expected_unexercised_rate": rate,
            **self.acting("effective_from"),
            **about,
        }

    def remote(self, grants: list[dict]) -> list[dict]:
        """Flags of some grants, set and taken back."""
        rows = []
        for name in sorted({g["grant_id"] for g in grants if g["currency_id"] in METHODS}):
            if self.rng.random() < 0.5:
                for number in range(self.rng.choice([1, 1, 2, 3])):
                    rows.append(
                        {
                            "source_system": "stigg",
                            "grant_id": name,
                            "is_remote": "true" if number != 1 else "false",
                            **self.acting("remote_from"),
                            "approved_by": "controller",
                            "memo": None,
                        }
                    )
        return rows


def law(name: str, share: str, days: int, counted_from: str | None, since: str, known: str) -> dict:
    """A row of unclaimed_property."""
    return {
        "jurisdiction": name,
        "share": share,
        "dormancy_days": str(days),
        "counted_from": counted_from,
        "effective_from": since,
        "known_at": known,
        "memo": None,
    }


UNCLAIMED = [
    law("quarter", "0.25", 60, "expiry", "2024-12-01", "2024-12-01 09:00:00"),
    law("quarter", "0.3", 40, None, "2025-09-01", "2025-11-20 09:00:00"),
    law("third", "0.333333", 90, "last_activity", "2025-01-01", "2025-02-11 09:00:00"),
    law("third", "0.5", 30, "last_activity", "2026-01-15", "2026-01-02 09:00:00"),
    law("all", "1", 0, "expiry", "2024-12-01", "2024-12-01 09:00:00"),
    law("none-of-it", "0", 0, "expiry", "2024-12-01", "2024-12-01 09:00:00"),
    law("since-2026", "0.1", 365, "expiry", "2026-02-01", "2026-02-01 09:00:00"),
]


# --------------------------------------------------------------------------------------------------
# Companies
# --------------------------------------------------------------------------------------------------


def random_company(
    seed: int, customers: int, closes: list[dict], *, sane_share: float = 0.92
) -> Tables:
    """The raw tables of a random company, and what finance says of its breakage."""
    instants = histories.close_instants(closes)
    units = list(METHODS)
    grants, ledger = [], []
    for number in range(customers):
        rng = random.Random(f"breakage:{seed}:{number}")
        unit = units[number % len(units)]
        customer = BreakageCustomer(rng, f"s{seed}c{number}", unit, instants)
        customer.tell()
        if rng.random() >= sane_share:
            customer.spoil()
        name = customer.name
        if rng.random() < 0.45:
            name += f"@{rng.choice(LAWS)}"
        own = customer.grants + customer.versions, customer.ledger + customer.copies
        for rows in own:
            for row in rows:
                row["customer_id"] = name
        grants += own[0]
        ledger += own[1]
    finance = Finance(random.Random(f"breakage:{seed}:finance"), instants)
    tables = {
        "credit_grants": grants,
        "credit_ledger": ledger,
        "period_closes": [dict(row) for row in closes],
        "breakage_estimates": finance.estimates(),
        "remote_credits": finance.remote([g for g in grants if g["grant_id"] is not None]),
        "unclaimed_property": [dict(row) for row in UNCLAIMED],
    }
    return histories.shuffled(tables, seed)


# --------------------------------------------------------------------------------------------------
# Examples
# --------------------------------------------------------------------------------------------------


@dataclass
class Example:
    """A grant of an example: what was used by the end of each month, and what becomes revenue.

    Attributes:
        name: of the grant and of its unit.
        price: in major units of the currency.
        used: cumulative, at the end of each month.
        expected: units expected to be used in all, from each month on; empty where breakage is
            recognised at expiry.
        revenue: of each month, consumption and breakage together, in major units.
        liability: deferred at the end of each month, in major units.
        events: by month, other ledger rows: event type and units.
        customer: whose grant it is.
    """

    name: str
    units: int
    price: Decimal
    currency: str
    used: list[int]
    expected: list[int]
    revenue: list[Decimal]
    liability: list[Decimal]
    events: dict[int, list[tuple[str, int]]] = field(default_factory=dict)
    customer: str = "example"
    method_unit: str = "credits"
    """The credit unit where nothing is expected: it decides the method."""
    unclaimed: dict[str, Decimal] = field(default_factory=dict)
    """What becomes unclaimed property, by accounting period."""

    @property
    def unit(self) -> str:
        """The credit unit."""
        return f"{EXAMPLE}{self.name}" if self.expected else self.method_unit

    def grant(self) -> dict:
        """The raw grant."""
        return {
            "grant_id": self.name,
            "customer_id": self.customer,
            "currency_id": self.unit,
            "category": "PAID",
            "amount_granted": Decimal(self.units),
            "cost_amount": self.price,
            "cost_currency": self.currency,
            "effective_at": month_at(0, 1),
            "updated_at": month_at(0, 1),
        }

    def ledger(self) -> list[dict]:
        """The raw ledger rows."""
        rows = [self.entry("GRANTED", self.units, 0, 1)]
        before = 0
        for month, used in enumerate(self.used):
            if used != before:
                rows.append(self.entry("CONSUMED", used - before, month, 15))
            for event, units in self.events.get(month, ()):
                rows.append(self.entry(event, units, month, 20))
            before = used
        return rows

    def entry(self, event: str, units: int, month: int, day: int) -> dict:
        """One of them."""
        return {
            "id": f"{self.name} {event} {month}",
            "customer_id": self.customer,
            "credit_grant_id": self.name,
            "credit_currency_id": self.unit,
            "event_type": f"CREDITS_{event}",
            "amount": Decimal(units),
            "timestamp": month_at(month, day),
            "created_at": month_at(month, day),
        }

    def estimates(self) -> list[dict]:
        """A row of breakage_estimates wherever the expectation changes."""
        rows, before = [], None
        for month, expected in enumerate(self.expected):
            if expected != before:
                rate = 1 - Fraction(expected, self.units)
                at = month_at(month, 25)
                rows.append(
                    {
                        **dict.fromkeys(("credit_unit", "category", "term_months", "grant_month")),
                        "product_id": self.unit,
                        "expected_unexercised_rate": str(oracle.exact_decimal(rate, 6)),
                        "effective_from": at.date().isoformat(),
                        "known_at": at.isoformat(" "),
                        "source": "example",
                        "approved_by": "controller",
                        "memo": None,
                    }
                )
            before = expected
        return rows


def month_at(month: int, day: int) -> datetime:
    """A day of the month that many months after January 2025."""
    return datetime(2025 + month // 12, month % 12 + 1, day)


def split_numbers(text: str) -> list[str]:
    """The figures of a cell."""
    return text.split("|") if text else []


def vectors() -> list[Example]:
    """The rows of breakage.csv. Where the text says so, the rest expires in the last month."""
    found = []
    with VECTORS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            used = [int(figure) for figure in split_numbers(row["cumulative_exercised"])]
            units, last = int(row["granted_units"]), len(used) - 1
            expires = "at expiry" in row["source"]
            found.append(
                Example(
                    name=row["case_id"],
                    units=units,
                    price=Decimal(row["price"]),
                    currency={"0": "JPY", "2": "USD"}[row["currency_exponent"]],
                    used=used,
                    expected=[int(f) for f in split_numbers(row["expected_total_exercised"])],
                    revenue=[Decimal(f) for f in split_numbers(row["revenue"])],
                    liability=[Decimal(f) for f in split_numbers(row["liability_after"])],
                    events={last: [("EXPIRED", units - used[last])]} if expires else {},
                )
            )
    return found


def loyalty() -> list[Example]:
    """Loyalty points, worth 8,676 of a price of 100,000 by relative standalone selling prices.

    ASC 606-10-55-353 to 356 (Example 52), IFRS 15.IE267 to 270: 4,500 of 10,000 points are redeemed
    of 9,500 expected, then 4,000 more of 9,700. And the KPMG handbook's examples 10A and 10B, where
    points of 9,000 are expected to be 9,700 redeemed, then 9,900 or 9,200 (an estimate that falls).
    """
    return [
        Example(
            name=name,
            units=10_000,
            price=Decimal(price),
            currency="JPY",
            used=[4_500, 8_500],
            expected=expected,
            revenue=[Decimal(figure) for figure in revenue],
            liability=[Decimal(figure) for figure in liability],
        )
        for name, price, expected, revenue, liability in (
            ("loyalty 52", 8_676, [9_500, 9_700], [4_110, 3_493], [4_566, 1_073]),
            ("loyalty 10A", 9_000, [9_700, 9_900], [4_175, 3_552], [4_825, 1_273]),
            ("loyalty 10B", 9_000, [9_700, 9_200], [4_175, 4_140], [4_825, 685]),
        )
    ]


def revocations() -> list[Example]:
    """1000 credits for 1000.00 of which 900 are expected to be used; 450 are, so 500.00 is revenue.

    Then some of the rest is revoked, at its cost: 200 of them leave what was earned of the price in
    the same proportion; all of them take back all breakage, which was recognised on them.
    """
    return [
        Example(
            name=f"revoked {units}",
            units=1_000,
            price=Decimal(1_000),
            currency="USD",
            used=[450, 450],
            expected=[900, 900],
            revenue=[Decimal(500), Decimal(change)],
            liability=[Decimal(500), Decimal(left)],
            events={1: [("VOIDED", units)]},
        )
        for units, change, left in ((200, 0, 300), (525, -25, 0), (550, -50, 0))
    ]


def unclaimed() -> list[Example]:
    """A quarter of what 400 of 1000 credits leave unused is held, and owed to the state in a year.

    They expire on 20 March 2025; the second grant's breakage is recognised ahead of expiry.
    """
    months = 15
    return [
        Example(
            name=f"unclaimed {method}",
            units=1_000,
            price=Decimal(1_000),
            currency="USD",
            used=[300, 600, *[600] * (months - 2)],
            expected=expected,
            revenue=[*revenue, *[Decimal(0)] * (months - 3)],
            liability=[*liability, *[Decimal(100)] * 11, Decimal(0)],
            events={2: [("EXPIRED", 400)]},
            customer="example@year",
            unclaimed={"2026-03": Decimal(100)},
        )
        for method, expected, revenue, liability in (
            (
                "at expiry",
                [],
                [Decimal(300), Decimal(300), Decimal(300)],
                [Decimal(700), Decimal(400), Decimal(100)],
            ),
            (
                "ahead",
                [900] * months,
                # 33.33 x 0.75 = 25.00, 66.67 x 0.75 = 50.00, 400.00 x 0.75 = 300.00
                [Decimal(325), Decimal(325), Decimal(250)],
                [Decimal(675), Decimal(350), Decimal(100)],
            ),
        )
    ]


def remote() -> list[Example]:
    """100 credits for 100.00, whose use is remote after 45 days without any.

    Bought again: 60 are used on 15 January, so 40.00 are breakage in March. 50 more are bought on
    20 April: nothing is remote then, and 90.00 are on 4 June. Bought when empty: all are used in
    January; the 50 of 20 May are remote on 4 July, not at once. Taken off: a correction by -1 on
    20 February is no use; the rest is remote since 15 February.
    """
    return [
        Example(
            name=name,
            units=100,
            price=Decimal(100),
            currency="USD",
            used=[used] * len(revenue),
            expected=[],
            revenue=[Decimal(figure) for figure in revenue],
            liability=[Decimal(figure) for figure in liability],
            events=events,
            method_unit="minutes",
        )
        for name, used, events, revenue, liability in (
            (
                "remote, bought again",
                60,
                {3: [("UPDATED", 50)]},
                [60, 0, 40, -40, 0, 90],
                [40, 40, 0, 90, 90, 0],
            ),
            (
                "remote, bought when empty",
                100,
                {4: [("UPDATED", 50)]},
                [100, 0, 0, 0, 0, 0, 50],
                [0, 0, 0, 0, 50, 50, 0],
            ),
            ("remote, taken off", 0, {1: [("UPDATED", -1)]}, [0, 99, 0], [100, 0, 0]),
        )
    ]


def dormant() -> list[Example]:
    """A card of 100.00 without an end, of which a law keeps half 90 days after its last use.

    50.00 are due on 1 April. 1.00 is used on 15 June: 0.50 comes back, the rest stays where it is.
    """
    return [
        Example(
            name="dormant card",
            units=100,
            price=Decimal(100),
            currency="USD",
            used=[0, 0, 0, 0, 0, 1, 1],
            expected=[],
            revenue=[Decimal(figure) for figure in (0, 0, 0, 0, 0, 1, 0)],
            liability=[Decimal(figure) for figure in (100, 100, 100, 50, 50, "49.5", "49.5")],
            customer="example@card",
            unclaimed={"2025-04": Decimal(50), "2025-06": Decimal("-0.5")},
        )
    ]


def examples() -> list[Example]:
    """All of them."""
    return [*vectors(), *loyalty(), *revocations(), *unclaimed(), *remote(), *dormant()]


def tables_of(some: list[Example]) -> Tables:
    """The raw tables of examples, with the two laws of their customers."""
    return {
        "credit_grants": [example.grant() for example in some],
        "credit_ledger": [row for example in some for row in example.ledger()],
        "period_closes": [],
        "breakage_estimates": [row for example in some for row in example.estimates()],
        "remote_credits": [],
        "unclaimed_property": [
            law("year", "0.25", 365, "expiry", "2024-12-01", "2024-12-01 00:00:00"),
            law("card", "0.5", 90, "last_activity", "2024-12-01", "2024-12-01 00:00:00"),
        ],
    }


def joined(tables: Tables, more: Tables) -> Tables:
    """Two companies as one; their grants and units have different names."""
    names = (name for name in tables if name != "period_closes")
    return {**tables, **{name: tables[name] + more[name] for name in names}}
