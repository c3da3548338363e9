"""Writes the exports that revrec runs on without a billing system.

Two subcommands:

``sample``
    The sample company, Fernhollow AI, an invented vendor of AI interfaces that sells prepaid
    credits: CSV files in the shape of a Stigg export, of a small in-house ledger (the ``generic``
    source, of a product that Fernhollow bought) and of the tables that finance maintains.
    The same seed gives the same bytes. The stories in it stand under "Stories" below, one customer
    each, and two rows are bad on purpose. Before anything is written the company is checked
    against its own ledger (``check_books``).

``load``
    The load of the benchmark: N ledger rows of one fixed shape, generated inside DuckDB.

Units are counts of credits (``Decimal``, up to nine decimals). Prices are in major units of their
currency. Every time is UTC and has no zone.
"""

from __future__ import annotations

import argparse
import csv
import heapq
import random
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import count
from pathlib import Path

import duckdb

DEFAULT_SEED = 20260630
DEFAULT_OUT = Path(__file__).resolve().parents[1] / "seeds" / "sample_exports"

FIRST_DAY = date(2025, 1, 1)
LAST_DAY = date(2026, 6, 30)
END = datetime(2026, 6, 30, 23, 59, 59)

API = "api-credits"
GPU = "gpu-minutes"

FEATURES = {
    API: ("feature-chat", "feature-embeddings", "feature-image", "feature-batch"),
    GPU: ("feature-fine-tuning", "feature-dedicated-endpoint"),
}

# Who uses one metered feature alone, and from when on: the sample's usage_events have that use too.
METERED = {"northlight_media": ("feature-video", datetime(2026, 1, 1))}

GRANT_COLUMNS = [
    "grant_id",
    "customer_id",
    "resource_id",
    "currency_id",
    "display_name",
    "category",
    "amount_granted",
    "amount_consumed",
    "amount_remaining",
    "cost_basis",
    "cost_amount",
    "cost_currency",
    "priority",
    "status",
    "invoice_id",
    "invoice_status",
    "effective_at",
    "expires_at",
    "voided_at",
    "created_at",
    "updated_at",
]
LEDGER_COLUMNS = [
    "id",
    "customer_id",
    "credit_grant_id",
    "credit_currency_id",
    "event_type",
    "amount",
    "event_id",
    "feature_id",
    "resource_id",
    "timestamp",
    "created_at",
]
GENERIC_GRANT_COLUMNS = [
    "grant_id",
    "customer_id",
    "credit_unit",
    "funding",
    "granted_units",
    "price_total",
    "price_per_unit",
    "currency",
    "effective_at",
    "expires_at",
    "known_at",
    "priority",
    "invoice_id",
    "invoice_status",
    "payment_status",
    "remaining_units",
    "consumed_units",
    "pool_id",
    "source_order",
]
GENERIC_ENTRY_COLUMNS = [
    "entry_id",
    "grant_id",
    "customer_id",
    "entry_type",
    "units",
    "effective_at",
    "known_at",
    "reference",
    "invoice_id",
    "pool_id",
]
CLOSE_COLUMNS = ["accounting_period", "closed_at", "reopened_at", "closed_by"]
LIST_PRICE_COLUMNS = ["credit_unit", "currency", "list_price", "effective_from", "known_at"]
FX_RATE_COLUMNS = ["rate_date", "from_currency", "to_currency", "rate"]

# Event type of the export -> entry type and the sign of its units (0: keeps its own).
EVENT_TYPES = {
    "CREDITS_GRANTED": ("grant", 1),
    "CREDITS_CONSUMED": ("consume", -1),
    "CREDITS_EXPIRED": ("expire", -1),
    "CREDITS_VOIDED": ("revoke", -1),
    "CREDITS_UPDATED": ("adjust", 0),
    "CREDITS_CONSUMPTION_TRANSFER_SOURCE": ("consume_moved_from", 1),
    "CREDITS_CONSUMPTION_TRANSFER_TARGET": ("consume_moved_to", -1),
}


# --------------------------------------------------------------------------------------------------
# What the company sells
# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Package:
    """Something on the price list: ``units`` credits, priced as a whole or per unit, not both.

    Prices are text in major units, so that they reach the file with all their digits.
    """

    units: int
    cost_amount: str = ""
    cost_basis: str = ""


# The more a customer buys, the less a credit costs.
PACKAGES: dict[tuple[str, str], dict[str, Package]] = {
    (API, "USD"): {
        "XS": Package(2_000, cost_amount="19.99"),
        "S": Package(5_000, cost_basis="0.0095"),
        "M": Package(20_000, cost_basis="0.0085"),
        "L": Package(60_000, cost_amount="499.00"),
        "XL": Package(250_000, cost_basis="0.0079"),
        "XXL": Package(1_000_000, cost_amount="7250.00"),
    },
    (API, "EUR"): {
        "S": Package(5_000, cost_basis="0.0088"),
        "M": Package(20_000, cost_basis="0.0079"),
        "L": Package(60_000, cost_amount="459.00"),
        "XL": Package(250_000, cost_basis="0.00735"),
    },
    (API, "JPY"): {
        "S": Package(5_000, cost_basis="1.45"),
        "M": Package(20_000, cost_basis="1.32"),
        "L": Package(60_000, cost_amount="74900"),
        "XL": Package(250_000, cost_basis="1.175"),
    },
    (GPU, "USD"): {
        "S": Package(500, cost_basis="0.068"),
        "M": Package(2_000, cost_basis="0.0625"),
        "L": Package(10_000, cost_amount="599.00"),
    },
    (GPU, "EUR"): {
        "S": Package(500, cost_basis="0.063"),
        "M": Package(2_000, cost_amount="115.50"),
        "L": Package(10_000, cost_basis="0.0555"),
    },
}

# Months between two purchases; `auto` buys when the balance is low, `once` buys once.
PLAN_MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12, "auto": 0, "once": 0, "recurring": 1}
# In how many months a package is meant to be used.
PLAN_PACE = {"monthly": 1, "quarterly": 3, "yearly": 12, "auto": 1, "once": 4, "recurring": 1}

DISPLAY_NAMES = {
    "monthly": "Monthly top-up",
    "quarterly": "Quarterly package",
    "yearly": "Annual package",
    "auto": "Auto-recharge",
    "once": "Credit package",
    "recurring": "Included credits",
}

# Burned first where the number is lower.
PRIORITY = {"PROMOTIONAL": 10, "PROMO": 10, "RECURRING": 20, "PAID": 50, "OVERDRAFT": 100}


@dataclass(frozen=True)
class Customer:
    """How one customer buys and uses credits.

    Args:
        slug: the readable part of its id and of its grants' ids.
        plan: a key of ``PLAN_MONTHS``.
        size: a key of the price list of its unit and currency.
        start: the day of the first purchase.
        activity: the chance, in per mille, that a working day has usage.
        burn: how much of what is bought is used, in percent, in the first month.
        card: pays by card: no invoice.
        welcome: units of a promotional grant at the start (0: none).
        overdraft: usage goes on when the balance is gone.
        resource_id: the workspace that owns the credits.
    """

    slug: str
    plan: str
    size: str
    start: date
    activity: int = 300
    burn: int = 80
    currency: str = "USD"
    unit: str = API
    card: bool = False
    welcome: int = 0
    overdraft: bool = False
    resource_id: str = ""

    @property
    def customer_id(self) -> str:
        """The id in the export."""
        return f"cus_{self.slug}"

    @property
    def package(self) -> Package:
        """What the customer buys every time."""
        return PACKAGES[self.unit, self.currency][self.size]


def _customers() -> list[Customer]:
    """The forty customers: twenty with a story, twenty without."""
    d = date
    return [
        # With a story (see STORIES).
        Customer("lumen_forge", "monthly", "M", d(2025, 1, 6), activity=850, burn=70),
        Customer("quillstack", "once", "XL", d(2025, 4, 8), activity=600, burn=40),
        Customer("harborline", "once", "L", d(2025, 7, 2), activity=450, burn=60),
        Customer("tinkerbay", "once", "M", d(2025, 9, 10), activity=350, burn=50, card=True),
        Customer("oakmere_legal", "once", "L", d(2025, 2, 11), activity=150, burn=20),
        Customer("vantage_loop", "once", "M", d(2025, 3, 3), activity=500, burn=95, overdraft=True),
        Customer("pebblepost", "once", "M", d(2026, 2, 16), activity=450, burn=130, overdraft=True),
        Customer("sunny_ledger", "monthly", "S", d(2025, 5, 5), activity=300, burn=85),
        Customer("driftwood_games", "quarterly", "M", d(2025, 6, 3), activity=200, burn=85),
        Customer("copperleaf_clinics", "recurring", "S", d(2025, 4, 1), activity=350, burn=75),
        Customer("northlight_media", "quarterly", "M", d(2025, 3, 17), activity=250, burn=110),
        Customer("granite_gate", "yearly", "M", d(2025, 5, 20), activity=120, burn=75),
        Customer("foxglove_retail", "yearly", "L", d(2025, 6, 16), activity=250, burn=90),
        Customer("kestrel_freight", "quarterly", "M", d(2025, 2, 20), activity=250, burn=120),
        Customer("bluefin_analytics", "monthly", "M", d(2025, 8, 4), activity=400, burn=90),
        Customer("marigold_schools", "quarterly", "S", d(2025, 9, 1), activity=200, burn=80),
        Customer("ironbark_energy", "quarterly", "L", d(2025, 1, 14), activity=350, burn=75),
        Customer("saltmarsh_studio", "auto", "S", d(2025, 10, 7), activity=300, card=True),
        Customer("tallgrass_bio", "monthly", "M", d(2025, 7, 21), activity=300, burn=75),
        Customer("windmill_travel", "monthly", "S", d(2025, 7, 8), activity=350, burn=70),
        # Without one.
        Customer("papertrail_audit", "auto", "L", d(2025, 1, 9), activity=800, burn=90),
        Customer("maple_signal", "monthly", "XL", d(2025, 3, 11), activity=700, burn=85),
        Customer("zephyr_docs", "auto", "M", d(2025, 11, 12), activity=700, burn=95, card=True),
        Customer("beacon_hr", "yearly", "XXL", d(2025, 1, 20), activity=450, burn=60),
        Customer("rivet_works", "quarterly", "L", d(2025, 4, 24), burn=85, resource_id="ws-2"),
        Customer("stonepath_tours", "monthly", "S", d(2025, 2, 3), activity=150, card=True),
        Customer("clover_insure", "yearly", "XL", d(2025, 5, 6), activity=350, burn=70),
        Customer("juniper_notes", "auto", "S", d(2026, 1, 15), card=True, welcome=500),
        Customer("emberglass_vfx", "monthly", "L", d(2025, 6, 10), activity=450, unit=GPU),
        Customer("orbitfield_labs", "quarterly", "L", d(2025, 8, 18), burn=90, unit=GPU),
        Customer("cascade_genomics", "auto", "M", d(2025, 10, 22), activity=300, unit=GPU),
        Customer("velvet_circuit", "monthly", "M", d(2025, 12, 1), currency="EUR", unit=GPU),
        Customer("rheintal_maschinen", "yearly", "XL", d(2025, 2, 17), burn=75, currency="EUR"),
        Customer("brise_marine", "monthly", "M", d(2025, 4, 14), burn=75, currency="EUR"),
        Customer("torre_alta", "quarterly", "M", d(2025, 7, 14), activity=200, currency="EUR"),
        Customer("nordlys_maps", "auto", "S", d(2025, 9, 25), currency="EUR", card=True),
        Customer("polder_logistics", "monthly", "L", d(2026, 2, 9), currency="EUR", welcome=3000),
        Customer("aoyama_robotics", "quarterly", "L", d(2025, 3, 5), activity=400, currency="JPY"),
        Customer("hoshino_foods", "monthly", "S", d(2025, 10, 1), activity=250, currency="JPY"),
        Customer("kitano_print", "yearly", "M", d(2025, 6, 19), activity=150, currency="JPY"),
    ]


# --------------------------------------------------------------------------------------------------
# Grants and ledger rows, as the billing system keeps them
# --------------------------------------------------------------------------------------------------


@dataclass
class Grant:
    """A grant and its balance, kept up to date while the customer's history runs."""

    grant_id: str
    customer: Customer
    category: str
    display_name: str
    units: Decimal
    package: Package | None
    effective_at: datetime
    expires_at: datetime | None
    created_at: datetime
    updated_at: datetime
    invoiced: bool = False
    invoice_id: str = ""
    invoice_status: str = ""
    status: str = "ACTIVE"
    voided_at: datetime | None = None
    consumed: Decimal = Decimal(0)
    remaining: Decimal = Decimal(0)

    def burns_at(self, when: datetime) -> bool:
        """Whether usage that happened at ``when`` may burn this grant."""
        return (
            self.category != "OVERDRAFT"
            and self.status == "ACTIVE"
            and self.remaining > 0
            and self.effective_at <= when
            and (self.expires_at is None or when < self.expires_at)
        )

    def burn_key(self) -> tuple[int, datetime, bool, datetime]:
        """Burn order: priority, expiry (none last), promotional first, oldest first."""
        promotional = self.category.upper().startswith("PROMO")
        return (
            PRIORITY[self.category.upper()],
            self.expires_at or datetime.max,
            not promotional,
            self.effective_at,
        )

    def row(self) -> dict[str, str]:
        """The grant as a row of ``credit_grants``."""
        overdraft = self.category == "OVERDRAFT"
        promotional = self.category.upper().startswith("PROMO")
        return {
            "grant_id": self.grant_id,
            "customer_id": self.customer.customer_id,
            "resource_id": self.customer.resource_id,
            "currency_id": self.customer.unit,
            "display_name": self.display_name,
            "category": self.category,
            "amount_granted": plain(self.units),
            "amount_consumed": plain(self.consumed),
            "amount_remaining": plain(self.remaining),
            "cost_basis": "0" if promotional else self.package.cost_basis if self.package else "",
            "cost_amount": self.package.cost_amount if self.package else "",
            "cost_currency": "" if overdraft else self.customer.currency,
            "priority": str(PRIORITY[self.category.upper()]),
            "status": self.status,
            "invoice_id": self.invoice_id,
            "invoice_status": self.invoice_status,
            "effective_at": stamp(self.effective_at),
            "expires_at": stamp(self.expires_at),
            "voided_at": stamp(self.voided_at),
            "created_at": stamp(self.created_at),
            "updated_at": stamp(self.updated_at),
        }


@dataclass(frozen=True)
class LedgerRow:
    """One row of ``credit_ledger``; ``amount`` is unsigned, save for CREDITS_UPDATED."""

    row_id: str
    customer: Customer
    grant_id: str
    event_type: str
    amount: Decimal
    happened: datetime
    recorded: datetime
    event_id: str = ""
    feature_id: str = ""

    def row(self) -> dict[str, str]:
        """The row in the columns of the export."""
        return {
            "id": self.row_id,
            "customer_id": self.customer.customer_id,
            "credit_grant_id": self.grant_id,
            "credit_currency_id": self.customer.unit,
            "event_type": self.event_type,
            "amount": plain(self.amount),
            "event_id": self.event_id,
            "feature_id": self.feature_id,
            "resource_id": self.customer.resource_id,
            "timestamp": stamp(self.happened),
            "created_at": stamp(self.recorded),
        }


def plain(number: Decimal) -> str:
    """A number in plain digits: no exponent, no trailing zeros."""
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def stamp(when: datetime | None) -> str:
    """A time as ``YYYY-MM-DD HH:MM:SS``, with microseconds if it has any; empty for none."""
    if when is None:
        return ""
    return when.strftime("%Y-%m-%d %H:%M:%S.%f" if when.microsecond else "%Y-%m-%d %H:%M:%S")


def add_months(day: date, months: int) -> date:
    """The same day some months later; the day of the month must be 28 or less."""
    index = day.year * 12 + day.month - 1 + months
    return day.replace(year=index // 12, month=index % 12 + 1)


class Pool:
    """One customer's credits: runs its history in the order in which it was recorded.

    Purchases, usage and scripted events wait in a queue by recording time; expiries and
    auto-recharges join it as grants are made. Each one changes the balances and writes the rows.

    Args:
        customer: whose credits.
        seed: of the whole company; every customer has its own stream of random numbers.
    """

    EXPIRY, PURCHASE, OTHER = range(3)

    def __init__(self, customer: Customer, seed: int) -> None:
        self.customer = customer
        self.random = random.Random(f"{seed}:{customer.slug}")
        self.grants: list[Grant] = []
        self.rows: list[LedgerRow] = []
        self.old_versions: list[dict[str, str]] = []
        self._queue: list[tuple[datetime, int, int, Callable[[], None]]] = []
        self._numbers = count()
        self._recharging = False

    # -- the queue

    def at(self, when: datetime, action: Callable[[], None], rank: int = OTHER) -> None:
        """Runs ``action`` at ``when``; nothing runs after the sample's end."""
        if when <= END:
            heapq.heappush(self._queue, (when, rank, next(self._numbers), action))

    def run(self) -> None:
        """Runs everything that waits, and what it brings about."""
        while self._queue:
            _, _, _, action = heapq.heappop(self._queue)
            action()

    # -- what happens

    def buy(
        self,
        when: datetime,
        package: Package | None = None,
        *,
        category: str = "PAID",
        name: str = "",
        units: int = 0,
        expires: datetime | None = None,
        recorded: datetime | None = None,
        status: str = "ACTIVE",
        invoice_status: str = "",
    ) -> Grant:
        """Makes a grant, and settles an open overdraft from it.

        Args:
            when: the grant's ``effective_at``.
            package: what is bought; None for a promotional grant of ``units``.
            category: as in the export.
            name: its display name.
            units: granted units where there is no package.
            expires: default twelve months later.
            recorded: its ``created_at``; default ``when``.
            status: ACTIVE or PAYMENT_PENDING.
            invoice_status: default PAID, or OPEN for an invoice of the last month.
        """
        recorded = recorded or when
        paid = package is not None
        size = Decimal(package.units if package else units)
        grant = self._new_grant(category, name, size, package, when, recorded)
        grant.expires_at = expires or datetime.combine(add_months(when.date(), 12), when.time())
        grant.status = status
        grant.invoiced = paid and not self.customer.card
        if grant.invoiced:
            recent = when >= datetime(2026, 6, 1)
            grant.invoice_status = invoice_status or ("OPEN" if recent else "PAID")
        self._write(grant, "CREDITS_GRANTED", size, when, recorded)
        if status == "ACTIVE":
            self.at(grant.expires_at, lambda: self.expire(grant), rank=self.EXPIRY)
            self._settle_overdraft(grant, recorded + timedelta(seconds=1))
        return grant

    def use(self, happened: datetime, amount: Decimal, recorded: datetime | None = None) -> None:
        """Burns ``amount`` units, one row per grant that gives some, in burn order.

        What the grants do not hold is overdraft, if the customer has one; else it is refused.
        """
        if recorded is None:
            delay = timedelta(seconds=2 + self._below(90), microseconds=self._below(1_000_000))
            recorded = happened + delay
        event_id = f"evt_{self.random.getrandbits(48):012x}"
        features = FEATURES[self.customer.unit]
        feature = features[self._below(len(features))] if self._below(10) < 7 else ""
        metered, since = METERED.get(self.customer.slug, ("", END))
        if metered and happened >= since:
            feature = metered
        left = amount
        for grant in sorted((g for g in self.grants if g.burns_at(happened)), key=Grant.burn_key):
            part = min(left, grant.remaining)
            left -= part
            grant.consumed += part
            self._write(grant, "CREDITS_CONSUMED", part, happened, recorded, event_id, feature)
            if not left:
                break
        if left and self.customer.overdraft:
            grant = self._overdraft() or self._new_grant(
                "OVERDRAFT", "Overdraft", Decimal(0), None, happened, recorded
            )
            grant.consumed += left
            self._write(grant, "CREDITS_CONSUMED", left, happened, recorded, event_id, feature)
        self._recharge(recorded)

    def expire(self, grant: Grant) -> None:
        """Takes what is left of a grant at its expiry; the nightly job records it a bit later."""
        if grant.status != "ACTIVE":
            return
        assert grant.expires_at is not None
        grant.status = "EXPIRED"
        recorded = grant.expires_at + timedelta(minutes=5)
        grant.updated_at = recorded
        if grant.remaining:
            left = grant.remaining
            self._write(grant, "CREDITS_EXPIRED", left, grant.expires_at, recorded)

    def void(self, grant: Grant, when: datetime) -> None:
        """Revokes what is left of a grant."""
        self._write(grant, "CREDITS_VOIDED", grant.remaining, when, when)
        grant.status, grant.voided_at = "VOIDED", when

    def adjust(self, grant: Grant, amount: Decimal, when: datetime) -> None:
        """Changes the granted units by ``amount``; zero where only terms were edited."""
        grant.units += amount
        self._write(grant, "CREDITS_UPDATED", amount, when, when)

    # -- the ordinary history

    def plan_purchases(self) -> None:
        """Queues the purchases of the customer's plan, and its welcome grant."""
        customer, months = self.customer, PLAN_MONTHS[self.customer.plan]
        if customer.welcome:
            start = self._moment(customer.start, 8, 9)
            self.at(start, lambda: self.welcome(start, customer.welcome, 60), rank=self.PURCHASE)
        day = customer.start
        while day <= LAST_DAY:
            self._plan_purchase(day)
            if not months:
                break
            day = add_months(day, months)

    def _plan_purchase(self, day: date) -> None:
        customer = self.customer
        name = f"{DISPLAY_NAMES[customer.plan]} {customer.package.units} {customer.unit}"
        if customer.plan == "recurring":
            # Comes with the subscription on the first of a month and lasts until the next one.
            when = datetime.combine(day, datetime.min.time())
            until = datetime.combine(add_months(day, 1), datetime.min.time())
            self.at(
                when,
                lambda: self.buy(
                    when, customer.package, category="RECURRING", name=name, expires=until
                ),
                rank=self.PURCHASE,
            )
        else:
            when = self._moment(day, 9, 11)
            self.at(when, lambda: self.buy(when, customer.package, name=name), rank=self.PURCHASE)

    def plan_usage(self) -> None:
        """Queues usage, day by day: more from month to month, less at weekends."""
        customer = self.customer
        # A month has about 25.3 working-day equivalents (a weekend day counts 45 percent).
        days = Decimal("25.3") * customer.activity / 1000
        pace = Decimal(customer.package.units) / PLAN_PACE[customer.plan]
        first = pace * customer.burn / 100 / days
        day = customer.start
        while day <= LAST_DAY:
            weekend = day.weekday() >= 5
            chance = customer.activity * 45 // 100 if weekend else customer.activity
            if self._below(1000) < chance:
                growth = 1000 + (day - customer.start).days  # about 3 percent a month
                amount = first * growth / 1000 * (400 + self._below(1201)) / 1000
                amount = self._round_usage(amount * 6 / 10 if weekend else amount)
                self._plan_use(self._moment(day, 12, 21), amount)
            day += timedelta(days=1)

    def _plan_use(self, when: datetime, amount: Decimal) -> None:
        self.at(when, lambda: self.use(when, amount))

    def welcome(self, when: datetime, units: int, days: int, category: str = "PROMOTIONAL") -> None:
        """Gives ``units`` promotional credits that last ``days`` days."""
        until = when + timedelta(days=days)
        self.buy(when, category=category, name="Welcome credits", units=units, expires=until)

    # -- inside

    def _below(self, bound: int) -> int:
        return self.random.randrange(bound)

    def _moment(self, day: date, first_hour: int, last_hour: int) -> datetime:
        """A second of the day between two hours."""
        seconds = first_hour * 3600 + self._below((last_hour - first_hour) * 3600)
        return datetime.combine(day, datetime.min.time()) + timedelta(seconds=seconds)

    def _round_usage(self, amount: Decimal) -> Decimal:
        """Most meters give three decimals, some whole units, a few all nine."""
        draw = self._below(100)
        digits = "0.001" if draw < 75 else "1" if draw < 97 else "0.000000001"
        quantum = Decimal(digits)
        return max(amount.quantize(quantum, ROUND_HALF_UP), quantum)

    def _new_grant(
        self,
        category: str,
        name: str,
        units: Decimal,
        package: Package | None,
        effective: datetime,
        created: datetime,
    ) -> Grant:
        grant_id = f"grant_{self.customer.slug}_{len(self.grants) + 1:02d}"
        customer = self.customer
        grant = Grant(
            grant_id, customer, category, name, units, package, effective, None, created, created
        )
        self.grants.append(grant)
        return grant

    def _write(
        self,
        grant: Grant,
        event_type: str,
        amount: Decimal,
        happened: datetime,
        recorded: datetime,
        event_id: str = "",
        feature_id: str = "",
    ) -> None:
        sign = EVENT_TYPES[event_type][1]
        grant.remaining += amount * (sign or 1)
        grant.updated_at = max(grant.updated_at, recorded)
        row_id = f"cl_{self.random.getrandbits(64):016x}"
        self.rows.append(
            LedgerRow(
                row_id,
                self.customer,
                grant.grant_id,
                event_type,
                amount,
                happened,
                recorded,
                event_id,
                feature_id,
            )
        )

    def _overdraft(self) -> Grant | None:
        """The open overdraft, if there is one."""
        for grant in self.grants:
            if grant.category == "OVERDRAFT" and grant.status == "ACTIVE":
                return grant
        return None

    def _settle_overdraft(self, grant: Grant, when: datetime) -> None:
        """Moves consumption from the open overdraft to a new grant, as far as that one reaches."""
        overdraft = self._overdraft()
        if overdraft is None:
            return
        part = min(overdraft.consumed, grant.remaining)
        overdraft.consumed -= part
        grant.consumed += part
        self._write(overdraft, "CREDITS_CONSUMPTION_TRANSFER_SOURCE", part, when, when)
        self._write(grant, "CREDITS_CONSUMPTION_TRANSFER_TARGET", part, when, when)
        if not overdraft.consumed:
            overdraft.status, overdraft.voided_at = "VOIDED", when

    def _recharge(self, when: datetime) -> None:
        """Tops up a customer with auto-recharge whose balance fell below a fifth."""
        customer = self.customer
        if customer.plan != "auto" or self._recharging:
            return
        if sum(g.remaining for g in self.grants if g.burns_at(when)) * 5 < customer.package.units:
            self._recharging = True
            moment = when.replace(microsecond=0) + timedelta(seconds=90)
            name = f"{DISPLAY_NAMES['auto']} {customer.package.units} {customer.unit}"

            def top_up() -> None:
                self._recharging = False
                self.buy(moment, customer.package, name=name)

            self.at(moment, top_up, rank=self.PURCHASE)


# --------------------------------------------------------------------------------------------------
# Stories: what the sample is there to show, each on a customer of its own
# --------------------------------------------------------------------------------------------------


def late_usage(pool: Pool) -> None:
    """Usage of March and November 2025 that a gateway delivered after the month was closed."""
    for happened, recorded, amount in (
        (datetime(2025, 3, 28, 16, 5, 12), datetime(2025, 4, 8, 9, 30, 1), "412.375"),
        (datetime(2025, 3, 30, 11, 42, 50), datetime(2025, 4, 8, 9, 30, 2), "97.25"),
        (datetime(2025, 3, 31, 22, 15, 8), datetime(2025, 4, 8, 9, 30, 3), "188.004"),
        (datetime(2025, 11, 29, 14, 20, 33), datetime(2025, 12, 9, 7, 12, 44), "530.5"),
    ):
        pool.at(recorded, lambda h=happened, r=recorded, a=amount: pool.use(h, Decimal(a), r))


def revoked_after_payment(pool: Pool) -> None:
    """The customer leaves; the invoice was paid, so the remainder is owed back."""
    when = datetime(2025, 6, 13, 15, 0, 0)
    pool.at(when, lambda: pool.void(pool.grants[0], when))


def revoked_unpaid(pool: Pool) -> None:
    """The invoice was never paid (still OPEN), so credit control revokes the remainder."""
    when = datetime(2025, 9, 5, 10, 30, 0)

    def revoke() -> None:
        pool.grants[0].invoice_status = "OPEN"
        pool.void(pool.grants[0], when)

    pool.at(when, revoke)


def revoked_cash(pool: Pool) -> None:
    """Bought by card, without an invoice, and given back."""
    when = datetime(2025, 11, 20, 13, 45, 0)
    pool.at(when, lambda: pool.void(pool.grants[0], when))


def overdraft_settled(pool: Pool) -> None:
    """Usage went on after the credits were gone; the next purchase settles all of it."""
    name = "Credit package 60000 api-credits"
    package = PACKAGES[API, "USD"]["L"]
    for when in (datetime(2025, 8, 4, 10, 12, 9), datetime(2026, 3, 30, 9, 25, 56)):
        pool.at(when, lambda w=when: pool.buy(w, package, name=name), rank=Pool.PURCHASE)


def overdraft_settled_partly(pool: Pool) -> None:
    """The purchase is smaller than the overdraft: the rest stays open, and grows."""
    when = datetime(2026, 6, 22, 10, 41, 30)
    name = "Credit package 2000 api-credits"
    package = PACKAGES[API, "USD"]["XS"]
    pool.at(when, lambda: pool.buy(when, package, name=name), rank=Pool.PURCHASE)


def promotional_burn(pool: Pool) -> None:
    """Welcome credits that are used up before the paid ones."""
    when = datetime(2025, 5, 5, 8, 5, 0)
    pool.at(when, lambda: pool.welcome(when, 1500, 90, "promo"), rank=Pool.PURCHASE)


def promotional_expiry(pool: Pool) -> None:
    """Welcome credits of which most expire after thirty days."""
    when = datetime(2025, 6, 3, 8, 20, 0)
    pool.at(when, lambda: pool.welcome(when, 12_000, 30), rank=Pool.PURCHASE)


def adjusted_up(pool: Pool) -> None:
    """Sales adds units to a grant at its price: CREDITS_UPDATED with an amount."""
    when = datetime(2025, 10, 9, 14, 2, 51)
    pool.at(when, lambda: pool.adjust(pool.grants[2], Decimal("2500"), when))


def adjusted_by_zero(pool: Pool) -> None:
    """A priority was edited: CREDITS_UPDATED with amount 0, which changes nothing."""
    when = datetime(2025, 9, 16, 9, 48, 17)
    pool.at(when, lambda: pool.adjust(pool.grants[0], Decimal(0), when))


def payment_pending(pool: Pool) -> None:
    """A second annual package waits for its payment: no books until it is there."""
    when = datetime(2026, 5, 27, 11, 3, 40)
    name = "Annual package 250000 api-credits"
    package = PACKAGES[API, "USD"]["XL"]

    def buy() -> None:
        pool.buy(when, package, name=name, status="PAYMENT_PENDING", invoice_status="OPEN")

    pool.at(when, buy, rank=Pool.PURCHASE)


def late_grant(pool: Pool) -> None:
    """Agreed in May 2025, entered on 12 June, after May was closed."""
    effective, recorded = datetime(2025, 5, 20, 9, 0, 0), datetime(2025, 6, 12, 16, 25, 11)
    name = "Renewal package 20000 api-credits"
    package = PACKAGES[API, "USD"]["M"]

    def buy() -> None:
        pool.buy(effective, package, name=name, recorded=recorded)

    pool.at(recorded, buy, rank=Pool.PURCHASE)


def superseded_version(pool: Pool) -> None:
    """The export still holds an older version of a grant row, from before it was paid and used."""

    def remember() -> None:
        grant = pool.grants[1]
        version = grant.row() | {"invoice_status": "OPEN"}
        pool.old_versions.append(version)

    pool.at(datetime(2025, 9, 10, 0, 0, 0), remember)


def reopened_month(pool: Pool) -> None:
    """September usage that arrives while September is open again: it posts to September."""
    for happened, recorded, amount in (
        (datetime(2025, 9, 27, 13, 11, 5), datetime(2025, 10, 16, 8, 45, 0), "61.5"),
        (datetime(2025, 9, 29, 18, 37, 44), datetime(2025, 10, 16, 8, 45, 1), "120.125"),
    ):
        pool.at(recorded, lambda h=happened, r=recorded, a=amount: pool.use(h, Decimal(a), r))


# customer -> what happens to it beyond its plan. Three more stories change rows afterwards
# (`_finishing_touches`) and two need nothing: oakmere_legal uses little of one package, whose
# remainder expires after twelve months; copperleaf_clinics has RECURRING grants with a cost.
STORIES: dict[str, Callable[[Pool], None]] = {
    "lumen_forge": late_usage,
    "quillstack": revoked_after_payment,
    "harborline": revoked_unpaid,
    "tinkerbay": revoked_cash,
    "vantage_loop": overdraft_settled,
    "pebblepost": overdraft_settled_partly,
    "sunny_ledger": promotional_burn,
    "driftwood_games": promotional_expiry,
    "northlight_media": adjusted_up,
    "granite_gate": adjusted_by_zero,
    "foxglove_retail": payment_pending,
    "kestrel_freight": late_grant,
    "bluefin_analytics": superseded_version,
    "windmill_travel": reopened_month,
}


# The grant of one bad row: no export ever had it.
UNKNOWN_GRANT = "grant_saltmarsh_studio_99"


def _finishing_touches(rows: list[LedgerRow], seed: int) -> list[LedgerRow]:
    """What the export itself does to the ledger, and the two bad rows.

    Args:
        rows: all ledger rows in the order of recording.
        seed: of the company.

    Returns:
        The rows of the file.
    """
    rng = random.Random(f"{seed}:touches")
    out: list[LedgerRow] = []
    for row in rows:
        # ironbark_energy came over from an old connector, which kept no row ids for usage.
        old = row.customer.slug == "ironbark_energy" and row.recorded < datetime(2025, 7, 1)
        out.append(replace(row, row_id="") if old and row.event_id else row)

    # marigold_schools: one usage row was delivered twice, the same in every column.
    usage = [r for r in out if r.customer.slug == "marigold_schools" and r.event_id]
    out.insert(out.index(usage[20]) + 25, usage[20])

    # saltmarsh_studio: bad on purpose, consumption of a grant that was never exported.
    usage = [r for r in out if r.customer.slug == "saltmarsh_studio" and r.event_id]
    bad_id = f"cl_{rng.getrandbits(64):016x}"
    bad_event = f"evt_{rng.getrandbits(48):012x}"
    out.insert(
        out.index(usage[30]) + 1,
        replace(usage[30], row_id=bad_id, event_id=bad_event, grant_id=UNKNOWN_GRANT),
    )

    # tallgrass_bio: bad on purpose, an event type that does not exist.
    usage = [r for r in out if r.customer.slug == "tallgrass_bio" and r.event_id]
    bad_id = f"cl_{rng.getrandbits(64):016x}"
    out.insert(
        out.index(usage[60]) + 1,
        replace(
            usage[60],
            row_id=bad_id,
            event_id="",
            feature_id="",
            event_type="CREDITS_REFUNDED",
            amount=Decimal("120"),
        ),
    )
    return out


# --------------------------------------------------------------------------------------------------
# The in-house ledger of the acquired product, Palisade Render
# --------------------------------------------------------------------------------------------------

RENDER = "render-minutes"


@dataclass
class InHouseLedger:
    """Five grants of three customers in the canonical shape; units are signed."""

    random: random.Random
    grants: dict[str, dict[str, str]] = field(default_factory=dict)
    entries: list[dict[str, str]] = field(default_factory=list)

    def grant(self, grant_id: str, customer: str, funding: str, units: str, **terms: str) -> None:
        """Adds a grant and, save for an overdraft, its grant entry."""
        row = dict.fromkeys(GENERIC_GRANT_COLUMNS, "")
        row |= {"grant_id": grant_id, "customer_id": customer, "credit_unit": RENDER}
        row |= {"funding": funding, "granted_units": units, "payment_status": "settled"} | terms
        row["known_at"] = row["effective_at"]
        self.grants[grant_id] = row
        if funding != "overdraft":
            self.entry(grant_id, "grant", units, terms["effective_at"], "order")

    def entry(self, grant_id: str, entry_type: str, units: str, when: str, reference: str) -> None:
        """Adds an entry that was recorded half a minute after it happened."""
        happened = datetime.fromisoformat(when)
        known = happened if entry_type == "grant" else happened + timedelta(seconds=30)
        self.entries.append(
            {
                "entry_id": f"pr-{len(self.entries) + 1:04d}",
                "grant_id": grant_id,
                "customer_id": self.grants[grant_id]["customer_id"],
                "entry_type": entry_type,
                "units": plain(Decimal(units)),
                "effective_at": stamp(happened),
                "known_at": stamp(known),
                "reference": reference,
            }
        )

    def render(self, grant_id: str, first: str, every_days: int, times: int, mean: int) -> None:
        """Adds ``times`` consumptions of about ``mean`` units, one every ``every_days`` days."""
        when = datetime.fromisoformat(first)
        for _ in range(times):
            tenths = mean * (5 + self.random.randrange(11))
            self.entry(grant_id, "consume", f"-{Decimal(tenths) / 10}", stamp(when), "render job")
            when += timedelta(days=every_days, seconds=self.random.randrange(3600))

    def balance(self, grant_id: str) -> Decimal:
        """What is left of a grant."""
        return sum((Decimal(e["units"]) for e in self.entries if e["grant_id"] == grant_id), _ZERO)


_ZERO = Decimal(0)


def in_house_ledger(seed: int) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Grants and entries of Palisade Render.

    Returns:
        Rows of ``credit_grants`` and of ``credit_entries``.
    """
    book = InHouseLedger(random.Random(f"{seed}:palisade"))
    # A customer in Kuwait, so that one currency has three decimals.
    book.grant(
        "PR-G1",
        "palisade-101",
        "paid",
        "4000",
        price_total="125.500",
        currency="KWD",
        effective_at="2025-10-06 08:00:00",
        expires_at="2026-10-06 08:00:00",
        priority="1",
        invoice_id="PR-2025-031",
        invoice_status="paid",
    )
    book.render("PR-G1", "2025-10-13 07:10:00", 14, 18, 150)
    # A customer whose failed render job was given back: a consume_reversal, a month later.
    book.grant(
        "PR-G2",
        "palisade-102",
        "promotional",
        "300",
        currency="USD",
        effective_at="2025-11-03 09:00:00",
        expires_at="2025-12-31 00:00:00",
        priority="0",
    )
    book.grant(
        "PR-G3",
        "palisade-102",
        "paid",
        "2500",
        price_per_unit="0.115",
        currency="USD",
        effective_at="2025-11-03 09:30:00",
        expires_at="2026-11-03 09:30:00",
        priority="1",
        invoice_id="PR-2025-038",
        invoice_status="paid",
    )
    book.render("PR-G2", "2025-11-10 10:00:00", 9, 5, 30)
    book.entry("PR-G2", "expire", str(-book.balance("PR-G2")), "2025-12-31 00:00:00", "expiry run")
    book.render("PR-G3", "2026-01-08 10:00:00", 10, 16, 95)
    jobs = [e for e in book.entries if (e["grant_id"], e["entry_type"]) == ("PR-G3", "consume")]
    failed = jobs[3]
    book.entry(
        "PR-G3",
        "consume_reversal",
        failed["units"].lstrip("-"),
        "2026-03-12 15:00:00",
        f"failed job of {failed['effective_at'][:10]}",
    )
    # A customer that rendered first and paid later.
    book.grant(
        "PR-G4",
        "palisade-103",
        "overdraft",
        "0",
        currency="USD",
        effective_at="2026-02-02 08:00:00",
        priority="9",
    )
    book.render("PR-G4", "2026-02-03 08:30:00", 5, 4, 60)
    owed = book.balance("PR-G4")
    book.grant(
        "PR-G5",
        "palisade-103",
        "paid",
        "1200",
        price_total="149.00",
        currency="USD",
        effective_at="2026-03-02 09:00:00",
        expires_at="2027-03-02 09:00:00",
        priority="1",
        invoice_id="PR-2026-006",
        invoice_status="open",
    )
    book.entry("PR-G4", "consume_moved_from", str(-owed), "2026-03-02 09:00:01", "settles PR-G4")
    book.entry("PR-G5", "consume_moved_to", str(owed), "2026-03-02 09:00:01", "settles PR-G4")
    book.render("PR-G5", "2026-03-09 08:30:00", 11, 9, 55)

    consuming = {"consume", "consume_reversal", "consume_moved_from", "consume_moved_to"}
    for grant_id, row in book.grants.items():
        used = [e for e in book.entries if e["grant_id"] == grant_id]
        consumed = -sum((Decimal(e["units"]) for e in used if e["entry_type"] in consuming), _ZERO)
        row["remaining_units"] = plain(book.balance(grant_id))
        row["consumed_units"] = plain(consumed)
    entries = sorted(book.entries, key=lambda e: (e["known_at"], e["entry_id"]))
    for number, entry in enumerate(entries, start=1):
        entry["entry_id"] = f"pr-{number:04d}"
    return list(book.grants.values()), entries


# --------------------------------------------------------------------------------------------------
# What finance maintains
# --------------------------------------------------------------------------------------------------


def period_closes() -> list[dict[str, str]]:
    """One close per month from 2025-01 to 2026-05; 2025-09 was reopened for two days.

    It was reopened before October was closed: to reopen a month, every later one is reopened too.
    """
    rows: list[dict[str, str]] = []
    month = FIRST_DAY
    while month < date(2026, 6, 1):
        following = add_months(month, 1)
        day = following.replace(day=3)
        while day.weekday() >= 5:  # the first working day from the third on
            day += timedelta(days=1)
        closed = f"{day} 18:00:00"
        row = {
            "accounting_period": f"{month:%Y-%m}",
            "closed_at": closed,
            "reopened_at": "",
            "closed_by": "controller",
        }
        rows.append(row)
        if row["accounting_period"] == "2025-09":
            row["reopened_at"] = "2025-10-15 09:00:00"
            again = {"closed_at": "2025-10-17 18:00:00", "reopened_at": ""}
            rows.append(row | again | {"closed_by": "group-controller"})
        month = following
    return rows


def list_prices() -> list[dict[str, str]]:
    """What a single credit costs on the price list, in major units."""
    prices = (
        (API, "USD", "0.01", "2025-01-01", "2024-12-16 10:00:00"),
        (API, "EUR", "0.0092", "2025-01-01", "2024-12-16 10:00:00"),
        (API, "JPY", "1.5", "2025-01-01", "2024-12-16 10:00:00"),
        (GPU, "USD", "0.07", "2025-01-01", "2024-12-16 10:00:00"),
        (GPU, "EUR", "0.065", "2025-01-01", "2024-12-16 10:00:00"),
        (GPU, "JPY", "10.5", "2025-01-01", "2024-12-16 10:00:00"),
        (RENDER, "USD", "0.125", "2025-10-01", "2025-09-22 10:00:00"),
        (API, "USD", "0.0105", "2026-01-01", "2025-12-10 10:00:00"),
        (GPU, "USD", "0.0725", "2026-01-01", "2025-12-10 10:00:00"),
    )
    return [dict(zip(LIST_PRICE_COLUMNS, price, strict=True)) for price in prices]


def fx_rates() -> list[dict[str, str]]:
    """What a currency is worth in US dollars on the first of each month."""
    first_and_step = (
        ("EUR", "1.0412", Decimal("0.0071")),
        ("JPY", "0.006372", Decimal("0.000029")),
        ("KWD", "3.2415", Decimal("0.0023")),
    )
    months = [date(2025 + month // 12, month % 12 + 1, 1) for month in range(18)]
    # Up for half a year, then down again, so that no two months in a row are alike.
    return [
        dict(
            zip(
                FX_RATE_COLUMNS,
                (str(day), currency, "USD", str(Decimal(first) + step * abs(6 - month % 12))),
                strict=True,
            )
        )
        for month, day in enumerate(months)
        for currency, first, step in first_and_step
    ]


# --------------------------------------------------------------------------------------------------
# The self-test
# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Movement:
    """One counted ledger row, in either source: a signed change of a grant's balance."""

    grant_id: str
    entry_type: str
    units: Decimal
    happened: datetime
    known: datetime


@dataclass(frozen=True)
class Terms:
    """What a grant row says, as far as the ledger must agree with it."""

    grant_id: str
    overdraft: bool
    effective_at: datetime
    expires_at: datetime | None
    consumed: Decimal
    remaining: Decimal


class SampleError(Exception):
    """The generated company contradicts itself; the message names the grant."""


def posting_period(
    happened: datetime, known: datetime, closes: Sequence[dict[str, str]]
) -> tuple[str, str]:
    """Where a movement is booked: (accounting period, effective period), both as ``2026-01``."""
    effective, at = f"{happened:%Y-%m}", stamp(known)
    closed = [
        row["accounting_period"]
        for row in closes
        if row["closed_at"] <= at and (not row["reopened_at"] or at < row["reopened_at"])
    ]
    if not closed or effective > max(closed):
        return effective, effective
    through = date.fromisoformat(max(closed) + "-01")
    return f"{add_months(through, 1):%Y-%m}", effective


def check_books(
    grants: Iterable[Terms], movements: Iterable[Movement], closes: Sequence[dict[str, str]]
) -> None:
    """Checks every grant against its ledger.

    The sums of the ledger equal what the grant row says; usage lies within the grant's life; in
    book order the grant is never overdrawn and nothing is reversed that was not consumed.

    Raises:
        SampleError: where that is not so.
    """
    by_grant: dict[str, list[Movement]] = defaultdict(list)
    for movement in movements:
        by_grant[movement.grant_id].append(movement)
    for terms in grants:
        rows = by_grant.pop(terms.grant_id, [])
        _check_sums(terms, rows)
        _check_life(terms, rows)
        if not terms.overdraft:
            _check_book_order(terms, rows, closes)
    if by_grant:
        raise SampleError(f"ledger rows of grants that do not exist: {sorted(by_grant)}")


def _check_sums(terms: Terms, rows: list[Movement]) -> None:
    remaining = sum((m.units for m in rows), _ZERO)
    consumed = -sum((m.units for m in rows if m.entry_type.startswith("consume")), _ZERO)
    if (remaining, consumed) != (terms.remaining, terms.consumed):
        raise SampleError(
            f"{terms.grant_id}: remaining {terms.remaining}, consumed {terms.consumed}, but the"
            f" ledger's sums are {remaining} and {consumed}"
        )


def _check_life(terms: Terms, rows: list[Movement]) -> None:
    end = terms.expires_at or datetime.max
    for m in rows:
        used = m.entry_type == "consume"
        if not terms.effective_at <= m.happened <= end or (used and m.happened == end):
            raise SampleError(f"{terms.grant_id}: {m.entry_type} at {m.happened} outside its life")
        if m.happened > END or m.known > END or m.known < m.happened:
            raise SampleError(f"{terms.grant_id}: {m.entry_type} at {m.happened} is out of time")


def _check_book_order(terms: Terms, rows: list[Movement], closes: Sequence[dict[str, str]]) -> None:
    known_grants = [m.known for m in rows if m.entry_type == "grant"]
    if len(known_grants) != 1:
        raise SampleError(f"{terms.grant_id}: {len(known_grants)} grant entries")
    cells: dict[tuple[str, str], list[Movement]] = defaultdict(list)
    for m in rows:
        cells[posting_period(m.happened, max(m.known, known_grants[0]), closes)].append(m)
    granted = released = _ZERO
    for cell in sorted(cells):
        granted += sum((m.units for m in cells[cell] if m.entry_type in ("grant", "adjust")), _ZERO)
        taken = [m.units for m in cells[cell] if m.entry_type not in ("grant", "adjust")]
        # Reversals come after consumption in a cell: the high point has none of them.
        if released - sum((u for u in taken if u < 0), _ZERO) > granted:
            raise SampleError(f"{terms.grant_id}: overdrawn in {cell}")
        released -= sum(taken, _ZERO)
        if released < 0:
            raise SampleError(f"{terms.grant_id}: over-reversed in {cell}")


def stigg_movements(rows: Iterable[LedgerRow]) -> list[Movement]:
    """The ledger rows that count: repeated rows once, the two bad ones not at all."""
    seen: set[str] = set()
    out: list[Movement] = []
    for row in rows:
        bad = row.event_type not in EVENT_TYPES or row.grant_id == UNKNOWN_GRANT
        if bad or row.row_id in seen:
            continue
        if row.row_id:
            seen.add(row.row_id)
        entry_type, sign = EVENT_TYPES[row.event_type]
        units = row.amount * (sign or 1)
        out.append(Movement(row.grant_id, entry_type, units, row.happened, row.recorded))
    return out


# --------------------------------------------------------------------------------------------------
# sample
# --------------------------------------------------------------------------------------------------


def build_sample(seed: int) -> dict[str, tuple[list[str], list[dict[str, str]]]]:
    """The whole sample company, checked.

    Args:
        seed: any integer; the same one gives the same company.

    Returns:
        File name below the output folder -> (columns, rows).

    Raises:
        SampleError: where the company contradicts its own ledger.
    """
    pools = []
    for customer in _customers():
        pool = Pool(customer, seed)
        if customer.slug in STORIES:
            STORIES[customer.slug](pool)
        pool.plan_purchases()
        pool.plan_usage()
        pool.run()
        pools.append(pool)

    grants = sorted((g for p in pools for g in p.grants), key=lambda g: (g.created_at, g.grant_id))
    numbers = count(1)
    for grant in grants:
        if grant.invoiced:
            grant.invoice_id = f"in_{grant.created_at:%Y}_{next(numbers):04d}"
    # sorted() is stable: rows of one event keep their order.
    rows = sorted((r for p in pools for r in p.rows), key=lambda r: r.recorded)
    rows = _finishing_touches(rows, seed)

    invoices = {g.grant_id: g.invoice_id for g in grants}
    old_versions = [version for pool in pools for version in pool.old_versions]
    grant_rows = [v | {"invoice_id": invoices[v["grant_id"]]} for v in old_versions]
    grant_rows += [g.row() for g in grants]
    grant_rows.sort(key=lambda r: (r["created_at"], r["grant_id"], r["updated_at"]))

    closes = period_closes()
    check_books(
        [
            Terms(
                g.grant_id,
                g.category == "OVERDRAFT",
                g.effective_at,
                g.expires_at,
                g.consumed,
                g.remaining,
            )
            for g in grants
        ],
        stigg_movements(rows),
        closes,
    )
    house_grants, house_entries = in_house_ledger(seed)
    check_books(
        [
            Terms(
                r["grant_id"],
                r["funding"] == "overdraft",
                datetime.fromisoformat(r["effective_at"]),
                datetime.fromisoformat(r["expires_at"]) if r["expires_at"] else None,
                Decimal(r["consumed_units"]),
                Decimal(r["remaining_units"]),
            )
            for r in house_grants
        ],
        [
            Movement(
                r["grant_id"],
                r["entry_type"],
                Decimal(r["units"]),
                datetime.fromisoformat(r["effective_at"]),
                datetime.fromisoformat(r["known_at"]),
            )
            for r in house_entries
        ],
        closes,
    )
    return {
        "stigg/sample_stigg__credit_grants.csv": (GRANT_COLUMNS, grant_rows),
        "stigg/sample_stigg__credit_ledger.csv": (LEDGER_COLUMNS, [r.row() for r in rows]),
        "generic/sample_generic__credit_grants.csv": (GENERIC_GRANT_COLUMNS, house_grants),
        "generic/sample_generic__credit_entries.csv": (GENERIC_ENTRY_COLUMNS, house_entries),
        "finance/sample_finance__period_closes.csv": (CLOSE_COLUMNS, closes),
        "finance/sample_finance__list_prices.csv": (LIST_PRICE_COLUMNS, list_prices()),
        "finance/sample_finance__fx_rates.csv": (FX_RATE_COLUMNS, fx_rates()),
    }


def write_sample(out: Path, seed: int) -> dict[str, int]:
    """Writes the CSV files of the sample company.

    Args:
        out: the folder; made if it is not there.
        seed: see ``build_sample``.

    Returns:
        File name -> rows written.

    Raises:
        SampleError: see ``build_sample``; nothing is written then.
    """
    files = build_sample(seed)
    for name, (columns, rows) in files.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return {name: len(rows) for name, (_, rows) in files.items()}


# --------------------------------------------------------------------------------------------------
# load
# --------------------------------------------------------------------------------------------------

ROWS_PER_GRANT = 100
# Rows that are generated and sorted at once: about a gigabyte.
CHUNK_ROWS = 4_000_000

# The shape of one grant, by slot. A slot is a hundredth of 2025 (315,360 seconds); every grant has
# one row in each, at a second of its own, so that the table is in order of time and no two rows of
# a grant are neighbours.
#   0        CREDITS_GRANTED of 110 k units (k, 1 to 50, is the grant's size)
#   1 to 97  CREDITS_CONSUMED: pairs of slots share 2 k units, slot 97 has k; so the sum is 97 k
#   98       one grant in ten: the row of slot 50 once more (1 row in 1000); else k units, late
#   99       CREDITS_EXPIRED of the rest: 12 k, or 13 k
# One slot from 30 to 89 is late as well: together 1.9 percent of the rows.
_LEDGER_SQL = """
insert into {schema}.credit_ledger
-- Sorted while the rows are narrow; the projections below keep the order.
with delivered as (
    select
        g,
        -- what identifies the grant's row, whatever slot delivers it
        case when slot = 98 and g % 10 = 0 then 50 else slot end as n,
        slot * 315360 + hash(g, slot, {seed}) % 315000 as second_of_year
    from range({grants}) as grants(g), range({first_slot}, {last_slot}) as slots(slot)
    order by second_of_year, g
),

timed as (
    select
        g,
        n,
        g // 20 as c,
        g * 100 + n as row_number,
        1 + hash(g, {seed}) % 50 as k,
        1 + hash(g, (n + 1) // 2, {seed} + 1) % 1999 as share,
        n = 98 or n = 30 + g % 60 as is_late,
        timestamp '2025-01-01 00:00:00'
        + to_seconds(cast(n * 315360 + hash(g, n, {seed}) % 315000 as bigint)) as written_at
    from delivered
)

select
    -- hash() of one integer is a bijection, so that ids are distinct
    'cl_' || to_hex(hash(row_number)) as id,
    'cus_' || (100000000 + c) as customer_id,
    'grant_' || (1000000000 + g) as credit_grant_id,
    case when c % 5 = 0 then 'gpu-minutes' else 'api-credits' end as credit_currency_id,
    case n
        when 0 then 'CREDITS_GRANTED' when 99 then 'CREDITS_EXPIRED' else 'CREDITS_CONSUMED'
    end as event_type,
    cast(case
        when n = 0 then 110 * k * 1000
        when n = 99 then case when g % 10 = 0 then 13 else 12 end * k * 1000
        when n >= 97 then k * 1000
        when n % 2 = 1 then k * share
        else k * (2000 - share)
    end as decimal(18, 0)) * 0.001 as amount,
    case when n between 1 and 98 then 'evt_' || row_number end as event_id,
    case n % 3 when 1 then 'feature-chat' when 2 then 'feature-embeddings' end as feature_id,
    cast(null as varchar) as resource_id,
    -- Late: of the last days of the month before, which was closed on the fifth at 18:00.
    case
        when is_late
            then date_trunc('month', written_at - interval 6 day)
                - to_seconds(cast(1 + hash(g, n, {seed} + 2) % 400000 as bigint))
        else written_at
    end as "timestamp",
    written_at + to_seconds(cast(hash(g, n, {seed} + 3) % 60 as bigint)) as created_at
from timed
"""

_LEDGER_DDL = """
create or replace table {schema}.credit_ledger (
    id varchar, customer_id varchar, credit_grant_id varchar, credit_currency_id varchar,
    event_type varchar, amount decimal(28, 9), event_id varchar, feature_id varchar,
    resource_id varchar, "timestamp" timestamp, created_at timestamp
)
"""

# Two whole-grant prices to two prices per unit; one grant in ten promotional, one in five without
# an invoice; customers of twenty grants; eight in ten in USD, one in EUR, one in JPY.
_GRANTS_SQL = """
create or replace table {schema}.credit_grants as
with grants as (
    select
        g,
        g // 20 as c,
        1 + hash(g, {seed}) % 50 as k,
        g % 10 = 3 as is_promotional,
        case (g // 20) % 10 when 8 then 'EUR' when 9 then 'JPY' else 'USD' end as currency
    from range({grants}) as grants(g)
)

select
    'grant_' || (1000000000 + g) as grant_id,
    'cus_' || (100000000 + c) as customer_id,
    cast(null as varchar) as resource_id,
    case when c % 5 = 0 then 'gpu-minutes' else 'api-credits' end as currency_id,
    'Credit package' as display_name,
    case when is_promotional then 'PROMOTIONAL' else 'PAID' end as category,
    cast(110 * k as decimal(28, 9)) as amount_granted,
    cast(case when g % 10 = 0 then 97 else 98 end * k as decimal(28, 9)) as amount_consumed,
    cast(0 as decimal(28, 9)) as amount_remaining,
    cast(case
        when is_promotional then 0
        when g % 2 = 0 then case currency when 'JPY' then 1.32 else 0.0085 end
    end as decimal(28, 12)) as cost_basis,
    cast(case
        when not is_promotional and g % 2 = 1
            then case currency when 'JPY' then 149 * k else 0.99 * k end
    end as decimal(28, 12)) as cost_amount,
    currency as cost_currency,
    case when is_promotional then 10 else 50 end as priority,
    'EXPIRED' as status,
    case when not is_promotional and g % 5 <> 0 then 'in_' || cast(g as varchar) end as invoice_id,
    case when not is_promotional and g % 5 <> 0
        then case when g % 100 = 7 then 'OPEN' else 'PAID' end
    end as invoice_status,
    timestamp '2025-01-01 00:00:00'
    + to_seconds(cast(hash(g, 0, {seed}) % 315000 as bigint)) as effective_at,
    timestamp '2025-01-01 00:00:00'
    + to_seconds(cast(99 * 315360 + hash(g, 99, {seed}) % 315000 as bigint)) as expires_at,
    cast(null as timestamp) as voided_at,
    effective_at as created_at,
    expires_at as updated_at
from grants
"""

_CLOSES_SQL = """
create or replace table {schema}.period_closes as
select
    strftime(month, '%Y-%m') as accounting_period,
    month + interval 1 month + interval 4 day + interval 18 hour as closed_at,
    cast(null as timestamp) as reopened_at,
    'controller' as closed_by
from range(timestamp '2025-01-01', timestamp '2025-12-01', interval 1 month) as months(month)
"""


def write_load(
    path: Path,
    rows: int,
    schema: str = "stigg",
    finance_schema: str = "finance",
    seed: int = DEFAULT_SEED,
) -> int:
    """Writes the benchmark's tables into a DuckDB file, replacing those that are there.

    ``credit_ledger`` and ``credit_grants`` in ``schema`` and ``period_closes`` in
    ``finance_schema``. Memory stays the same whatever the number of rows: the ledger is generated
    in windows of time.

    Args:
        path: the DuckDB file; made if it is not there.
        rows: ledger rows, a positive multiple of 100 (100 rows per grant).
        schema: of the export's tables.
        finance_schema: of the close calendar.
        seed: an integer from 0 to 10^9.

    Returns:
        The number of grants.

    Raises:
        ValueError: for a number of rows, a seed or a schema name that does not fit.
    """
    if rows <= 0 or rows % ROWS_PER_GRANT:
        raise ValueError(f"rows must be a positive multiple of {ROWS_PER_GRANT}, not {rows}")
    if not 0 <= seed <= 10**9:
        raise ValueError(f"seed must lie between 0 and 10^9, not {seed}")
    for name in (schema, finance_schema):
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            raise ValueError(f"not a plain schema name: {name!r}")
    grants = rows // ROWS_PER_GRANT
    slots = max(1, min(ROWS_PER_GRANT, CHUNK_ROWS // grants))
    with duckdb.connect(str(path)) as db:
        db.execute("set memory_limit = '6GB'")
        db.execute("set enable_progress_bar = false")
        for name in (schema, finance_schema):
            db.execute(f"create schema if not exists {name}")
        db.execute(_GRANTS_SQL.format(schema=schema, grants=grants, seed=seed))
        db.execute(_CLOSES_SQL.format(schema=finance_schema))
        db.execute(_LEDGER_DDL.format(schema=schema))
        for first in range(0, ROWS_PER_GRANT, slots):
            last = min(first + slots, ROWS_PER_GRANT)
            db.execute(
                _LEDGER_SQL.format(
                    schema=schema, grants=grants, seed=seed, first_slot=first, last_slot=last
                )
            )
        db.execute("checkpoint")
    return grants


# --------------------------------------------------------------------------------------------------
# The command line
# --------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one subcommand and prints what was written.

    Args:
        arguments: of the command line; default those of the process.

    Returns:
        0; 1 where the sample contradicts itself; 2 (by argparse) for impossible arguments.
    """
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    sample = commands.add_parser("sample", help="the sample company, as CSV files")
    sample.add_argument("--seed", type=int, default=DEFAULT_SEED)
    sample.add_argument("--out", type=Path, default=DEFAULT_OUT)
    load = commands.add_parser("load", help="ledger rows in the benchmark's shape, in DuckDB")
    load.add_argument("--rows", type=int, required=True, help="a multiple of 100")
    load.add_argument("--duckdb", type=Path, required=True, help="the file to write to")
    load.add_argument("--schema", default="stigg")
    load.add_argument("--finance-schema", default="finance")
    load.add_argument("--seed", type=int, default=DEFAULT_SEED)
    args = parser.parse_args(arguments)

    if args.command == "sample":
        try:
            written = write_sample(args.out, args.seed)
        except SampleError as error:
            print(f"the sample contradicts itself: {error}", file=sys.stderr)
            return 1
        print(f"sample company in {args.out} (seed {args.seed}); every grant ties to its ledger")
        for name, rows in written.items():
            print(f"  {rows:>6,} rows  {name}")
        return 0

    started = time.perf_counter()
    try:
        grants = write_load(args.duckdb, args.rows, args.schema, args.finance_schema, args.seed)
    except ValueError as error:
        parser.error(str(error))
    seconds = time.perf_counter() - started
    print(f"{args.rows:,} rows in {args.schema}.credit_ledger, {grants:,} in credit_grants,")
    print(f"11 in {args.finance_schema}.period_closes: {args.duckdb}, {seconds:.1f} seconds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
