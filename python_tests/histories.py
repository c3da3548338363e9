"""Seeded random histories of companies, as raw Stigg tables, and valid close calendars.

About seven customers in ten are sane: every row of theirs can be booked (late, duplicated,
overdrawn or promotional as it may be). The others have one to three faults each. The same seed
gives the same history on every machine; native and text form of a seed tell the same story, but for
the faults that only text can hold (numbers and times that are none, too many decimals).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

Tables = dict[str, list[dict]]

MICROSECOND = timedelta(microseconds=1)
START, LAST_GRANT, END = (
    datetime(2025, 1, 1),
    datetime(2026, 4, 15),
    datetime(2026, 6, 30, 23, 59, 59),
)

CURRENCIES = {"EUR": 2, "JPY": 0, "KWD": 3, "USD": 2}

DST_AND_LEAP_INSTANTS = [
    datetime(2024, 2, 29, 23, 59, 59, 999999),
    datetime(2025, 2, 28, 23, 59, 59, 999999),
    datetime(2025, 3, 1, 4, 59, 59, 999999),
    datetime(2025, 3, 9, 6, 59, 59, 999999),
    datetime(2025, 3, 9, 7, 0),
    datetime(2025, 3, 30, 1, 0),
    datetime(2025, 3, 31, 21, 59, 59, 999999),
    datetime(2025, 10, 26, 1, 0),
    datetime(2025, 11, 1, 3, 59, 59, 999999),
    datetime(2025, 11, 2, 6, 0),
    datetime(2026, 3, 8, 7, 0),
    datetime(2026, 3, 29, 1, 0),
]

UNIT_FIELDS = ("amount_granted", "amount_consumed", "amount_remaining", "amount")
PRICE_FIELDS = ("cost_basis", "cost_amount")


# --------------------------------------------------------------------------------------------------
# Close calendars
# --------------------------------------------------------------------------------------------------


def close_row(
    period: str, closed_at: datetime, reopened_at: datetime | None = None, by: str = "controller"
) -> dict:
    """One row of `period_closes`."""
    return {
        "accounting_period": period,
        "closed_at": closed_at,
        "reopened_at": reopened_at,
        "closed_by": by,
    }


def months(first: str, last: str) -> list[str]:
    """Period names from first to last, inclusive."""
    year, month = map(int, first.split("-"))
    names = []
    while (name := f"{year:04d}-{month:02d}") <= last:
        names.append(name)
        year, month = year + month // 12, month % 12 + 1
    return names


def after_month_end(period: str, days: int, clock: time = time(0)) -> datetime:
    """`clock` on the day `days` days after the last day of a month."""
    year, month = map(int, period.split("-"))
    following = date(year + month // 12, month % 12 + 1, 1)
    return datetime.combine(following + timedelta(days=days - 1), clock)


def monthly_closes() -> list[dict]:
    """Every month from January 2025 to March 2026, closed 3 to 6 days after its end."""
    return [
        close_row(period, after_month_end(period, 3 + number % 4, time(number % 24, 30)))
        for number, period in enumerate(months("2025-01", "2026-03"))
    ]


def quarterly_closes() -> list[dict]:
    """Only the last month of each quarter has a row; it closes the two before it too."""
    return [
        close_row(period, after_month_end(period, 10, time(18)))
        for period in ("2024-12", "2025-03", "2025-06", "2025-09", "2025-12", "2026-03")
    ]


def reopened_closes() -> list[dict]:
    """A row that skips two periods, then two reopenings; each reopens every later closed period."""
    rows = [
        close_row(
            "2025-03", datetime(2025, 4, 4), datetime(2025, 4, 20, 9), "skips January, February"
        ),
        close_row("2025-03", datetime(2025, 4, 22, 9, 0, 0, 1)),
        close_row("2025-04", datetime(2025, 5, 5)),
    ]
    reopened, again = datetime(2025, 8, 20, 12), datetime(2025, 8, 22)
    for period in ("2025-05", "2025-06", "2025-07"):
        rows.append(close_row(period, after_month_end(period, 5), reopened))
        rows.append(close_row(period, again))
    for period in months("2025-08", "2025-11"):
        rows.append(close_row(period, after_month_end(period, 4)))
    # Reopened twice, and February 2026 stays open in the end.
    first, second = datetime(2026, 2, 10), datetime(2026, 3, 16, 15)
    rows += [
        close_row("2025-12", datetime(2026, 1, 6), first),
        close_row("2025-12", datetime(2026, 2, 12), second),
        close_row("2025-12", datetime(2026, 3, 18)),
        close_row("2026-01", datetime(2026, 2, 4), first),
        close_row("2026-01", datetime(2026, 2, 13), second),
        close_row("2026-01", datetime(2026, 3, 19)),
        close_row("2026-02", datetime(2026, 3, 4), second),
    ]
    return rows


def closes_of_periods(periods: Iterable[tuple[str, date]], days: int = 4) -> list[dict]:
    """Close each (period name, last day) at noon, `days` days after it: for week calendars."""
    return [
        close_row(name, datetime.combine(ends_on + timedelta(days=days), time(12)))
        for name, ends_on in periods
    ]


CLOSE_CALENDARS: dict[str, list[dict]] = {
    "none": [],
    "monthly": monthly_closes(),
    "quarterly": quarterly_closes(),
    "reopened": reopened_closes(),
}


# --------------------------------------------------------------------------------------------------
# Chance
# --------------------------------------------------------------------------------------------------


def some_instant(rng: random.Random, low: datetime, high: datetime) -> datetime:
    """An instant in [low, high], often at the edge of a month or of a change of the clocks."""
    pick = rng.random()
    if pick < 0.2:
        month = rng.choice(months("2025-01", "2026-07"))
        edge = datetime.fromisoformat(f"{month}-01")
        shift = rng.choice(
            [timedelta(0), timedelta(hours=4), timedelta(hours=5), timedelta(hours=-9)]
        )
        instant = edge + shift + rng.choice([-1, 0, 1]) * MICROSECOND
    elif pick < 0.27:
        instant = rng.choice(DST_AND_LEAP_INSTANTS) + rng.choice([0, 0, 1]) * MICROSECOND
    else:
        seconds = int((high - low).total_seconds())
        instant = low + timedelta(seconds=rng.randint(0, max(seconds, 0)))
        instant += timedelta(
            microseconds=rng.choice([0, 0, 500000, 123000, rng.randint(0, 999999)])
        )
    return min(max(instant, low), high)


def close_instants(closes: list[dict]) -> list[datetime]:
    """All instants at which something is closed or reopened, in order."""
    columns = ("closed_at", "reopened_at")
    return sorted({row[column] for row in closes for column in columns if row[column] is not None})


def some_recording(
    rng: random.Random, happened: datetime, instants: list[datetime]
) -> datetime | None:
    """When the source recorded what happened then: null, soon, late, around a close, or early."""
    pick = rng.random()
    if pick < 0.10:
        return None
    if pick < 0.25:
        return happened
    if pick < 0.55:
        return happened + timedelta(seconds=rng.randint(1, 900))
    if pick < 0.72:
        return happened + timedelta(seconds=rng.randint(86400, 100 * 86400))
    if pick < 0.97:
        later = [instant for instant in instants if instant >= happened][: rng.choice([1, 2, 4])]
        if later:
            return rng.choice(later) + rng.choice([-1, 0, 1]) * MICROSECOND
        return happened + timedelta(seconds=rng.randint(1, 20 * 86400))
    return happened - timedelta(seconds=rng.randint(1, 40 * 86400))


def billionths(count: int) -> Decimal:
    """So many billionths of a unit."""
    return Decimal(count).scaleb(-9)


def some_units(rng: random.Random) -> Decimal:
    """Units of a grant, mostly of a sane size."""
    return rng.choice(
        [
            Decimal(rng.randint(1, 2000)),
            Decimal(rng.choice([1, 3, 7, 9, 11, 300, 1000])),
            Decimal(rng.randint(1, 99999)).scaleb(-rng.randint(1, 3)),
            billionths(rng.randint(1, 10**12)),
            Decimal("333.333333333"),
            billionths(rng.randint(1, 5)),
            Decimal(rng.randint(1, 9)) * 1000,
        ]
    )


def some_basis(rng: random.Random) -> Decimal:
    """A price per unit."""
    return rng.choice(
        [
            Decimal("0.0333"),
            Decimal("0.10"),
            Decimal("0.005"),
            Decimal("0.333333333333"),
            Decimal("0.666666666667"),
            Decimal(1),
            Decimal(rng.randint(1, 10**12)).scaleb(-12),
            Decimal(rng.randint(1, 10**15)).scaleb(-12),
            Decimal(rng.randint(1, 9999)).scaleb(-2),
            Decimal("0.000000000001"),
            Decimal(0),
        ]
    )


def some_total(rng: random.Random) -> Decimal:
    """A price of a whole grant."""
    return rng.choice(
        [
            Decimal(100),
            Decimal("10.00"),
            Decimal("0.01"),
            Decimal(1),
            Decimal(rng.randint(1, 10**7)).scaleb(-2),
            Decimal(rng.randint(1, 10**14)).scaleb(-12),
            Decimal(0),
            Decimal("0.05"),
        ]
    )


def rounded(value: Fraction, places: int) -> Decimal:
    """A positive fraction as a decimal, halves up."""
    return Decimal((2 * value * 10**places + 1) // 2).scaleb(-places)


def any_case(rng: random.Random, text: str) -> str:
    """A word in upper case, mostly, or in lower, title or swapped case."""
    return rng.choice([text, text, text, text.lower(), text.title(), text.swapcase()])


def split(rng: random.Random, total: Decimal, parts: int) -> list[Decimal]:
    """`total` in so many parts of at most 9 decimals that sum to it; some may be zero."""
    whole = int(total.scaleb(9))
    marks = sorted(rng.randint(0, whole) for _ in range(parts - 1))
    if rng.random() < 0.5:
        step = rng.choice([10**9, 10**8, 5 * 10**8])
        marks = [mark // step * step for mark in marks]
    edges = [0, *marks, whole]
    return [billionths(high - low) for low, high in pairwise(edges)]


# --------------------------------------------------------------------------------------------------
# One customer
# --------------------------------------------------------------------------------------------------


class Customer:
    """The raw rows of one customer, written as its story is told. Faults are added afterwards."""

    def __init__(self, rng: random.Random, name: str, instants: list[datetime]) -> None:
        self.rng, self.name, self.instants = rng, name, instants
        self.grants: list[dict] = []
        self.ledger: list[dict] = []
        self.copies: list[dict] = []
        self.versions: list[dict] = []
        self.row_count = 0

    # -- raw rows

    def add_grant(self, number: int, effective_at: datetime, **terms: Any) -> dict:
        """Add the newest version of a grant; `terms` override its columns."""
        rng = self.rng
        row = {
            "grant_id": f"{self.name}-g{number}",
            "customer_id": self.name,
            "resource_id": rng.choice([None, "res_1"]),
            "currency_id": rng.choice(["credits", "tokens"]),
            "display_name": f"grant {number}",
            "category": any_case(rng, "PAID"),
            "amount_granted": None,
            "amount_consumed": Decimal(0),
            "amount_remaining": None,
            "cost_basis": None,
            "cost_amount": None,
            "cost_currency": rng.choice(["USD", "USD", "EUR", "JPY", "KWD", "usd"]),
            "priority": Decimal(rng.randint(0, 100)),
            "status": rng.choice(["ACTIVE", "ACTIVE", "EXPIRED", "VOIDED", None]),
            "invoice_id": None,
            "invoice_status": None,
            "effective_at": effective_at,
            "expires_at": rng.choice([None, effective_at + timedelta(days=365)]),
            "voided_at": None,
            "created_at": effective_at,
            "updated_at": effective_at + timedelta(days=rng.randint(0, 400)),
        }
        row.update(terms)
        self.grants.append(row)
        return row

    def add_entry(
        self, grant: dict, event_type: str, amount: Decimal, when: datetime, **more: Any
    ) -> dict:
        """Add a ledger row of a grant; `more` overrides its columns."""
        rng = self.rng
        self.row_count += 1
        negative = event_type != "CREDITS_UPDATED" and rng.random() < 0.15
        row = {
            "id": f"{self.name}-e{self.row_count}",
            "customer_id": self.name,
            "credit_grant_id": grant["grant_id"],
            "credit_currency_id": grant["currency_id"],
            "event_type": any_case(rng, event_type),
            "amount": -amount if negative else amount,
            "event_id": rng.choice([None, f"{self.name}-ev{self.row_count}"]),
            "feature_id": rng.choice([None, "feature_a", "feature_b"]),
            "resource_id": None,
            "timestamp": when,
            "created_at": some_recording(rng, when, self.instants),
        }
        row.update(more)
        self.ledger.append(row)
        return row

    # -- stories

    def price(self, grant: dict, units: Decimal) -> None:
        """Give a paid grant a price: per unit, of the whole grant, or both (in agreement)."""
        rng = self.rng
        pick = rng.random()
        if pick < 0.45 or units == 0:
            grant["cost_basis"] = some_basis(rng)
            return
        grant["cost_amount"] = some_total(rng)
        if pick > 0.75:
            each = Fraction(grant["cost_amount"]) / Fraction(units)
            basis = rounded(each, rng.randint(2, 12))
            if basis < 10**15:
                grant["cost_basis"] = basis

    def huge(self, grant: dict) -> Decimal:
        """Price a grant at the edge of what is allowed; returns its units."""
        exponent = CURRENCIES[grant["cost_currency"].upper()]
        pick = self.rng.randint(0, 3)
        if pick == 0:
            grant["cost_amount"] = Decimal(9 * 10**14).scaleb(-exponent)
            return Decimal(1000)
        if pick == 1:
            grant["cost_amount"] = Decimal(10**14).scaleb(-exponent)
            return Decimal(4 * 10**10)
        if pick == 2:
            grant["cost_basis"] = Decimal("0.000001234567")
            return Decimal("49999999999.999999999")
        grant.update(cost_currency="USD", cost_amount=Decimal(10**13))  # exactly the limit
        return Decimal(3)

    def tell_grant(self, number: int) -> None:
        """One sane grant and its ledger."""
        rng = self.rng
        granted_at = some_instant(rng, START, LAST_GRANT)
        if rng.random() < 0.02:
            granted_at = DST_AND_LEAP_INSTANTS[0]
        grant = self.add_grant(number, granted_at)
        if rng.random() < 0.5:
            grant["invoice_id"] = f"{self.name}-in{number}"
            grant["invoice_status"] = rng.choice(["PAID", "PAID", "OPEN", None])
        units = some_units(rng)
        kind = rng.random()
        is_huge = kind < 0.03
        if is_huge:
            units = self.huge(grant)
        elif kind < 0.2:
            self.make_promotional(grant)
        else:
            if kind < 0.3:
                grant["category"] = any_case(rng, "RECURRING")
            self.price(grant, units)
        grant["amount_granted"] = grant["amount_remaining"] = units
        later_grant_row = rng.random() < 0.1
        granted_row_at = granted_at
        if later_grant_row:
            granted_row_at = some_instant(rng, granted_at, granted_at + timedelta(days=70))
        self.add_entry(grant, "CREDITS_GRANTED", units, granted_row_at)
        remaining = self.tell_top_ups(grant, units, granted_at, is_huge)
        remaining = self.tell_consumption(grant, remaining, granted_at, is_huge)
        self.tell_end(grant, remaining)

    def make_promotional(self, grant: dict) -> None:
        """A grant without value, with or without words about a price."""
        rng = self.rng
        grant["category"] = any_case(rng, rng.choice(["PROMOTIONAL", "PROMO"]))
        grant["cost_basis"] = rng.choice([None, Decimal(0)])
        grant["cost_currency"] = rng.choice([None, "USD"])

    def is_promotional(self, grant: dict) -> bool:
        """Whether a grant is promotional, in any letter case."""
        return grant["category"].upper().startswith("PROMO")

    def tell_top_ups(
        self, grant: dict, units: Decimal, granted_at: datetime, is_huge: bool
    ) -> Decimal:
        """Second grant rows and adjustments; returns the units granted in all."""
        rng = self.rng
        total = units
        both = grant["cost_basis"] is not None and grant["cost_amount"] is not None
        if rng.random() < 0.08 and not both and not is_huge:
            in_scale = units if units * 2 < 10**9 else Decimal(1)
            more = some_units(rng) if grant["cost_amount"] is None else in_scale * rng.randint(1, 2)
            when = some_instant(rng, granted_at, END)
            early = self.ledger[-1]
            created = max(when, early["created_at"] or early["timestamp"]) + timedelta(days=1)
            self.add_entry(grant, "CREDITS_GRANTED", more, when, created_at=created)
            total += more
        if rng.random() < 0.25 and not is_huge:
            whole = int(units.scaleb(9))
            change = rng.choice(
                [
                    billionths(rng.randint(1, max(whole, 1))),
                    -billionths(rng.randint(1, max(whole, 1))),
                    units if self.is_promotional(grant) else Decimal(0),
                    billionths(-(whole // 2) or 1),
                    -units * rng.choice([1, 2]),  # over-adjusted
                ]
            )
            self.add_entry(grant, "CREDITS_UPDATED", change, some_instant(rng, granted_at, END))
            total += change
        return total

    def tell_consumption(
        self, grant: dict, total: Decimal, granted_at: datetime, is_huge: bool
    ) -> Decimal:
        """Consumption, direct or moved from an overdraft grant; returns the units that remain."""
        rng = self.rng
        share = rng.choice(
            [Decimal("0.5"), Decimal("0.9"), Decimal(1), Decimal(1), Decimal("1.25")]
        )
        base = total if total >= 0 else -total * rng.randint(1, 3)
        planned = (base * share).quantize(Decimal("1E-9"))
        for part in split(rng, planned, rng.randint(1, 7)):
            start = granted_at - timedelta(days=rng.choice([0, 0, 0, 0, 40]))
            when = some_instant(rng, max(start, START), END)
            if rng.random() < 0.12:
                self.tell_overdraft(grant, part, when)
            else:
                self.add_entry(grant, "CREDITS_CONSUMED", part, when)
        if planned > total and not is_huge and rng.random() < 0.6:
            when = some_instant(rng, granted_at, END)
            cover = (planned - total) * rng.choice([1, 1, 2])
            self.add_entry(grant, "CREDITS_UPDATED", cover, when)
            total += cover
        return total - planned

    def tell_overdraft(self, grant: dict, units: Decimal, when: datetime) -> None:
        """Consumption on an overdraft grant that this grant settles by a transfer pair."""
        rng = self.rng
        overdraft = self.add_grant(len(self.grants) + 50, when, category=any_case(rng, "OVERDRAFT"))
        overdraft.update(cost_currency=rng.choice([None, "USD"]), currency_id=grant["currency_id"])
        self.add_entry(overdraft, "CREDITS_CONSUMED", units, when)
        settled = some_instant(rng, when, max(END, when))
        transfer = f"{self.name}-t{self.row_count}"
        nameless = {"id": None} if rng.random() < 0.3 else {}
        source, target = (f"CREDITS_CONSUMPTION_TRANSFER_{side}" for side in ("SOURCE", "TARGET"))
        self.add_entry(overdraft, source, units, settled, event_id=transfer, **nameless)
        self.add_entry(grant, target, units, settled, event_id=transfer, **nameless)

    def tell_end(self, grant: dict, remaining: Decimal) -> None:
        """What happens to the units that are left: nothing, expiry (even twice), or a void."""
        rng = self.rng
        if remaining <= 0:
            return
        last = max(row["timestamp"] for row in self.ledger)
        when = some_instant(rng, min(last, END), END)
        pick = rng.random()
        if pick < 0.35:
            self.add_entry(grant, "CREDITS_EXPIRED", remaining, when)
            if rng.random() < 0.15:
                again = some_instant(rng, when, END)
                self.add_entry(grant, "CREDITS_EXPIRED", remaining, again)
        elif pick < 0.65:
            voided = remaining if rng.random() < 0.8 else remaining / 2
            self.add_entry(grant, "CREDITS_VOIDED", voided.quantize(Decimal("1E-9")), when)
            if rng.random() < 0.3:
                self.tell_regret(grant, remaining, when)

    def tell_regret(self, grant: dict, units: Decimal, after: datetime) -> None:
        """Consumption that moves away from a grant again."""
        when = some_instant(self.rng, after, END)
        kind = "CREDITS_CONSUMPTION_TRANSFER_SOURCE"
        self.add_entry(grant, kind, min(units, Decimal(1)), when)

    def tell_copies(self) -> None:
        """Duplicates that are alike, rows without an id, and older versions of grants."""
        rng = self.rng
        for row in self.ledger:
            pick = rng.random()
            if pick < 0.05:
                self.copies += [dict(row) for _ in range(rng.randint(1, 2))]
            elif pick < 0.08:
                row.update(id=None, event_id=f"{self.name}-ev{rng.randint(1, 3)}")
                self.copies += [dict(row) for _ in range(rng.randint(0, 2))]
        for row in self.ledger:
            is_consumed = row["event_type"].upper() == "CREDITS_CONSUMED"
            if is_consumed and rng.random() < 0.03:
                row.update(id=None, event_id=None)
                self.copies += [dict(row) for _ in range(rng.randint(0, 2))]
        for grant in self.grants:
            if rng.random() < 0.25:
                older = dict(grant, status="PAYMENT_PENDING", invoice_status=None)
                older["updated_at"] -= timedelta(seconds=rng.randint(1, 10**6))
                self.versions.append(older)
                if rng.random() < 0.3:
                    self.versions.append(dict(older, updated_at=None, cost_basis=Decimal("9.9")))
            if rng.random() < 0.1:
                self.versions += [dict(grant) for _ in range(rng.randint(1, 2))]

    def tell(self) -> None:
        """A sane story of 3 to about 25 ledger rows."""
        rng = self.rng
        for number in range(1, rng.choice([1, 1, 2, 2, 3]) + 1):
            if len(self.ledger) < 14:
                self.tell_grant(number)
        while len(self.ledger) < 3:
            grant = self.grants[0]
            self.add_entry(
                grant, "CREDITS_CONSUMED", Decimal(0), some_instant(rng, LAST_GRANT, END)
            )
        if rng.random() < 0.1:
            when = datetime(2026, 7, rng.randint(1, 31), rng.randint(0, 23))
            self.add_entry(self.grants[0], "CREDITS_CONSUMED", Decimal(1), when)
        self.tell_copies()

    # -- a story spoiled

    def spoil(self) -> None:
        """Add one to three faults that native types can hold."""
        for _ in range(self.rng.randint(1, 3)):
            self.rng.choice(FAULTS)(
                self, self.rng.choice(self.grants), self.rng.choice(self.ledger)
            )


# --------------------------------------------------------------------------------------------------
# Faults: each takes (customer, one of its grants, one of its ledger rows)
# --------------------------------------------------------------------------------------------------

Fault = Callable[[Customer, dict, dict], None]


def change_grant(**changes: Any) -> Fault:
    """A fault that overwrites columns of a grant."""
    return lambda customer, grant, row: grant.update(changes)


def change_row(**changes: Any) -> Fault:
    """A fault that overwrites columns of a ledger row (a copy of it then conflicts)."""
    return lambda customer, grant, row: row.update(changes)


def disagreeing_prices(customer: Customer, grant: dict, row: dict) -> None:
    """Both prices, and they do not agree."""
    grant.update(category="PAID", cost_basis=Decimal("7.13"), cost_amount=Decimal("0.01"))


def price_over_no_units(customer: Customer, grant: dict, row: dict) -> None:
    """A whole-grant price, and a grant row of zero units."""
    grant.update(category="PAID", cost_basis=None, cost_amount=Decimal("12.5"))
    for entry in granted_rows(customer, grant):
        entry["amount"] = Decimal(0)


def too_much_value(customer: Customer, grant: dict, row: dict) -> None:
    """A value far beyond 10^15 minor units."""
    grant.update(category="PAID", cost_amount=None, cost_basis=Decimal(10) ** 12)
    for entry in granted_rows(customer, grant):
        entry["amount"] = Decimal(10) ** 10


def too_many_units(customer: Customer, grant: dict, row: dict) -> None:
    """Grant rows that reach 10^11 units together, though neither does alone."""
    grant.update(category="PAID", cost_amount=None, cost_basis=Decimal("0.0001"))
    for _ in range(2):
        customer.add_entry(grant, "CREDITS_GRANTED", Decimal(5) * 10**10, datetime(2025, 9, 9))


def unwieldy_fraction(customer: Customer, grant: dict, row: dict) -> None:
    """A price and units with so many digits that no 38-digit engine can multiply them."""
    price = Decimal("123456789012.123456789011")
    grant.update(category="PAID", cost_basis=None, cost_amount=price)
    for entry in granted_rows(customer, grant):
        entry["amount"] = Decimal("9876543210.123456789")


def missing_granted_row(customer: Customer, grant: dict, row: dict) -> None:
    """No grant row in the ledger."""
    gone = {id(entry) for entry in granted_rows(customer, grant)}
    customer.ledger[:] = [entry for entry in customer.ledger if id(entry) not in gone] or [row]


def conflicting_versions(customer: Customer, grant: dict, row: dict) -> None:
    """Two different newest versions of a grant."""
    customer.versions.append(dict(grant, display_name="another name", cost_basis=Decimal(5)))


def only_null_versions(customer: Customer, grant: dict, row: dict) -> None:
    """A grant whose only version has no updated_at (which is no fault by itself)."""
    grant["updated_at"] = None


def nameless_grant(customer: Customer, grant: dict, row: dict) -> None:
    """A grant row without an id, and the grant's own row too."""
    customer.versions.append(dict(grant, grant_id=None))


def conflicting_copy(customer: Customer, grant: dict, row: dict) -> None:
    """The same id with another amount, or recorded at another time."""
    if row["id"] is None:
        row["id"] = f"{customer.name}-again{len(customer.ledger)}"
    changes = customer.rng.choice(
        [{"amount": Decimal("77.7")}, {"created_at": datetime(2026, 5, 5, 5)}]
    )
    customer.copies.append(dict(row, **changes))


def granted_rows(customer: Customer, grant: dict) -> list[dict]:
    """The grant rows of a grant in the ledger, copies included."""
    return [
        entry
        for entry in customer.ledger + customer.copies
        if entry["credit_grant_id"] == grant["grant_id"]
        and str(entry["event_type"]).upper() == "CREDITS_GRANTED"
    ]


FAULTS: list[Fault] = [
    change_grant(cost_currency="XXQ", category="PAID", cost_basis=Decimal("0.5"), cost_amount=None),
    change_grant(cost_currency=None, category="paid"),
    change_grant(cost_basis=None, cost_amount=None),
    change_grant(cost_basis=None, cost_amount=None, category="Recurring"),
    change_grant(cost_basis=Decimal("-0.01"), category="PAID"),
    change_grant(cost_amount=Decimal(-3), category="RECURRING"),
    change_grant(cost_amount=Decimal(1234567890123456)),
    change_grant(amount_consumed=Decimal(1234567890123456789)),
    change_grant(category="GIFT"),
    change_grant(category=None),
    change_grant(status="PAYMENT_PENDING"),
    change_grant(status="PAYMENT_FAILED"),
    change_grant(status="FAILED"),
    change_grant(invoice_status="FAILED"),
    change_grant(invoice_status="PAYMENT_FAILED"),
    disagreeing_prices,
    price_over_no_units,
    too_much_value,
    too_many_units,
    unwieldy_fraction,
    missing_granted_row,
    conflicting_versions,
    only_null_versions,
    nameless_grant,
    conflicting_copy,
    conflicting_copy,
    change_row(event_type="CREDITS_TELEPORTED"),
    change_row(event_type=None),
    change_row(credit_grant_id="nobody-knows-this-grant"),
    change_row(credit_grant_id=None),
    change_row(amount=None),
    change_row(amount=Decimal(10) ** 11),
    change_row(amount=Decimal("-99999999999.999999999")),
    change_row(amount=Decimal(1234567890123456789)),
    change_row(timestamp=None),
    change_row(timestamp=datetime(1999, 12, 31, 12)),
    change_row(timestamp=datetime(2060, 1, 1, 12)),
    change_row(timestamp=datetime(2000, 1, 1, 12)),
    change_row(timestamp=datetime(2026, 9, 1)),
    change_row(timestamp=datetime(2059, 12, 31), created_at=None),
]


# --------------------------------------------------------------------------------------------------
# Text
# --------------------------------------------------------------------------------------------------

BAD_NUMBERS = ["abc", "1e5", "1,000", "NaN", "--5", "0x10", "1 000", "$5", "12.3.4"]
BAD_TIMES = ["not a time", "2026-02-30T00:00:00Z", "2025-13-01 00:00:00", "yesterday", "31/12/2025"]
TOO_MANY_DIGITS = {
    "units": ["1.0000000001", "1234567890123456789", "0.00000000049"],
    "price": ["0.1234567890123", "1234567890123456.5"],
}


def number_text(rng: random.Random, value: Decimal) -> str:
    """A number as plain decimal text, in one of the ways that mean the same."""
    text = format(value, "f")
    pick = rng.random()
    if pick < 0.1:
        text += "000" if "." in text else ".0"
    elif pick < 0.13:
        text += "00000000000000" if "." in text else ".00000000000000"
    if rng.random() < 0.05:
        text = text.replace("-", "-0") if text.startswith("-") else "0" + text
    if rng.random() < 0.08 and not text.startswith("-"):
        text = "+" + text
    if rng.random() < 0.08:
        text = rng.choice([f" {text}", f"{text} ", f"  {text}  "])
    return text


def time_text(rng: random.Random, value: datetime) -> str:
    """An instant (naive, UTC) as ISO 8601 text, in one of the ways that mean the same."""
    offset, minutes = rng.choice(
        [("", 0), ("Z", 0), ("Z", 0), ("+02:00", 120), ("-0530", -330), ("+00:00", 0)]
    )
    local = value + timedelta(minutes=minutes)
    enough = [digits for digits in (0, 3, 6) if value.microsecond % 10 ** (6 - digits) == 0]
    digits = rng.choice(enough)
    text = local.strftime(f"%Y-%m-%d{rng.choice('T ')}%H:%M:%S")
    if digits:
        text += f".{local.microsecond:06d}"[: digits + 1]
    return text + offset


def text_row(rng: random.Random, row: dict) -> dict:
    """A raw row with every value as text or None."""
    texts = {}
    for column, value in row.items():
        if isinstance(value, datetime):
            texts[column] = time_text(rng, value)
        elif isinstance(value, Decimal) and column != "priority":
            texts[column] = number_text(rng, value)
        else:
            texts[column] = None if value is None else str(value)
    return texts


def spoil_text(rng: random.Random, row: dict, columns: Iterable[str], times: Iterable[str]) -> None:
    """Put something unreadable or too precise into one column of a raw text row."""
    pick = rng.random()
    if pick < 0.35:
        row[rng.choice(list(times))] = rng.choice(BAD_TIMES)
        return
    column = rng.choice(list(columns))
    if pick < 0.7:
        row[column] = rng.choice(BAD_NUMBERS)
    else:
        row[column] = rng.choice(TOO_MANY_DIGITS["price" if column in PRICE_FIELDS else "units"])


def seed_text(row: dict) -> dict:
    """A row of a finance seed as text: plain `YYYY-MM-DD HH:MM:SS`."""
    return {
        column: value.isoformat(" ")
        if isinstance(value, datetime)
        else value
        if value is None
        else str(value)
        for column, value in row.items()
    }


# --------------------------------------------------------------------------------------------------
# Companies
# --------------------------------------------------------------------------------------------------


def random_company(
    seed: int,
    customers: int,
    *,
    as_text: bool = False,
    closes: list[dict],
    sane_share: float = 0.7,
) -> Tables:
    """The raw tables of a random company.

    `closes` are rows of period_closes with native times; recording times are drawn around them.
    `sane_share` is the share of customers without any fault. Ids hold the seed, so that companies
    of different seeds can be joined. With `as_text` every value is text or None.
    """
    instants = close_instants(closes)
    tables: Tables = {
        "credit_grants": [],
        "credit_ledger": [],
        "period_closes": [dict(row) for row in closes],
        "list_prices": [],
        "currencies": [{"currency": name, "exponent": size} for name, size in CURRENCIES.items()],
    }
    for number in range(customers):
        rng = random.Random(f"{seed}:{number}")
        customer = Customer(rng, f"s{seed}c{number}", instants)
        customer.tell()
        sane = rng.random() < sane_share
        if not sane:
            customer.spoil()
        grants, ledger = customer.grants + customer.versions, customer.ledger + customer.copies
        if as_text:
            text_rng = random.Random(f"{seed}:{number}:text")
            grants = [text_row(text_rng, row) for row in grants]
            ledger = [text_row(text_rng, row) for row in ledger]
            if not sane and text_rng.random() < 0.6:
                times = ("timestamp", "created_at")
                spoil_text(text_rng, text_rng.choice(ledger), ("amount",), times)
            if not sane and text_rng.random() < 0.3:
                columns = (*UNIT_FIELDS[:3], *PRICE_FIELDS)
                times = ("effective_at", "expires_at", "created_at", "updated_at")
                spoil_text(text_rng, text_rng.choice(grants), columns, times)
        tables["credit_grants"] += grants
        tables["credit_ledger"] += ledger
    if as_text:
        for name in ("period_closes", "currencies"):
            tables[name] = [seed_text(row) for row in tables[name]]
    return shuffled(tables, seed)


def shuffled(tables: Tables, seed: int) -> Tables:
    """The same tables with the rows of each in another order."""
    result = {}
    for name, rows in tables.items():
        result[name] = [dict(row) for row in rows]
        random.Random(f"{seed}:{name}").shuffle(result[name])
    return result
