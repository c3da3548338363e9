"""An independent oracle of the books of invoiced services, in plain Python and exact fractions.

It is written from the rules, not from the SQL, and shares no code with it. Input are the raw tables
of the generic room (major units, naive UTC times), output the journal, the revenue schedule and the
rows that count for nothing. Money is an integer of minor units; only what the rules say is rounded,
half away from zero.

A *part* is what a line owes under one treatment. With A its amount, C what its schedule released
and R what was reversed, its deferred revenue is round((A - R) (A - C) / A), or, while the line is
pending, its unbilled receivable round((A - R) C / A). Everything else is the change of these.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

from oracle import (
    Calendar,
    Closes,
    make_calendar,
    read_closes,
    round_half_away,
)

SOURCE = "generic"
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)

GRANULARITIES = (
    "by_second",
    "by_day",
    "by_month_even",
    "by_month_prorated_ends",
    "by_month_fraction",
    "by_period_even",
)
ROUNDINGS = (
    "cumulative",
    "plug_first",
    "plug_last",
    "truncate_last_full_period",
    "truncate_next_to_last",
)
RUNNING = {"by_second", "by_day"}
"""These are recognised while a period runs, the others once it has ended."""

CONTRA = {
    "refund": "refunds",
    "dispute": "disputes",
    "credit_note": "credit_notes",
    "void": "voids",
    "uncollectible": "bad_debt",
    "item_deleted": "unbilled_voids",
}
REVERSED = {
    "refund": "service_refunded",
    "dispute": "service_disputed",
    "credit_note": "service_credited",
    "void": "service_voided",
    "uncollectible": "service_written_off",
    "item_deleted": "service_item_deleted",
}
RESTORED = {
    "refund_failed": "service_refund_failed",
    "dispute_won": "service_dispute_won",
    "credit_note_voided": "service_credit_note_voided",
}
UNDONE = {
    "refund_failed": "refund",
    "dispute_won": "dispute",
    "credit_note_voided": "credit_note",
}
GAINS = {"refund_failed", "dispute_won"}
"""What the policy `recovery` may call a gain; a credit note that is void is none."""

SETTLED = {
    "payment": ("payment_received", "cash", "accounts_receivable"),
    "out_of_band_payment": (
        "payment_received_out_of_band",
        "external_asset",
        "accounts_receivable",
    ),
    "balance_applied": ("customer_balance_applied", "customer_balance", "accounts_receivable"),
    "balance_adjusted": (
        "customer_balance_adjusted",
        "customer_balance_adjustments",
        "customer_balance",
    ),
    "processing_fee": ("processing_fee_charged", "processing_fees", "cash"),
}
LIABILITIES = {
    "tax": "tax_liability",
    "passthrough": "passthrough_fees",
    "credit_purchase": "credit_clearing",
}


@dataclass(frozen=True)
class Policy:
    """The answers of the policies for one customer."""

    granularity: str = "by_day"
    rounding: str = "cumulative"
    catch_up: str = "in_booked_period"
    recovery: str = "restore"
    reversal_timing: str = "earlier_periods"


Treatments = Sequence[tuple[str, Fraction]]
"""What a rule makes of a line: treatments and the share of each."""

DEFAULT_TREATMENT: Treatments = (("amortise_service_period", Fraction(1)),)


@dataclass(frozen=True)
class Slice:
    """What a schedule releases in one period of its own."""

    own: int
    amount: int
    done: int
    """How much of it is recognised as of the day of the books; the rest is scheduled."""
    known: datetime | None = None
    """When it became known, where that is later than the line."""


@dataclass(frozen=True)
class Books:
    """What the rules make of the raw tables; entries without an amount are left out."""

    entries: list[dict]
    schedule: list[dict]
    ignored: dict[tuple[str, str], str]
    """(table, key) -> why the row counts for nothing."""


# --------------------------------------------------------------------------------------------------
# Schedules
# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Weight:
    """The exact share of a schedule that falls into one period."""

    index: int
    share: Fraction
    is_full: bool
    done: Fraction = Fraction(1)
    """How much of the share had passed as of the day of the books."""


@cache
def first_instant(day: date, timezone: str) -> datetime:
    """The first instant of a day in a time zone, as naive UTC."""
    local = datetime.combine(day, time(), ZoneInfo(timezone))
    return local.astimezone(UTC).replace(tzinfo=None)


@dataclass(frozen=True)
class World:
    """What every company has: calendar, closes, time zone and the last day that counts."""

    calendar: Calendar
    closes: Closes
    timezone: str
    as_of_date: date

    def day(self, instant: datetime) -> date:
        """The accounting day of a naive UTC instant."""
        return instant.replace(tzinfo=UTC).astimezone(ZoneInfo(self.timezone)).date()

    def index(self, day: date) -> int:
        """The period of a day.

        Raises:
            ValueError: the day is outside the calendar.
        """
        index = self.calendar.index_at(day)
        if index is None:
            raise ValueError(f"{day} is outside the calendar")
        return index

    def midnight(self, day: date) -> datetime:
        """The first instant of an accounting day, as naive UTC."""
        return first_instant(day, self.timezone)

    def floor(self, known: datetime) -> int:
        """The first period that was open at an instant."""
        return self.closes.posting_index(-1, known.replace(tzinfo=UTC))

    def name(self, index: int) -> str:
        """The name of a period."""
        return self.calendar.periods[index].name


def weights_by_time(
    world: World, starts: Any, ends: Any, edge: Callable[[date], Any], unit: Any
) -> list[Weight]:
    """Each period by its share of the whole time, in days or seconds.

    Args:
        world: calendar and day of the books.
        starts: the first day or instant.
        ends: the day or instant after the last.
        edge: a day as what `starts` is: itself, or its first instant.
        unit: a timedelta; the share is a fraction of so many of them.
    """
    whole = Fraction((ends - starts) // unit)
    found = []
    horizon = edge(world.as_of_date + DAY)
    first_day = world.day(starts) if isinstance(starts, datetime) else starts
    for period in world.calendar.periods[world.index(first_day) :]:
        first, after = edge(period.starts_on), edge(period.ends_on + DAY)
        if first >= ends:
            break
        low, high = max(starts, first), min(ends, after)
        if low < high:
            size = Fraction((high - low) // unit)
            passed = Fraction(max(min(high, horizon) - low, timedelta()) // unit)
            is_full = low == first and high == after
            found.append(Weight(period.index, size / whole, is_full, passed / size))
    return found


def touched_days(world: World, starts_on: date, ends_on: date) -> list[tuple[int, int, int]]:
    """(period index, days of the service in it, days of it) of each period of a service."""
    found = []
    for index in range(world.index(starts_on), world.index(ends_on - DAY) + 1):
        period = world.calendar.periods[index]
        low, high = max(starts_on, period.starts_on), min(ends_on, period.ends_on + DAY)
        found.append((index, (high - low).days, (period.ends_on - period.starts_on).days + 1))
    return found


def weights(
    world: World,
    granularity: str,
    starts_on: date,
    ends_on: date,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> list[Weight]:
    """The shares of a service period, whose end is exclusive, by accounting period.

    Args:
        world: calendar and day of the books.
        granularity: one of GRANULARITIES; whole days are by_day under by_second.
        starts_on: the first day.
        ends_on: the day after the last; a period of no days is its first day.
        starts_at: the first instant, for what counts time; the first of the day by default.
        ends_at: the instant after the last.
    """
    has_instants = starts_at is not None and starts_at < ends_at
    if not has_instants:
        starts_at = ends_at = None
    ends_on = max(ends_on, starts_on + DAY)
    starts_at = starts_at or world.midnight(starts_on)
    ends_at = ends_at or world.midnight(ends_on)
    if granularity == "by_second" and has_instants:
        return weights_by_time(world, starts_at, ends_at, world.midnight, SECOND)
    if granularity in RUNNING:
        return weights_by_time(world, starts_on, ends_on, lambda day: day, DAY)
    if granularity == "by_month_prorated_ends":
        found = prorated_ends(weights_by_time(world, starts_at, ends_at, world.midnight, SECOND))
    elif granularity == "by_month_fraction":
        touched = touched_days(world, starts_on, ends_on)
        whole = sum(Fraction(days, length) for _, days, length in touched)
        found = [
            Weight(index, Fraction(days, length) / whole, days == length)
            for index, days, length in touched
        ]
    else:
        first = world.index(starts_on)
        last = world.index(ends_on - DAY)
        if granularity == "by_month_even":
            # The last month is cut off.
            last = max(world.index(ends_on) - 1, first)
        count = last - first + 1
        found = [Weight(first + n, Fraction(1, count), True) for n in range(count)]
    return [
        replace(w, done=Fraction(world.calendar.periods[w.index].ends_on <= world.as_of_date))
        for w in found
    ]


def prorated_ends(by_time: list[Weight]) -> list[Weight]:
    """Partial ends by their share of the whole time; what is between them shares the rest."""
    middle = [w for w in by_time if w.is_full]
    if not middle:
        return by_time
    rest = 1 - sum((w.share for w in by_time if not w.is_full), Fraction())
    return [replace(w, share=rest / len(middle)) if w.is_full else w for w in by_time]


def truncated(value: Fraction) -> int:
    """Rounded toward zero."""
    return int(value)


def whole_slices(amount: int, found: Sequence[Weight], rounding: str) -> list[int]:
    """The amount of each period; they sum to `amount` exactly.

    Args:
        amount: minor units, of either sign.
        found: the weights, which sum to one.
        rounding: one of ROUNDINGS.
    """
    exact = [amount * w.share for w in found]
    if rounding == "cumulative":
        sums = [round_half_away(total) for total in accumulate(exact)]
        return [after - before for before, after in zip([0, *sums], sums, strict=False)]
    rounded = [round_half_away(value) for value in exact]
    plug = len(exact) - 1
    if rounding == "plug_first":
        plug = 0
    elif rounding == "truncate_last_full_period":
        rounded = [
            truncated(value) if w.is_full else round_half_away(value)
            for w, value in zip(found, exact, strict=True)
        ]
        plug = max((n for n, w in enumerate(found) if w.is_full), default=plug)
    elif rounding == "truncate_next_to_last":
        rounded = [truncated(value) for value in exact]
        plug = max(len(exact) - 2, 0)
    rounded[plug] += amount - sum(rounded)
    return rounded


def schedule(amount: int, found: Sequence[Weight], rounding: str) -> list[Slice]:
    """A schedule with what is recognised of it as of the day of the books.

    In the period that runs on that day, what has passed of the slice is rounded: with `cumulative`
    as one more point of the cumulative, else by itself.
    """
    amounts = whole_slices(amount, found, rounding)
    slices, before, released = [], Fraction(), 0
    for weight, whole in zip(found, amounts, strict=True):
        if weight.done == 1:
            done = whole
        elif rounding == "cumulative":
            done = round_half_away(amount * (before + weight.share * weight.done)) - released
        else:
            done = round_half_away(whole * weight.done)
        slices.append(Slice(weight.index, whole, done))
        before += weight.share
        released += whole
    return slices


# --------------------------------------------------------------------------------------------------
# Splitting
# --------------------------------------------------------------------------------------------------


def split(total: int, shares: Mapping[Any, int], rank: Callable[[Any], Any]) -> dict[Any, int]:
    """Split in proportion by the largest remainder; the signs of total and shares are free.

    Args:
        total: minor units.
        shares: what each gets a proportion of; they do not sum to zero.
        rank: decides ties, the lowest first.
    """
    whole = sum(shares.values())
    sign = -1 if total < 0 else 1
    exact = {key: Fraction(abs(total) * share, whole) for key, share in shares.items()}
    found = {key: value.numerator // value.denominator for key, value in exact.items()}
    left = abs(total) - sum(found.values())
    by_remainder = sorted(exact, key=lambda key: (found[key] - exact[key], rank(key)))
    for key in by_remainder[:left]:
        found[key] += 1
    return {key: sign * value for key, value in found.items()}


# --------------------------------------------------------------------------------------------------
# Parts
# --------------------------------------------------------------------------------------------------


@dataclass
class Part:
    """A line under one treatment, and where it stands."""

    line: dict
    number: int
    amount: int
    policy: Policy
    position: str
    is_scheduled: bool
    slices: list[Slice] = field(default_factory=list)
    posted: list[tuple[int, int, Slice]] = field(default_factory=list)
    """(accounting period, effective period, slice), in book order."""
    booked_date: date | None = None
    taken: Counter = field(default_factory=Counter)
    """What each event took and nothing gave back."""
    reversed: int = 0
    released: int = 0
    is_billed: bool = False

    @property
    def obligation_id(self) -> str:
        """The obligation of the entries."""
        suffix = {0: ":tax", 1: ""}.get(self.number, f":{self.number}")
        return f"{self.line['line_id']}{suffix}"

    @property
    def remaining(self) -> int:
        """What was not reversed."""
        return self.amount - self.reversed

    def deferred(self) -> int:
        """Deferred revenue of what is left."""
        rest = Fraction(self.remaining * (self.amount - self.released), self.amount)
        return round_half_away(rest)

    def unbilled(self) -> int:
        """The receivable of a pending line, for what is recognised of it."""
        return round_half_away(Fraction(self.remaining * self.released, self.amount))


def minor(amount: Any, exponent: int) -> int:
    """An amount of major units in minor ones; null is zero.

    Raises:
        ValueError: it has a remainder.
    """
    exact = Fraction(amount or 0) * 10**exponent
    if exact.denominator != 1:
        raise ValueError(f"{amount} has more than {exponent} decimals")
    return int(exact)


@dataclass
class Line:
    """A line with its days, as far as it counts."""

    row: dict
    exponent: int
    group: str
    unbilled_date: date | None
    booked_date: date | None
    booked_known: datetime | None
    known: datetime
    starts_on: date | None
    ends_on: date | None


def read_line(world: World, row: dict, exponent: int) -> Line:
    """A raw line; a billing after the day of the books has not happened yet."""
    unbilled_at, booked_at, booked_on = (
        row.get("unbilled_at"),
        row.get("booked_at"),
        row.get("booked_on"),
    )
    booked_date = booked_on or (None if booked_at is None else world.day(booked_at))
    happened = booked_at or (None if booked_on is None else world.midnight(booked_on))
    if booked_date is not None and booked_date > world.as_of_date:
        booked_date = None
    starts_on, ends_on = row.get("service_starts_on"), row.get("service_ends_on")
    if row.get("service_starts_at") is not None:
        starts_on = world.day(row["service_starts_at"])
        ends_on = world.day(row["service_ends_at"])
    return Line(
        row=row,
        exponent=exponent,
        group=row.get("invoice_id") or f"line {row['line_id']}",
        unbilled_date=None if unbilled_at is None else world.day(unbilled_at),
        booked_date=booked_date,
        booked_known=row.get("booked_known_at") or happened,
        known=row.get("known_at") or unbilled_at or happened,
        starts_on=starts_on,
        ends_on=ends_on,
    )


def parts_of(
    world: World, line: Line, policy: Policy, treatments: Treatments, fulfilments: list[dict]
) -> list[Part]:
    """The parts of a line, those without an amount left out."""
    amount = minor(line.row["amount"], line.exponent)
    shares = {number: share for number, (_, share) in enumerate(treatments, start=1)}
    scaled = {number: int(share * 10**9) for number, share in shares.items()}
    amounts = split(amount, scaled, lambda number: number) if amount else dict.fromkeys(shares, 0)
    parts = [tax_part(line, policy)]
    for number, (treatment, _) in enumerate(treatments, start=1):
        part = Part(
            line=line.row,
            number=number,
            amount=amounts[number],
            policy=policy,
            position=LIABILITIES.get(
                treatment, line.row.get("deferred_account") or "deferred_revenue"
            ),
            is_scheduled=treatment not in LIABILITIES,
        )
        if part.is_scheduled and part.amount:
            part.slices = slices_of(world, line, part, treatment, fulfilments)
        parts.append(part)
    for part in parts:
        part.booked_date = line.unbilled_date or line.booked_date
        post_slices(world, line, part)
    return [part for part in parts if part.amount]


def tax_part(line: Line, policy: Policy) -> Part:
    """The tax of a line."""
    tax = minor(line.row.get("tax_amount"), line.exponent)
    return Part(line.row, 0, tax, policy, "tax_liability", is_scheduled=False)


def slices_of(
    world: World, line: Line, part: Part, treatment: str, fulfilments: list[dict]
) -> list[Slice]:
    """The schedule of a part."""
    if treatment == "defer":
        return deferred_slices(world, line, part, fulfilments)
    if line.starts_on is None:
        if line.booked_date is None:
            return []
        # The day comes from the billing, and is known when that is.
        day = world.index(line.booked_date)
        return [Slice(day, part.amount, part.amount, line.booked_known)]
    found = weights(
        world,
        part.policy.granularity,
        line.starts_on,
        line.ends_on,
        line.row.get("service_starts_at"),
        line.row.get("service_ends_at"),
    )
    return schedule(part.amount, found, part.policy.rounding)


def deferred_slices(world: World, line: Line, part: Part, fulfilments: list[dict]) -> list[Slice]:
    """A deferred line is released by its fulfilments, in book order, never beyond."""
    pieces = []
    for row in fulfilments:
        if row["fulfilled_on"] > world.as_of_date:
            continue
        known = row.get("known_at") or world.midnight(row["fulfilled_on"])
        piece = Slice(world.index(row["fulfilled_on"]), 0, 0, known)
        pieces.append((posting_of(world, line, part, piece), row["fulfilled_on"], row, piece))
    slices, released = [], 0
    for _, _, row, piece in sorted(pieces, key=lambda p: (*p[0], p[1], p[2]["fulfilment_id"])):
        left = part.amount - released
        amount = minor(row["amount"], line.exponent)
        amount = min(amount, left) if part.amount > 0 else max(amount, left)
        released += amount
        slices.append(replace(piece, amount=amount, done=amount))
    return slices


def posting_of(world: World, line: Line, part: Part, piece: Slice) -> tuple[int, int]:
    """Where a slice lands: the booked period at the earliest, and an open one."""
    first_booked = line.unbilled_date or line.booked_date
    effective = piece.own
    if part.policy.catch_up == "in_booked_period" and first_booked is not None:
        effective = max(effective, world.index(first_booked))
    known = max(line.known, piece.known or line.known)
    return max(effective, world.floor(known)), effective


def post_slices(world: World, line: Line, part: Part) -> None:
    """The slices with where they land, in book order."""
    part.posted = [(*posting_of(world, line, part, piece), piece) for piece in part.slices]
    part.posted.sort(key=lambda item: (item[0], item[1], item[2].own))


# --------------------------------------------------------------------------------------------------
# A group: an invoice with its lines, or a line without one
# --------------------------------------------------------------------------------------------------


def stable(*texts: str) -> str:
    """A rank of ids that no collation moves: the project's key of some texts."""
    return hashlib.md5(chr(31).join(texts).encode()).hexdigest()


@dataclass
class WriteOff:
    """What was written off of an invoice, by part: what of it is not recovered, what of it was
    bad debt and what of that still stands, and what was paid or credited."""

    taken: Counter = field(default_factory=Counter)
    left: Counter = field(default_factory=Counter)
    bad_debt: Counter = field(default_factory=Counter)
    standing: Counter = field(default_factory=Counter)
    paid: Counter = field(default_factory=Counter)
    gained: Counter = field(default_factory=Counter)


class Group:
    """The books of one invoice, or of one line without an invoice."""

    def __init__(
        self, world: World, name: str, lines: list[Line], parts: list[Part], splits: list[dict]
    ) -> None:
        """A group before anything happened."""
        self.world = world
        self.name = name
        self.lines = lines
        self.parts = parts
        self.splits: dict[str, list[dict]] = defaultdict(list)
        for row in splits:
            self.splits[row["event_id"]].append(row)
        self.write_off: WriteOff | None = None
        self.receivable = 0
        self.owed = 0
        """What the customer owes: a write-off does not change it, a void ends it."""
        self.billed = 0
        self.settled = 0
        """What was paid or applied of what the invoice billed."""
        self.is_settled_outside = False
        self.given_up = 0
        """What of it was written off and may still be recovered."""
        self.moves: list[dict] = []
        self.scheduled: list[dict] = []
        self.exponent = lines[0].exponent if lines else 0

    # Entries.

    def add(
        self,
        subject: Part | Mapping[str, Any],
        event_type: str,
        at: tuple[int, int],
        accounts: tuple[str, str],
        amount: int,
        booked_date: date,
    ) -> None:
        """One signed movement; those alike are one entry later.

        Args:
            subject: a part, or obligation_id, customer_id and currency of what is none.
            event_type: of the entry.
            at: accounting and effective period.
            accounts: debit and credit.
            amount: signed.
            booked_date: of the entry.
        """
        if not amount:
            return
        debit, credit = accounts
        if isinstance(subject, Part):
            row = {
                "obligation_id": subject.obligation_id,
                "customer_id": subject.line["customer_id"],
                "currency": subject.line["currency"],
            }
        else:
            row = dict(subject)
        self.moves.append(
            {
                **row,
                "event_type": event_type,
                "accounting": at[0],
                "effective": at[1],
                "debit_account": debit,
                "credit_account": credit,
                "amount": amount,
                "booked_date": booked_date,
            }
        )
        change = amount * (debit == "accounts_receivable")
        change -= amount * (credit == "accounts_receivable")
        self.receivable += change
        if event_type not in ("service_written_off", "service_recovered"):
            self.owed += change

    # What happens.

    def bill(self, line: Line, at: tuple[int, int]) -> None:
        """The line is invoiced: what is recognised already leaves the unbilled receivable."""
        account = line.row.get("billing_account") or "accounts_receivable"
        for part in self.parts:
            if part.line is not line.row:
                continue
            before = 0
            if part.is_scheduled and part.policy.catch_up != "own_period_deferred":
                before = part.unbilled()
            part.is_billed = True
            rest = part.remaining - before
            day = line.booked_date
            event = "service_invoiced"
            self.billed += part.amount
            self.add(part, event, at, (account, "unbilled_receivable"), before, day)
            self.add(part, event, at, (account, part.position), rest, day)

    def recognise(self, part: Part, at: tuple[int, int], amount: int, is_done: bool) -> None:
        """The schedule of a part goes on by an amount."""
        through_deferred = part.is_billed or part.policy.catch_up == "own_period_deferred"
        if through_deferred:
            before = part.deferred()
            part.released += amount
            revenue = before - part.deferred()
        else:
            before = part.unbilled()
            part.released += amount
            revenue = part.unbilled() - before
        account = part.position if through_deferred else "unbilled_receivable"
        if is_done:
            accounts = (account, "service_revenue")
            self.add(part, "service_recognised", at, accounts, revenue, part.booked_date)
        self.scheduled.append(
            {
                "line_id": part.line["line_id"],
                "obligation_id": part.obligation_id,
                "effective": at[1],
                "accounting": at[0],
                "status": "recognised" if is_done else "scheduled",
                "amount": revenue,
            }
        )

    def take(
        self, part: Part, amount: int, event: dict, at: tuple[int, int], settlement: str
    ) -> None:
        """Reverse an amount of a part: off the liability or deferred revenue, the rest contra."""
        kind, day = event["event_type"], event["day"]
        part.taken[event["event_id"]] += amount
        entry_type, contra = REVERSED[kind], CONTRA[kind]
        if not part.is_billed:
            before = part.unbilled()
            part.reversed += amount
            if part.is_scheduled:
                off = before - part.unbilled()
                self.add(part, entry_type, at, (contra, "unbilled_receivable"), off, day)
            return
        before = part.deferred()
        part.reversed += amount
        off = before - part.deferred() if part.is_scheduled else amount
        self.add(part, entry_type, at, (part.position, settlement), off, day)
        self.add(part, entry_type, at, (contra, settlement), amount - off, day)
        if kind == "uncollectible":
            self.write_off.taken[part.obligation_id] += amount
            self.write_off.left[part.obligation_id] += amount
            self.write_off.bad_debt[part.obligation_id] += amount - off
            self.write_off.standing[part.obligation_id] += amount - off

    def give_back(
        self,
        part: Part,
        amount: int,
        entry_type: str,
        at: tuple[int, int],
        accounts: tuple[str, str],
        day: date,
    ) -> None:
        """Undo a reversal: up with deferred revenue, the rest off the contra account.

        Args:
            part: of which so much had been reversed.
            amount: what comes back.
            entry_type: of the entries.
            at: accounting and effective period.
            accounts: the account on the other side, and the contra account.
            day: of the event.
        """
        settlement, contra = accounts
        before = part.deferred()
        part.reversed -= amount
        up = part.deferred() - before if part.is_scheduled else amount
        self.add(part, entry_type, at, (settlement, part.position), up, day)
        self.add(part, entry_type, at, (settlement, contra), amount - up, day)
        if entry_type == "service_recovered":
            self.write_off.standing[part.obligation_id] -= amount - up

    def parts_by_id(self) -> dict[str, Part]:
        """The parts by obligation."""
        return {part.obligation_id: part for part in self.parts}

    def in_proportion(self, amount: int, shares: Mapping[str, int]) -> dict[str, int]:
        """A split over obligations."""
        shares = {key: share for key, share in shares.items() if share}
        return split(amount, shares, lambda key: stable(SOURCE, key)) if shares else {}

    def parts_in_reach(self, event: dict) -> list[Part]:
        """The parts that an event may touch."""
        return [p for p in self.parts if event["line_id"] in (None, p.line["line_id"])]

    @property
    def is_settled(self) -> bool:
        """Whether anything was paid that did not come back."""
        return self.is_settled_outside or self.settled != 0

    @property
    def is_overpaid(self) -> bool:
        """Whether what is owed goes the other way than what was billed."""
        is_within = self.owed == 0 or (self.billed > 0 < self.owed) or (self.billed < 0 > self.owed)
        return self.is_settled and not is_within

    def reverse(self, event: dict, at: tuple[int, int]) -> None:
        """An event takes from the parts of its invoice or line what it can, the rest is lost."""
        kind, parts = event["event_type"], self.parts_in_reach(event)
        settlement = event["settlement_account"] or "accounts_receivable"
        remaining = {part.obligation_id: part.remaining for part in parts}
        if event["amount"] is not None:
            amount = minor(event["amount"], self.exponent)
        elif kind == "item_deleted":
            amount = sum(remaining.values())
        else:
            amount = 0 if kind == "void" and self.is_overpaid else self.receivable
        if kind == "uncollectible":
            # Once, and nobody writes off what is owed to the customer.
            amount = max(amount, 0) if self.write_off is None else 0
            self.given_up += amount
            self.write_off = self.write_off or WriteOff()
        splits = self.splits[event["event_id"]]
        if kind == "credit_note" and settlement == "accounts_receivable":
            credited = self.credit_write_off(event, amount, at)
            amount, splits = amount - credited, [] if credited else splits
        if kind == "void" and not self.is_settled:
            amounts, lost = remaining, amount - sum(remaining.values())
        else:
            amounts, lost = self.shared(splits, amount, remaining)
        by_id = self.parts_by_id()
        for key, part_amount in sorted(amounts.items()):
            self.take(by_id[key], part_amount, event, at, settlement)
        self.lose(REVERSED[kind], lost, at, ("other_loss", settlement), event["day"])

    def shared(
        self, splits: list[dict], amount: int, weights: Mapping[str, int]
    ) -> tuple[dict[str, int], int]:
        """An amount over the parts: first the source's own split, then what they weigh.

        What a line of the split cannot take is lost: it is not another line's.

        Args:
            splits: the source's.
            amount: minor units.
            weights: what each part can give (or get back).

        Returns:
            The share of each part, and what is more than they weigh.
        """
        found: Counter = Counter()
        rest, lost = amount, 0
        for row in splits:
            for column, is_tax in (("amount", False), ("tax_amount", True)):
                mine = {
                    part.obligation_id: weights[part.obligation_id]
                    for part in self.parts
                    if part.line["line_id"] == row["line_id"]
                    and part.obligation_id in weights
                    and (part.number == 0) == is_tax
                }
                wanted = minor(row[column], self.exponent)
                taken, more = self.capped(wanted, mine)
                found.update(taken)
                rest, lost = rest - wanted, lost + more
        left = {key: weight - found[key] for key, weight in weights.items()}
        taken, more = self.capped(rest, left)
        found.update(taken)
        return dict(found), lost + more

    def capped(self, amount: int, remaining: Mapping[str, int]) -> tuple[dict[str, int], int]:
        """An amount over what remains, and what is more than remains."""
        whole = sum(remaining.values())
        taken = 0
        if whole > 0 < amount:
            taken = min(amount, whole)
        elif whole < 0 > amount:
            taken = max(amount, whole)
        return (self.in_proportion(taken, remaining) if taken else {}), amount - taken

    def lose(
        self, entry_type: str, amount: int, at: tuple[int, int], accounts: tuple, day: date
    ) -> None:
        """What an event took beyond what was there."""
        if amount:
            self.add(self.subject(), entry_type, at, accounts, amount, day)

    def subject(self) -> dict:
        """The invoice (or the line without one) as an obligation."""
        row = self.lines[0].row
        return {
            "obligation_id": row.get("invoice_id") or row["line_id"],
            "customer_id": row["customer_id"],
            "currency": row["currency"],
        }

    def restore(self, event: dict, at: tuple[int, int]) -> None:
        """A refund failed, a dispute was won, a credit note is void.

        It gives back to each part what the event that it undoes took from it.
        """
        entry_type, day = RESTORED[event["event_type"]], event["day"]
        settlement = event["settlement_account"] or "accounts_receivable"
        contra = CONTRA[UNDONE[event["event_type"]]]
        parts = self.parts_in_reach(event)
        amount = minor(event["amount"], self.exponent)
        undone = event["restores_event_id"]
        weights = {part.obligation_id: part.taken[undone] for part in parts}
        amounts, lost = self.shared(self.splits[event["event_id"]], amount, weights)
        by_id = self.parts_by_id()
        for key, part_amount in sorted(amounts.items()):
            part = by_id[key]
            part.taken[undone] -= part_amount
            is_gain = part.policy.recovery == "as_gains" and event["event_type"] in GAINS
            if is_gain and part.is_scheduled:
                accounts = (settlement, "recoverables")
                self.add(part, entry_type, at, accounts, part_amount, day)
            else:
                self.give_back(part, part_amount, entry_type, at, (settlement, contra), day)
        self.lose(entry_type, lost, at, (settlement, "other_loss"), day)

    def of_the_write_off(self, amount: int) -> int:
        """What of an amount concerns what was given up: all that goes beyond the receivable."""
        return self.given_up - max(min(self.given_up, self.owed - amount), 0)

    def written_off(self) -> dict[str, int]:
        """What was written off of each part and neither recovered nor credited."""
        return {part.obligation_id: self.write_off.left[part.obligation_id] for part in self.parts}

    def credit_write_off(self, event: dict, amount: int, at: tuple[int, int]) -> int:
        """A credit note takes what was written off: its share of bad debt becomes credit notes.

        Nothing of it is receivable, and no revenue comes back. The source's split is that of the
        whole note.

        Returns:
            What of the note that is.
        """
        credited = 0 if self.write_off is None else self.of_the_write_off(amount)
        if credited <= 0:
            return 0
        self.owed -= credited
        self.given_up -= credited
        splits = self.splits[event["event_id"]] if credited == amount else []
        amounts, _ = self.shared(splits, credited, self.written_off())
        by_id, entry = self.parts_by_id(), "service_write_off_credited"
        for key, part_amount in sorted(amounts.items()):
            self.write_off.left[key] -= part_amount
            by_id[key].taken[event["event_id"]] += part_amount
            bad_debt = self.bad_debt_of(key, part_amount)
            accounts = ("credit_notes", "bad_debt")
            self.add(by_id[key], entry, at, accounts, bad_debt, event["day"])
        return credited

    def bad_debt_of(self, key: str, amount: int) -> int:
        """The share in bad debt of an amount that was written off of a part, no longer standing."""
        off = self.write_off
        off.paid[key] += amount
        share = Fraction(off.bad_debt[key] * off.paid[key], off.taken[key] or 1)
        bad_debt = round_half_away(share) - off.gained[key]
        off.gained[key] += bad_debt
        off.standing[key] -= bad_debt
        return bad_debt

    def recover(self, amount: int, row: dict, at: tuple[int, int]) -> None:
        """Money for what was written off: the receivable comes back before it is paid.

        It pays what is receivable first; what goes beyond what is owed recovers nothing.
        """
        amount = self.of_the_write_off(amount)
        if amount <= 0:
            return
        self.given_up -= amount
        amounts, lost = self.shared([], amount, self.written_off())
        by_id, debit = self.parts_by_id(), "accounts_receivable"
        for key, part_amount in sorted(amounts.items()):
            part = by_id[key]
            self.write_off.left[key] -= part_amount
            if part.policy.recovery == "as_gains" and part.is_scheduled:
                self.gain(part, part_amount, row, at)
            else:
                accounts = (debit, "bad_debt")
                self.give_back(part, part_amount, "service_recovered", at, accounts, row["day"])
        self.lose("service_recovered", lost, at, (debit, "other_loss"), row["day"])

    def gain(self, part: Part, amount: int, row: dict, at: tuple[int, int]) -> None:
        """A written off part is paid: its share of bad debt comes back, the rest is a gain."""
        debit, bad_debt = "accounts_receivable", self.bad_debt_of(part.obligation_id, amount)
        self.add(part, "service_recovered", at, (debit, "bad_debt"), bad_debt, row["day"])
        accounts = (debit, "recoverables")
        self.add(part, "service_recovered", at, accounts, amount - bad_debt, row["day"])

    def void(self, event: dict, at: tuple[int, int]) -> None:
        """The invoice is void; if it was written off, what stands in bad debt goes to voids."""
        self.reverse(event, at)
        if self.write_off is None:
            return
        by_id, entry = self.parts_by_id(), "service_write_off_voided"
        for key, standing in sorted(self.write_off.standing.items()):
            self.add(by_id[key], entry, at, ("voids", "bad_debt"), standing, event["day"])
        self.write_off = WriteOff()
        self.owed, self.given_up = self.receivable, 0

    def settle(self, row: dict, at: tuple[int, int]) -> None:
        """A payment, the customer balance or a fee."""
        entry_type, debit, credit = SETTLED[row["settlement_type"]]
        amount = self.owed if row["amount"] is None else minor(row["amount"], row["exponent"])
        if self.write_off is not None and credit == "accounts_receivable":
            self.recover(amount, row, at)
        if credit == "accounts_receivable":
            self.settled += amount if row["amount"] is not None else 0
            self.is_settled_outside |= row["amount"] is None
        is_fee = row["settlement_type"] == "processing_fee"
        subject = {
            "obligation_id": (
                row["settlement_id"] if is_fee else row["invoice_id"] or row["customer_id"]
            ),
            "customer_id": row["customer_id"],
            "currency": row["currency"],
        }
        self.add(subject, entry_type, at, (debit, credit), amount, row["day"])

    # In book order.

    def run(self, events: list[dict], settlements: list[dict]) -> None:
        """Everything that happens to the group, in book order."""
        world = self.world
        actions: list[tuple[tuple, Callable[[], None]]] = []
        billed = -1
        for line in self.lines:
            if line.booked_date is None:
                continue
            effective = world.index(line.booked_date)
            posted = max(effective, world.floor(line.booked_known))
            billed = max(billed, posted)
            order = (posted, 0, effective, datetime.min, 0, "")
            actions.append((order, self.bound(self.bill, line, (posted, effective))))
        timing = {part.policy.reversal_timing for part in self.parts}
        rank = 3 if timing == {"through_current_period"} else 1
        known = max((line.booked_known or line.known for line in self.lines), default=datetime.min)
        recorded = {row["event_id"]: row["known_at"] or row["effective_at"] for row in events}
        posted_at: dict[str, int] = {}
        undoing_last = sorted(events, key=lambda row: row["restores_event_id"] is not None)
        for is_event, rows in ((0, settlements), (1, undoing_last)):
            for row in rows:
                effective = world.index(row["day"])
                # Nothing is known before what gives it value: its lines, or what it undoes.
                undone = recorded.get(row.get("restores_event_id"), known)
                row_known = max(row["known_at"] or row["effective_at"], known, undone)
                key = row["event_id"] if is_event else row["settlement_id"]
                # Nor does it come before them in the books, where a period was reopened.
                after = max(billed, posted_at.get(row.get("restores_event_id"), billed))
                posted = max(effective, world.floor(row_known), after)
                if is_event:
                    posted_at[key] = posted
                order = (posted, rank, effective, row["effective_at"], is_event, stable(key))
                act = self.happen if is_event else self.settle
                actions.append((order, self.bound(act, row, (posted, effective))))
        for part in self.parts:
            for posted, effective, piece in part.posted:
                order = (posted, 2, effective, datetime.min, 0, "")
                slice_at = (posted, effective)
                actions.append(
                    (order, self.bound(self.recognise, part, slice_at, piece.done, True))
                )
        actions.sort(key=lambda action: action[0])
        for _, act in actions:
            act()
            self.given_up = min(self.given_up, max(self.owed, 0))
        self.plan()

    @staticmethod
    def bound(method: Callable, *args: Any) -> Callable[[], None]:
        """A call for later."""
        return lambda: method(*args)

    def happen(self, event: dict, at: tuple[int, int]) -> None:
        """One event."""
        if event["event_type"] in RESTORED:
            self.restore(event, at)
        elif event["event_type"] == "void":
            self.void(event, at)
        else:
            self.reverse(event, at)

    def plan(self) -> None:
        """What the schedules still hold, by today's reversals."""
        for part in self.parts:
            for posted, effective, piece in part.posted:
                if piece.done != piece.amount:
                    self.recognise(part, (posted, effective), piece.amount - piece.done, False)


# --------------------------------------------------------------------------------------------------
# The books
# --------------------------------------------------------------------------------------------------


def build_books(
    tables: Mapping[str, Iterable[dict]],
    closes: Iterable[dict],
    currencies: Mapping[str, int],
    policy_of: Callable[[str], Policy],
    *,
    as_of_date: date,
    timezone: str = "UTC",
    calendar: str = "monthly",
    fiscal_year_start: Any = 1,
    treatments_of: Callable[[dict], Treatments] = lambda _: DEFAULT_TREATMENT,
) -> Books:
    """The books of a company from the raw tables of the generic room.

    Args:
        tables: service_lines, line_events, line_event_splits, settlements, fulfilments.
        closes: the rows of period_closes.
        currencies: exponents by currency.
        policy_of: the answers of the policies for a customer.
        as_of_date: the last day that counts.
        timezone: in which days begin.
        calendar: the var of that name.
        fiscal_year_start: the var of that name.
        treatments_of: what the recognition rules make of a line.

    Raises:
        ValueError: a row that the SQL would list as an exception; the histories have none.
    """
    made = make_calendar(calendar, fiscal_year_start)
    world = World(made, read_closes(closes, made, timezone), timezone, as_of_date)
    ignored: dict[tuple[str, str], str] = {}
    lines = []
    for row in tables["service_lines"]:
        line = read_line(world, row, currencies[row["currency"]])
        first = line.unbilled_date or line.booked_date
        if first is None or first > as_of_date:
            ignored["service_lines", row["line_id"]] = "after_as_of_date"
        else:
            lines.append(line)
    groups = make_groups(world, lines, tables, policy_of, treatments_of)
    events = dated(world, tables.get("line_events", ()), "line_events", "event_id", ignored)
    settled = dated(world, tables.get("settlements", ()), "settlements", "settlement_id", ignored)
    for row in settled:
        row["exponent"] = currencies[row["currency"]]
    events_of, settlements_of = defaultdict(list), defaultdict(list)
    for row in events:
        name = row["invoice_id"] or f"line {row['line_id']}"
        if name not in groups and row["line_id"] is not None:
            name = next(
                n
                for n, g in groups.items()
                if row["line_id"] in {i.row["line_id"] for i in g.lines}
            )
        events_of[name].append(row)
    for row in settled:
        settlements_of[row["invoice_id"] or f"balance {row['customer_id']}"].append(row)
    for name in settlements_of.keys() - groups.keys():
        groups[name] = Group(world, name, [], [], [])
    moves, planned = [], []
    for name, group in sorted(groups.items()):
        group.run(events_of[name], settlements_of[name])
        moves += group.moves
        planned += group.scheduled
    return Books(entries_of(world, moves, currencies), schedule_of(world, planned), ignored)


def make_groups(
    world: World,
    lines: list[Line],
    tables: Mapping[str, Iterable[dict]],
    policy_of: Callable[[str], Policy],
    treatments_of: Callable[[dict], Treatments],
) -> dict[str, Group]:
    """Lines by invoice, or alone; an item whose invoice is not finalised yet is alone."""
    by_group: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        name = line.group if line.booked_date is not None else f"line {line.row['line_id']}"
        by_group[name].append(line)
    fulfilments = defaultdict(list)
    for row in tables.get("fulfilments", ()):
        fulfilments[row["line_id"]].append(row)
    groups = {}
    for name, members in by_group.items():
        parts = [
            part
            for line in members
            for part in parts_of(
                world,
                line,
                policy_of(line.row["customer_id"]),
                treatments_of(line.row),
                fulfilments[line.row["line_id"]],
            )
        ]
        groups[name] = Group(world, name, members, parts, list(tables.get("line_event_splits", ())))
    return groups


def dated(
    world: World, rows: Iterable[dict], table: str, key: str, ignored: dict[tuple[str, str], str]
) -> list[dict]:
    """The rows up to the day of the books, each with its day."""
    found = []
    for row in rows:
        day = world.day(row["effective_at"])
        if day > world.as_of_date:
            ignored[table, row[key]] = "after_as_of_date"
        else:
            found.append({**row, "day": day})
    return found


ENTRY_KEY = (
    "obligation_id",
    "customer_id",
    "currency",
    "event_type",
    "accounting",
    "effective",
    "debit_account",
    "credit_account",
)


def entries_of(world: World, moves: list[dict], currencies: Mapping[str, int]) -> list[dict]:
    """Movements at the grain of the journal; a negative sum swaps the sides, zero is no entry."""
    sums: Counter = Counter()
    booked: dict[tuple, date] = {}
    for move in moves:
        key = tuple(move[column] for column in ENTRY_KEY)
        sums[key] += move["amount"]
        booked[key] = max(booked.get(key, date.min), move["booked_date"])
    entries = []
    for key, amount in sums.items():
        if not amount:
            continue
        row = dict(zip(ENTRY_KEY, key, strict=True))
        accounting, effective = row.pop("accounting"), row.pop("effective")
        if amount < 0:
            row["debit_account"], row["credit_account"] = (
                row["credit_account"],
                row["debit_account"],
            )
        entries.append(
            {
                **row,
                "accounting_period": world.name(accounting),
                "effective_period": world.name(effective),
                "is_correction": accounting != effective,
                "booked_date": booked[key],
                "amount_minor": abs(amount),
                "amount": Decimal(abs(amount)).scaleb(-currencies[row["currency"]]),
            }
        )
    return sorted(entries, key=lambda row: repr(sorted(row.items())))


def schedule_of(world: World, planned: list[dict]) -> list[dict]:
    """The schedule at its grain, rows without an amount left out."""
    sums: Counter = Counter()
    for row in planned:
        key = (
            row["line_id"],
            row["obligation_id"],
            row["effective"],
            row["accounting"],
            row["status"],
        )
        sums[key] += row["amount"]
    rows = [
        {
            "line_id": line_id,
            "obligation_id": obligation_id,
            "effective_period": world.name(effective),
            "accounting_period": world.name(accounting),
            "status": status,
            "amount_minor": amount,
        }
        for (line_id, obligation_id, effective, accounting, status), amount in sums.items()
        if amount
    ]
    return sorted(rows, key=lambda row: repr(sorted(row.items())))
