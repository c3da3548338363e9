"""Seeded random pools: grants, rows that name one and uses that name none, of the generic room.

Instants, priorities, costs and orders are few, so that ties are many. Uses go beyond what there is,
and rows are recorded late and around closes, as in `histories`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from allocation_oracle import ORDERS
from histories import MICROSECOND, billionths, close_instants, some_instant, some_recording

AMOUNT = "numeric(38, 9)"
PRICE = "numeric(38, 12)"

CREDIT_TYPES = {
    "credit_grants": {
        "grant_id": "text",
        "customer_id": "text",
        "credit_unit": "text",
        "funding": "text",
        "granted_units": AMOUNT,
        "price_total": PRICE,
        "price_per_unit": PRICE,
        "currency": "text",
        "effective_at": "timestamp",
        "expires_at": "timestamp",
        "known_at": "timestamp",
        "priority": "text",
        "invoice_id": "text",
        "invoice_status": "text",
        "payment_status": "text",
        "remaining_units": AMOUNT,
        "consumed_units": AMOUNT,
        "pool_id": "text",
        "source_order": AMOUNT,
    },
    "credit_entries": {
        "entry_id": "text",
        "grant_id": "text",
        "customer_id": "text",
        "entry_type": "text",
        "units": AMOUNT,
        "effective_at": "timestamp",
        "known_at": "timestamp",
        "reference": "text",
        "invoice_id": "text",
        "pool_id": "text",
    },
}

START, END = datetime(2025, 1, 1), datetime(2026, 5, 31, 23, 59, 59)
FUNDINGS = ("paid", "paid", "paid", "promotional", "promotional", "goodwill", "recurring")
PRIORITIES = (None, "1", "1", "2", "10", " 2.50 ", "high", "-1")


@dataclass
class Pools:
    """Raw tables, and the burn order of each pool."""

    grants: list[dict[str, Any]] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    orders: dict[str, str] = field(default_factory=dict)


def random_pools(rng: random.Random, per_order: int, closes: list[dict]) -> Pools:
    """So many pools of each burn order; the customer of a pool says its order."""
    pools = Pools()
    instants = close_instants(closes)
    for order in ORDERS:
        for number in range(per_order):
            add_pool(rng, pools, f"{order} {number}", order, instants)
    return pools


def some_units(rng: random.Random, most: int) -> Decimal:
    """Whole, with cents, or down to the ninth decimal; above 0."""
    pick = rng.random()
    if pick < 0.4:
        return Decimal(rng.randint(1, most))
    if pick < 0.7:
        return Decimal(rng.randint(1, most * 100)).scaleb(-2)
    return billionths(rng.randint(1, most * 10**9))


def add_pool(
    rng: random.Random, pools: Pools, pool: str, order: str, closings: list[datetime]
) -> None:
    """One pool with up to nine grants and up to forty rows that name none."""
    pools.orders[pool] = order
    low = some_instant(rng, START, END - timedelta(days=120))
    high = min(low + timedelta(days=rng.choice([3, 40, 120, 400])), END)
    shared = sorted(some_instant(rng, low, high) for _ in range(5))

    def when() -> datetime:
        instant = rng.choice(shared) if rng.random() < 0.4 else some_instant(rng, low, high)
        return instant + rng.choice([-1, 0, 0, 0, 1]) * MICROSECOND

    def recorded(happened: datetime) -> datetime | None:
        return some_recording(rng, happened, closings)

    count = 0

    def entry(kind: str, units: Decimal, at: datetime, grant: str | None) -> None:
        nonlocal count
        count += 1
        pools.entries.append(
            {
                "entry_id": f"{rng.choice('aAbB')}{rng.randint(0, 99)} {pool} {count}",
                "grant_id": grant,
                "customer_id": f"c_{order}",
                "entry_type": kind,
                "units": units,
                "effective_at": at,
                "known_at": recorded(at),
                "pool_id": pool if grant is None or rng.random() < 0.5 else None,
            }
        )

    for number in range(rng.randint(1, 9)):
        grant = f"{rng.choice('gGhH')} {pool} {number}"
        units = some_units(rng, rng.choice([10, 60, 60, 300]))
        starts = min(when(), when())
        ends = rng.choice(
            [None, None, when(), max(when(), when()), starts + timedelta(days=rng.randint(1, 90))]
        )
        total = rng.choice([None, Decimal("10"), Decimal("9.99"), Decimal("0")])
        pools.grants.append(
            {
                "grant_id": grant,
                "customer_id": f"c_{order}",
                "credit_unit": "credits",
                "funding": rng.choice(FUNDINGS),
                "granted_units": rng.choice([units, units, Decimal(30), Decimal(0), None]),
                "price_total": total,
                "price_per_unit": rng.choice([None, None, Decimal("0.1"), Decimal("0.333")]),
                "currency": "USD",
                "effective_at": rng.choice([None, starts, starts, starts]),
                "expires_at": ends,
                "known_at": rng.choice(shared),
                "priority": rng.choice(PRIORITIES),
                "payment_status": rng.choice([None] * 12 + ["pending", "failed"]),
                "pool_id": pool,
                "source_order": rng.choice([None, Decimal(1), Decimal(2), Decimal("2.5")]),
            }
        )
        if rng.random() < 0.93:
            entry("grant", units, starts, grant)
        if rng.random() < 0.1:
            entry("grant", some_units(rng, 20), when(), grant)
        for _ in range(rng.choice([0, 0, 0, 1, 3])):
            kind = rng.choice(["consume", "consume", "expire", "revoke", "adjust", "back"])
            change = -some_units(rng, 20)
            if kind == "back":
                kind, change = "consume_reversal", -change
            elif kind == "adjust":
                change *= rng.choice([-1, 1])
            entry(kind, change, when(), grant)
    for _ in range(rng.choice([2, 10, 40])):
        kind = rng.choice(["consume"] * 8 + ["expire", "revoke"])
        units = Decimal(0) if rng.random() < 0.02 else -some_units(rng, rng.choice([3, 20, 80]))
        entry(kind, units, when(), None)


def counted_grants(pools: Pools) -> list[dict[str, Any]]:
    """Grants that give terms: those that are paid, or need not be."""
    return [row for row in pools.grants if row["payment_status"] is None]


def hot_pool(lots: int, uses: int) -> Pools:
    """One pool: grants over two years that last 20 to 90 days, and a little more used than granted.

    The same every time, for a speed test.
    """
    rng = random.Random(7)
    first, seconds = datetime(2024, 1, 1), 720 * 86400
    pools = Pools(orders={"hot": "expiry_first"})
    for number in range(lots):
        starts = first + timedelta(seconds=rng.randrange(seconds))
        units = Decimal(rng.randrange(200, 1800) * uses * 45 // lots // 10).scaleb(-3)
        grant = f"g{number}"
        pools.grants.append(
            {
                "grant_id": grant,
                "customer_id": "c_expiry_first",
                "credit_unit": "credits",
                "funding": "paid",
                "price_per_unit": Decimal("0.1"),
                "currency": "USD",
                "effective_at": starts,
                "expires_at": starts + timedelta(seconds=rng.randrange(20 * 86400, 90 * 86400)),
                "known_at": starts,
                "pool_id": "hot",
            }
        )
        pools.entries.append(
            {
                "entry_id": f"e{number}",
                "grant_id": grant,
                "customer_id": "c_expiry_first",
                "entry_type": "grant",
                "units": units,
                "effective_at": starts,
            }
        )
    for number in range(uses):
        pools.entries.append(
            {
                "entry_id": f"u{number}",
                "customer_id": "c_expiry_first",
                "entry_type": "consume",
                "units": -Decimal(rng.randint(1, 10_000)).scaleb(-3),
                "effective_at": first + timedelta(seconds=rng.randrange(seconds)),
                "pool_id": "hot",
            }
        )
    return pools
