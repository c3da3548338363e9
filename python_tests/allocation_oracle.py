"""An oracle of the allocation: uses that name no grant, drawn row by row in exact fractions.

It is written from the rules (the policy `burn_order` and DECISIONS.md), not from the SQL. It walks
through the rows of a pool in book order with the units of every grant in its hands. Raw rows are
those of the generic room. The one entry point is `allocate`.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from oracle import Calendar, Closes, make_calendar, read_closes, read_number

Row = Mapping[str, Any]

ORDERS = (
    "source_order",
    "priority_expiry",
    "expiry_first",
    "promotional_first",
    "fifo_granted",
    "cheapest_first",
)
GIVEN_AWAY = {"promotional", "goodwill"}
# A cost that is a quotient is cut to so many parts of a major unit.
COST_PARTS = 10**12


@dataclass
class Lot:
    """A grant of a pool while its pool is walked through."""

    grant_id: str
    row: Row
    key: tuple
    remaining: Fraction = Fraction(0)
    granted_in: int | None = None

    def may_be_drawn(self, at: datetime, period: int) -> bool:
        """Whether a use at that instant, booked in that period, may draw from it."""
        starts, ends = self.row.get("effective_at"), self.row.get("expires_at")
        return (
            self.granted_in is not None
            and self.granted_in <= period
            and (starts is None or starts <= at)
            and (ends is None or at < ends)
        )


def hashed(*texts: str) -> str:
    """The md5 of texts, kept apart by the unit separator."""
    return hashlib.md5(chr(31).join(texts).encode()).hexdigest()


def last_if_none(value: Any) -> tuple:
    """A sort key with nulls last."""
    return (value is None, value) if value is not None else (True,)


def first_if_none(value: Any) -> tuple:
    """A sort key with nulls first."""
    return (value is not None, value) if value is not None else (False,)


def unit_cost(row: Row) -> Fraction | None:
    """What one credit cost in major units; None where nobody knows."""
    if row["funding"] in GIVEN_AWAY:
        return Fraction(0)
    if row.get("price_per_unit") is not None:
        return Fraction(row["price_per_unit"])
    total, units = row.get("price_total"), row.get("granted_units")
    if total is None or units is None or units <= 0:
        return None
    return Fraction(int(Fraction(total) / Fraction(units) * COST_PARTS), COST_PARTS)


def burn_key(row: Row, order: str) -> tuple:
    """A sort key: the grant with the least is drawn first."""
    priority = None if row.get("priority") is None else read_number(row["priority"], 9, 19).value
    expiry = last_if_none(row.get("expires_at"))
    is_paid = row["funding"] not in GIVEN_AWAY
    starts = first_if_none(row.get("effective_at"))
    recorded = last_if_none(row.get("known_at"))
    cost = last_if_none(unit_cost(row))
    keys = {
        "source_order": (last_if_none(row.get("source_order")),),
        "priority_expiry": (last_if_none(priority), expiry, is_paid, starts, recorded),
        "expiry_first": (expiry, cost, recorded),
        "promotional_first": (is_paid, recorded),
        "fifo_granted": (starts, recorded),
        "cheapest_first": (cost, expiry, recorded),
    }
    return (*keys[order], hashed(row["grant_id"]))


def aware(instant: datetime) -> datetime:
    """A naive instant is in UTC."""
    return instant.replace(tzinfo=UTC)


class Booking:
    """The accounting period of a row: its own, or the first that was open when it was known."""

    def __init__(self, closes: Iterable[Row]) -> None:
        self.calendar: Calendar = make_calendar()
        self.closes: Closes = read_closes(closes, self.calendar)

    def period(self, effective_at: datetime, known_at: datetime) -> int:
        """The index of the accounting period."""
        effective = self.calendar.index_at(effective_at.date())
        return self.closes.posting_index(effective, aware(known_at))


def known(entry: Row) -> datetime:
    """When an entry was recorded; when it happened, where the source does not say."""
    return entry["effective_at"] if entry.get("known_at") is None else entry["known_at"]


def allocate(
    grants: Iterable[Row],
    entries: Iterable[Row],
    closes: Iterable[Row],
    orders: Mapping[str, str],
    as_of: date,
) -> tuple[dict[tuple[str, int], tuple[str, Fraction]], dict[str, Fraction]]:
    """What each use that names no grant is drawn from.

    Args:
        grants: rows of credit_grants, one per grant.
        entries: rows of credit_entries, each with an id of its own.
        closes: rows of period_closes.
        orders: the burn order of each pool.
        as_of: the last day that counts.

    Returns:
        (entry, piece number) to (grant, units), and per entry the units that no grant covered.
    """
    booking = Booking(closes)
    counted = [row for row in entries if row["effective_at"].date() <= as_of]
    lots: dict[str, list[Lot]] = defaultdict(list)
    for row in grants:
        if (pool := row.get("pool_id")) is not None:
            lots[pool].append(Lot(row["grant_id"], row, burn_key(row, orders[pool])))
    pieces: dict[tuple[str, int], tuple[str, Fraction]] = {}
    uncovered: dict[str, Fraction] = {}
    for pool, its_lots in lots.items():
        its_lots.sort(key=lambda lot: lot.key)
        named = named_rows(its_lots, counted, booking)
        uses = [
            (booking.period(row["effective_at"], known(row)), row)
            for row in counted
            if row.get("grant_id") is None and row.get("pool_id") == pool and row["units"] < 0
        ]
        uses.sort(
            key=lambda use: (
                use[0],
                use[1]["effective_at"],
                known(use[1]),
                hashed("credit_entries", use[1]["entry_id"]),
            )
        )
        for period, row in uses:
            while named and named[0][0] <= period:
                when, lot, entry = named.pop(0)
                lot.remaining += Fraction(entry["units"])
                if entry["entry_type"] == "grant" and lot.granted_in is None:
                    lot.granted_in = when
            wanted = -Fraction(row["units"])
            number = 0
            for lot in its_lots:
                drawn = min(wanted, max(lot.remaining, Fraction(0)))
                if drawn > 0 and lot.may_be_drawn(row["effective_at"], period):
                    number += 1
                    pieces[row["entry_id"], number] = (lot.grant_id, drawn)
                    lot.remaining -= drawn
                    wanted -= drawn
            if wanted > 0:
                uncovered[row["entry_id"]] = wanted
    return pieces, uncovered


def named_rows(
    lots: list[Lot], entries: Iterable[Row], booking: Booking
) -> list[tuple[int, Lot, Row]]:
    """The rows that name a grant of a pool, by accounting period: known no earlier than it."""
    of_grant = defaultdict(list)
    for row in entries:
        of_grant[row.get("grant_id")].append(row)
    found = []
    for lot in lots:
        rows = of_grant[lot.grant_id]
        granted = min((known(row) for row in rows if row["entry_type"] == "grant"), default=None)
        for row in rows:
            at = known(row) if granted is None else max(known(row), granted)
            found.append((booking.period(row["effective_at"], at), lot, row))
    return sorted(found, key=lambda item: item[0])


def value(
    pieces: Mapping[tuple[str, int], tuple[str, Fraction]], costs: Mapping[str, Decimal]
) -> Fraction:
    """What is drawn, at the cost of the grants that have one."""
    return sum(
        (units * Fraction(costs[grant]) for grant, units in pieces.values() if grant in costs),
        Fraction(0),
    )
