"""Seeded random companies whose credits pay invoices, as raw tables of the generic room.

Credits of every funding in four currencies, invoices of one line, and a ledger that applies the
one to the other: also before the invoice is there, recorded late, given back, beyond what is left.
About one row in ten is spoiled. Money is a whole number of minor units but where it is spoiled.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal

from credit_event_oracle import FUNDINGS, Row
from histories import (
    CURRENCIES,
    END,
    MICROSECOND,
    START,
    Tables,
    close_instants,
    some_instant,
    some_recording,
)

OWED_AT_ISSUE = "owed_at_issue"
LAST_GRANT = datetime(2026, 4, 15)


def random_company(
    seed: int, closes: list[Row], credits: int = 150, invoices: int = 60, is_sane: bool = False
) -> Tables:
    """The raw tables of a company.

    Args:
        seed: the same seed makes the same company.
        closes: the rows of period_closes, for facts that are recorded around them.
        credits: how many.
        invoices: how many.
        is_sane: no row has a fault.
    """
    return Company(random.Random(f"credit events {seed}"), closes, is_sane).fill(credits, invoices)


class Company:
    """Makes the rows."""

    def __init__(self, rng: random.Random, closes: list[Row], is_sane: bool) -> None:
        """A company without rows."""
        self.rng, self.instants, self.is_sane = rng, close_instants(closes), is_sane
        self.tables: Tables = {"invoices": [], "service_lines": []}
        self.tables |= {"credit_grants": [], "credit_entries": []}
        self.number = 0

    def fill(self, credits: int, invoices: int) -> Tables:
        """Make so many of them; rows arrive in any order."""
        for number in range(invoices):
            self.invoice(f"i{number}")
        for number in range(credits):
            Credit(self, f"g{number}", FUNDINGS[number % len(FUNDINGS)]).live()
        if not self.is_sane:
            self.repeat_rows()
        for rows in self.tables.values():
            self.rng.shuffle(rows)
        return self.tables

    def chance(self, probability: float) -> bool:
        """Whether something happens."""
        return self.rng.random() < probability

    def fault(self, probability: float) -> bool:
        """Whether something goes wrong."""
        return not self.is_sane and self.chance(probability)

    def instant(self, low: datetime, high: datetime = END) -> datetime:
        """When something happens."""
        return some_instant(self.rng, min(low, high), high)

    def recorded(self, happened: datetime) -> datetime | None:
        """When it is recorded; half of it at once."""
        return None if self.chance(0.5) else some_recording(self.rng, happened, self.instants)

    def invoice(self, name: str) -> None:
        """An invoice of one line that serves some months."""
        rng, currency = self.rng, self.rng.choice(list(CURRENCIES))
        booked = self.instant(START)
        starts = booked.date() + timedelta(days=rng.randint(-40, 40))
        about = {"invoice_id": name, "customer_id": f"c{rng.randrange(20)}", "currency": currency}
        amount = Decimal(rng.randint(1, 200_000)).scaleb(-CURRENCIES[currency])
        line = {
            "line_id": f"{name}-line",
            "amount": amount,
            "service_starts_on": starts,
            "service_ends_on": starts + timedelta(days=rng.randint(1, 200)),
            "booked_at": booked,
            "booked_known_at": self.recorded(booked),
        }
        self.tables["invoices"].append({**about, "total": amount, "booked_at": booked})
        if not self.fault(0.03):
            self.tables["service_lines"].append({**about, **line})

    def some_invoice(self, currency: str, is_same: bool = True) -> str | None:
        """An invoice in that currency, or in another one."""
        names = [
            row["invoice_id"]
            for row in self.tables["invoices"]
            if (row["currency"] == currency) == is_same
        ]
        return self.rng.choice(names) if names else None

    def repeat_rows(self) -> None:
        """Rows that arrive twice, alike or not."""
        for table, column in (("credit_grants", "customer_id"), ("credit_entries", "units")):
            rows = self.tables[table]
            for row in self.rng.sample(rows, len(rows) // 25):
                copy = dict(row)
                if self.chance(0.3):
                    copy[column] = "another" if column == "customer_id" else row[column] * 2
                rows.append(copy)


class Credit:
    """One grant and what its ledger says."""

    def __init__(self, company: Company, name: str, funding: str) -> None:
        """Its terms."""
        rng = company.rng
        self.company, self.rng, self.name, self.funding = company, rng, name, funding
        self.currency = rng.choice(list(CURRENCIES))
        self.exponent = CURRENCIES[self.currency]
        self.begin = company.instant(START, LAST_GRANT)
        self.left = Decimal(0)
        self.used_instants: set[datetime] = set()
        self.applied: list[Row] = []
        self.customer = f"c{rng.randrange(20)}"
        if funding == "goodwill" and company.chance(0.5):
            self.customer = OWED_AT_ISSUE

    def money(self, most: Decimal | None = None) -> Decimal:
        """A whole number of minor units, at least one."""
        limit = 50_000 if most is None else max(int(most.scaleb(self.exponent)), 1)
        return Decimal(self.rng.randint(1, limit)).scaleb(-self.exponent)

    def live(self) -> None:
        """Grant it, use it, end it."""
        company, rng = self.company, self.rng
        units = self.money()
        self.terms(units)
        if not company.fault(0.03):
            self.entry("grant", units, self.begin)
        if company.chance(0.15):
            self.entry("grant", self.money(), company.instant(self.begin))
        for _ in range(rng.choice([0, 1, 2, 3, 4, 6])):
            self.pay()
        for _ in range(rng.choice([0, 0, 1])):
            self.other()
        self.end()

    def terms(self, units: Decimal) -> None:
        """The row of the grant, which seldom never arrives."""
        company, rng = self.company, self.rng
        row: Row = {"grant_id": self.name, "customer_id": self.customer, "funding": self.funding}
        row |= {"credit_unit": self.currency, "currency": self.currency}
        row |= {"effective_at": self.begin, "known_at": company.recorded(self.begin)}
        row |= {"price_total": None, "price_per_unit": None, "payment_status": None}
        row["expires_at"] = self.some_expiry() if company.chance(0.6) else None
        if self.funding == "paid":
            share = Decimal(rng.randint(1, 11_000)) / 10_000
            if company.chance(0.6):
                row["price_total"] = (units * share).quantize(Decimal(1).scaleb(-self.exponent))
            elif not company.fault(0.2):
                row["price_per_unit"] = share
            if company.fault(0.1):
                row["credit_unit"] = "minutes"
        elif self.funding in ("prepayment", "gift_card"):
            row["price_per_unit"] = Decimal(1)
        elif self.funding == "on_account" or company.chance(0.5):
            row["price_per_unit"] = Decimal(1 if self.funding == "on_account" else 0)
        if company.fault(0.02):
            row["payment_status"] = "pending"
        if company.fault(0.02):
            row["funding"] = "unheard_of"
        if not company.fault(0.02):
            company.tables["credit_grants"].append(row)
            self.change_expiry(row)

    def some_expiry(self) -> datetime:
        """When it expires; seldom before it begins, sometimes after the day of the books."""
        low = self.begin - timedelta(days=20 if self.company.chance(0.04) else 0)
        return low + timedelta(days=self.rng.choice([10, 60, 200, 400]) * self.rng.random())

    def change_expiry(self, row: Row) -> None:
        """Newer versions of the row of the grant, often around a close."""
        company, rng = self.company, self.rng
        times = {row["known_at"]}
        for _ in range(rng.choice([0, 0, 0, 1, 2])):
            at = some_recording(rng, company.instant(self.begin), company.instants)
            if at is None or at in times or at <= (row["known_at"] or START):
                continue
            times.add(at)
            ends = self.some_expiry() if company.chance(0.8) else None
            company.tables["credit_grants"].append({**row, "known_at": at, "expires_at": ends})

    def entry(self, kind: str, units: Decimal, at: datetime, invoice: str | None = None) -> Row:
        """A row of the ledger; no two of a grant happen at the same instant."""
        while at in self.used_instants:
            at += MICROSECOND
        self.used_instants.add(at)
        self.company.number += 1
        row: Row = {
            "entry_id": f"e{self.company.number}",
            "grant_id": self.name,
            "entry_type": kind,
            "units": units,
            "effective_at": at,
            "known_at": self.company.recorded(at),
            "invoice_id": invoice,
        }
        self.company.tables["credit_entries"].append(row)
        self.left += units
        # What is left is whole minor units, as what uses it should be.
        self.left = self.left.quantize(Decimal(1).scaleb(-self.exponent), ROUND_FLOOR)
        return row

    def some_time(self) -> datetime:
        """When it is used; seldom before it was granted."""
        early = self.company.chance(0.05)
        low = max(START, self.begin - timedelta(days=20 if early else 0))
        # Often in the same weeks, so that use and what comes back meet in one movement.
        return self.company.instant(low, min(END, low + timedelta(days=self.rng.choice([20, 500]))))

    def pay(self) -> None:
        """Pay an invoice, and perhaps take it back."""
        company, rng = self.company, self.rng
        units = self.money(None if company.chance(0.07) else self.left)
        invoice = company.some_invoice(self.currency)
        if company.fault(0.1):
            pick = rng.randrange(4)
            if pick == 0:
                invoice = company.some_invoice(self.currency, is_same=False)
            elif pick == 3:
                units += Decimal("0.5").scaleb(-self.exponent)
            else:
                invoice = "nowhere" if pick == 1 else None
        row = self.entry("apply", -units, self.some_time(), invoice)
        self.applied.append(row)
        if company.chance(0.4):
            back = self.rng.choice(self.applied)
            whole = -back["units"]
            part = whole if company.chance(0.6) else min(whole, self.money(whole))
            at = company.instant(
                back["effective_at"],
                min(END, back["effective_at"] + timedelta(days=rng.choice([1, 15, 300]))),
            )
            is_other = company.chance(0.1)
            paid = company.some_invoice(self.currency) if is_other else back["invoice_id"]
            self.entry("apply_reversal", part, at, paid)

    def other(self) -> None:
        """Another movement in its life."""
        pick, at = self.rng.randrange(5), self.some_time()
        if pick <= 1:
            is_more = self.company.chance(0.6)
            units = self.money() if is_more else -self.money(self.left)
            self.entry("adjust", units, at)
        elif pick == 2:
            self.entry("consume", -self.money(self.left), at)
        elif pick == 3:
            units = self.money(self.left)
            self.entry("consume", -units, at)
            self.entry("consume_reversal", units, self.company.instant(at))
        elif self.funding != "prepayment" or self.company.fault(0.3):
            self.entry("refund", -self.money(self.left), at)

    def end(self) -> None:
        """What is left expires, is revoked, paid out or stays."""
        if self.left <= 0:
            return
        kind = self.rng.choice(["expire", "revoke", "refund", "", ""])
        if not kind or (kind == "refund" and self.funding == "prepayment"):
            return
        units = self.left if self.company.chance(0.6) else self.money(self.left)
        self.entry(kind, -units, self.company.instant(self.begin))
