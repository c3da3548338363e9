"""An independent oracle of the books of metered usage, in plain Python and exact fractions.

It is written from the rules, not from the SQL, and shares no code with it. Input are the raw tables
of the meter, the finance tables that rate it and the ledger rows of credits that cover it; output
the journal and what became of every raw row. Money is an integer of minor units; V, the exact value
of what was used, is rounded only as a cumulative, half away from zero.

A *usage period* is a customer, a product and a subscription in one billing period. Its facts are
put in book order, and everything that is posted is the change of a cumulative:

    V  value of the running quantity       R  what of it is recognised
    S  shortfall of a minimum              I  what was invoiced,  F  whether a final invoice came
"""

from __future__ import annotations

import calendar as days
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from oracle import (
    make_calendar,
    read_closes,
    read_number,
    read_time,
    round_half_away,
    round_to_places,
)
from service_oracle import World

ZERO = Fraction(0)
DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)
ALWAYS, NEVER = datetime.min, datetime.max
QUANTITY_PLACES, PRICE_PLACES, INTEGER_DIGITS = 9, 12, 19
QUANTITY_LIMIT = 10**11
MODELS = {"per_unit", "graduated", "volume", "package"}
AGGREGATIONS = {"sum", "max", "last_during_period", "last_ever", "unique"}
MONTHS = {"month": 1, "quarter": 3, "year": 12}
DAYS = {"day": 1, "week": 7}
EXCLUDED = {
    "duplicate",
    "duplicate_idempotency_key",
    "after_as_of_date",
    "billing_period_running",
    "invoice_draft",
}
"""Reasons that say the row is in order and not in the books; any other makes it an exception."""
COVERING = {
    "CREDITS_CONSUMED": 1,
    "CREDITS_CONSUMPTION_TRANSFER_TARGET": 1,
    "CREDITS_CONSUMPTION_TRANSFER_SOURCE": -1,
}
"""Ledger rows that cover usage, or no longer do; their amounts are positive."""

Tables = Mapping[str, Iterable[dict]]
Position = tuple[int, int]
"""Accounting period and effective period, as indices: the book order."""


@dataclass(frozen=True)
class Policy:
    """The answers of the policies for one customer."""

    recognition: str = "right_to_invoice"
    limits: str = "refuse"
    shortfall: str = "usage_revenue"
    reversal: str = "on_invoice"


class Key(NamedTuple):
    """What makes a usage period; it is the obligation of its entries."""

    customer_id: str
    product_id: str
    subscription_id: str | None
    interval: str
    starts_at: datetime
    currency: str
    aggregation: str


@dataclass(frozen=True)
class Books:
    """What the rules make of the raw tables."""

    entries: list[dict]
    dispositions: dict[tuple[str, str], Counter]
    """(table, key) -> how many raw rows have which (disposition, reason)."""
    company: Company

    @property
    def periods(self) -> dict[Key, Period]:
        """The usage periods."""
        return self.company.periods


# --------------------------------------------------------------------------------------------------
# Reading
# --------------------------------------------------------------------------------------------------


def instant(raw: Any) -> datetime | None:
    """A time as naive UTC; None where there is none or it cannot be read."""
    value = read_time(raw).value
    return None if value is None else value.replace(tzinfo=None)


def number(raw: Any, places: int = PRICE_PLACES) -> Fraction | None:
    """An exact number; None where there is none or it cannot be read."""
    return read_number(raw, places, INTEGER_DIGITS).value


def text(raw: Any) -> str | None:
    """Text as it is; the empty one is none."""
    return None if raw in (None, "") else str(raw)


# --------------------------------------------------------------------------------------------------
# Rates
# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tier:
    """What a part of the quantity costs, in major units."""

    up_to: Fraction | None
    unit_amount: Fraction
    flat_amount: Fraction
    package_size: Fraction | None


@dataclass(frozen=True)
class Schedule:
    """A row of rate_schedules with its tiers."""

    schedule_id: str
    product_id: str
    customer_id: str | None
    currency: str
    model: str
    aggregation: str
    interval: str | None
    starts_at: datetime | None
    ends_at: datetime
    tiers: tuple[Tier, ...]
    is_usable: bool

    def value(self, quantity: Fraction) -> Fraction:
        """What a quantity of one billing period costs, in major units."""
        if quantity <= 0:
            return ZERO
        if self.model == "volume":
            tier = next(t for t in self.tiers if t.up_to is None or quantity <= t.up_to)
            return quantity * tier.unit_amount + tier.flat_amount
        total, below = ZERO, ZERO
        for tier in self.tiers:
            if quantity <= below:
                break
            part = min(quantity, quantity if tier.up_to is None else tier.up_to) - below
            if self.model == "package":
                part = Fraction(-(-part // tier.package_size))
            total += part * tier.unit_amount + tier.flat_amount
            below = quantity if tier.up_to is None else tier.up_to
        return total


def read_schedule(row: dict, tiers: list[dict], currencies: Mapping[str, int]) -> Schedule:
    """A schedule; `is_usable` is false where it or a tier of it has a fault."""
    starts_at, ends_at = instant(row["effective_from"]), instant(row.get("effective_to")) or NEVER
    tiers = sorted(tiers, key=lambda tier: int(tier["tier"]))
    model = text(row["model"])
    is_usable = (
        row["currency"] in currencies
        and model in MODELS
        and row["aggregation"] in AGGREGATIONS
        and row.get("billing_interval") in {None, "", *MONTHS, *DAYS}
        and starts_at is not None
        and starts_at < ends_at
        and are_tiers_usable(model, tiers)
    )
    return Schedule(
        row["rate_schedule_id"],
        row["product_id"],
        text(row.get("customer_id")),
        row["currency"],
        row["model"],
        row["aggregation"],
        text(row.get("billing_interval")),
        starts_at,
        ends_at,
        tuple(
            Tier(
                number(tier.get("up_to")),
                number(tier.get("unit_amount")) or ZERO,
                number(tier.get("flat_amount")) or ZERO,
                number(tier.get("package_size")),
            )
            for tier in tiers
        ),
        is_usable,
    )


def are_tiers_usable(model: str | None, tiers: list[dict]) -> bool:
    """Whether tiers in their order can rate any quantity."""
    if not tiers or (model == "per_unit" and len(tiers) > 1):
        return False
    ends = [number(tier.get("up_to")) for tier in tiers]
    if ends[-1] is not None or None in ends[:-1]:
        return False
    if len({int(tier["tier"]) for tier in tiers}) < len(tiers):
        return False
    if any(low >= high for low, high in pairwise([ZERO, *ends[:-1]])):
        return False
    for tier in tiers:
        unit, flat = number(tier.get("unit_amount")), number(tier.get("flat_amount"))
        size = number(tier.get("package_size"))
        if (unit is None and flat is None) or (unit or ZERO) < 0 or (flat or ZERO) < 0:
            return False
        if (size is None or size <= 0) if model == "package" else size is not None:
            return False
    return True


class Segment(NamedTuple):
    """A stretch of time in which one schedule rates a product for a customer."""

    starts_at: datetime
    ends_at: datetime
    schedule: Schedule


class Rates:
    """All schedules, and which of them is in force when for whom."""

    def __init__(self, schedules: Iterable[Schedule]) -> None:
        """All schedules of the company."""
        self.of_product: dict[str, list[Schedule]] = defaultdict(list)
        for schedule in schedules:
            self.of_product[schedule.product_id].append(schedule)
        self.known: dict[tuple[str, str], list[Segment]] = {}

    def segments(self, customer_id: str, product_id: str) -> list[Segment]:
        """The segments in order; between them may be gaps."""
        key = customer_id, product_id
        if key not in self.known:
            self.known[key] = list(self.make_segments(customer_id, product_id))
        return self.known[key]

    def make_segments(self, customer_id: str, product_id: str) -> Iterable[Segment]:
        """The customer's own schedule counts before the one for everyone."""
        mine = [
            schedule
            for schedule in self.of_product[product_id]
            if schedule.customer_id in (None, customer_id) and schedule.starts_at is not None
        ]
        edges = sorted({edge for s in mine for edge in (s.starts_at, s.ends_at)})
        last: Segment | None = None
        for low, high in pairwise(edges):
            in_force = [s for s in mine if s.starts_at <= low < s.ends_at]
            chosen = min(in_force, key=lambda s: s.customer_id is None, default=None)
            if last is not None and (chosen is not last.schedule or last.ends_at != low):
                yield last
                last = None
            if chosen is not None:
                last = Segment(last.starts_at if last else low, high, chosen)
        if last is not None:
            yield last

    def at(self, customer_id: str, product_id: str, moment: datetime) -> Segment | None:
        """The segment that holds an instant."""
        segments = self.segments(customer_id, product_id)
        found = bisect_right([s.starts_at for s in segments], moment) - 1
        return segments[found] if found >= 0 and moment < segments[found].ends_at else None

    def within(
        self, customer_id: str, product_id: str, starts_at: datetime, ends_at: datetime
    ) -> list[Segment]:
        """The segments of which some part is in [starts_at, ends_at)."""
        segments = self.segments(customer_id, product_id)
        return [s for s in segments if s.starts_at < ends_at and starts_at < s.ends_at]


# --------------------------------------------------------------------------------------------------
# Billing periods
# --------------------------------------------------------------------------------------------------


def after_months(anchor: datetime, count: int) -> datetime:
    """So many months after an instant; a day that the month lacks is its last."""
    month = anchor.year * 12 + anchor.month - 1 + count
    year, month = divmod(month, 12)
    last = days.monthrange(year, month + 1)[1]
    return anchor.replace(year=year, month=month + 1, day=min(anchor.day, last))


def after_intervals(anchor: datetime, interval: str, count: int) -> datetime:
    """So many intervals after an instant, counted from the instant itself."""
    if interval in DAYS:
        return anchor + count * DAYS[interval] * DAY
    return after_months(anchor, count * MONTHS[interval])


def anchored(anchor: datetime, interval: str, moment: datetime) -> tuple[datetime, datetime]:
    """The billing period that holds an instant."""
    if interval in DAYS:
        count = (moment - anchor) // (DAYS[interval] * DAY)
    else:
        months = (moment.year - anchor.year) * 12 + moment.month - anchor.month
        count = months // MONTHS[interval]
        while after_intervals(anchor, interval, count) > moment:
            count -= 1
        while after_intervals(anchor, interval, count + 1) <= moment:
            count += 1
    return tuple(after_intervals(anchor, interval, count + n) for n in (0, 1))


def calendar_start(day: date, interval: str) -> date:
    """The first day of the calendar's day, week, month, quarter or year."""
    if interval == "week":
        return day - day.weekday() * DAY
    if interval == "day":
        return day
    step = MONTHS[interval]
    return day.replace(month=(day.month - 1) // step * step + 1, day=1)


@dataclass(frozen=True)
class Subscription:
    """A row of subscriptions."""

    customer_id: str
    anchor: datetime | None
    interval: str | None
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Billing:
    """Subscriptions, and the time zone of who has none."""

    world: World
    subscriptions: Mapping[str, Subscription]

    def anchor(self, subscription_id: str | None) -> datetime | None:
        """From where the billing periods run; None where they are the calendar's."""
        return self.subscriptions[subscription_id].anchor if subscription_id else None

    def interval(self, subscription_id: str | None, schedule: Schedule | None) -> str:
        """The interval of the schedule, else of the subscription, else months."""
        own = self.subscriptions[subscription_id].interval if subscription_id else None
        return (schedule and schedule.interval) or own or "month"

    def period(
        self, subscription_id: str | None, interval: str, moment: datetime
    ) -> tuple[datetime, datetime]:
        """Start and exclusive end of the billing period that holds an instant."""
        anchor = self.anchor(subscription_id)
        if anchor is not None:
            return anchored(anchor, interval, moment)
        first = calendar_start(self.world.day(moment), interval)
        noon = datetime.combine(first, datetime.min.time()) + DAY / 2
        after = after_intervals(noon, interval, 1).date()
        return self.world.midnight(first), self.world.midnight(after)


# --------------------------------------------------------------------------------------------------
# Facts
# --------------------------------------------------------------------------------------------------


@dataclass
class Row:
    """A raw row and what became of it."""

    table: str
    key: str | None
    raw: dict
    reason: str | None = None

    @property
    def outcome(self) -> tuple[str, str | None]:
        """Disposition and reason."""
        if self.reason is None:
            return "journaled", None
        return ("excluded" if self.reason in EXCLUDED else "exception"), self.reason


@dataclass(frozen=True)
class Fact:
    """Something that moves the running quantity, or what covers it."""

    moment: datetime
    known: datetime
    day: date
    at: Position
    segment: Segment
    quantity: Fraction | None = None
    """Of an event; None for what is covered."""
    covered: Fraction = ZERO
    row: Row | None = None
    """The event, where it is one of this billing period and not one of before."""


@dataclass(frozen=True)
class Invoice:
    """An invoice that counts."""

    day: date
    at: Position
    amount: int
    is_final: bool


@dataclass(frozen=True)
class Estimate:
    """A row of usage_estimates."""

    customer_id: str | None
    starts_on: date | None
    quantity: Fraction | None
    price: Fraction | None
    known: datetime

    @property
    def rank(self) -> tuple:
        """The greatest counts."""
        return self.customer_id is not None, self.starts_on is not None, self.known


def read_estimate(row: dict) -> Estimate:
    """A row of usage_estimates, parsed."""
    starts_at = instant(row.get("billing_period_starts_on"))
    return Estimate(
        text(row.get("customer_id")),
        None if starts_at is None else starts_at.date(),
        number(row.get("expected_quantity")),
        number(row.get("expected_unit_price")),
        instant(row["known_at"]),
    )


@dataclass(frozen=True)
class Commitment:
    """A row of usage_commitments; its minimum is in minor units, and None where it is 0."""

    included: Fraction
    minimum: int | None


NO_COMMITMENT = Commitment(ZERO, None)


def has_minimum(row: dict) -> bool:
    """Whether a commitment says more than how much is included."""
    return (number(row.get("minimum_amount")) or ZERO) > 0


class Running:
    """The quantity of a usage period, fact by fact."""

    def __init__(self, aggregation: str) -> None:
        """Nothing used yet."""
        self.aggregation = aggregation
        self.facts: list[Fact] = []

    def add(self, facts: Iterable[Fact]) -> None:
        """More events."""
        self.facts += [fact for fact in facts if fact.quantity is not None]

    @property
    def quantity(self) -> Fraction:
        """The running quantity."""
        quantities = [fact.quantity for fact in self.facts]
        if not quantities:
            return ZERO
        if self.aggregation == "sum":
            return sum(quantities, ZERO)
        if self.aggregation == "max":
            return max(ZERO, *quantities)
        if self.aggregation == "unique":
            return Fraction(len(set(quantities)))
        return max(self.facts, key=lambda f: (f.moment, f.known, f.quantity)).quantity


# --------------------------------------------------------------------------------------------------
# One usage period
# --------------------------------------------------------------------------------------------------


class Days(NamedTuple):
    """The last day of the usage at a position, and of its invoices; `date.min` without any."""

    used: date = date.min
    invoiced: date = date.min

    @property
    def settled(self) -> date:
        """The day of what the invoices settle there."""
        return self.used if self.invoiced == date.min else self.invoiced


@dataclass
class State:
    """The cumulatives after a position."""

    quantity: Fraction = ZERO
    recognised: int = 0
    shortfall: int = 0
    invoiced: int = 0
    is_final: bool = False

    @property
    def earned(self) -> int:
        """What was recognised, the shortfall too."""
        return self.recognised + self.shortfall

    @property
    def met(self) -> int:
        """What of the unbilled receivable invoices took."""
        return self.earned if self.is_final else self.invoiced

    @property
    def difference(self) -> int:
        """What the invoices say more than the meter."""
        return self.invoiced - self.earned if self.is_final else 0

    @property
    def unbilled(self) -> int:
        """What was earned and is not invoiced."""
        return 0 if self.is_final else self.earned - self.invoiced


@dataclass
class Period:
    """One usage period and all that is known of it."""

    world: World
    key: Key
    ends_at: datetime
    closes_at: datetime
    """Its end, or within it that of its subscription."""
    is_calendar: bool
    policy: Policy
    exponent: int
    segments: list[Segment]
    commitment: Commitment
    estimates: list[Estimate]
    facts: list[Fact] = field(default_factory=list)
    invoices: list[Invoice] = field(default_factory=list)
    value: int = 0
    """V as it is in the end, rounded."""
    booked_date: date = date.max

    @property
    def starts_on(self) -> date:
        """The first accounting day."""
        return self.world.day(self.key.starts_at)

    @property
    def ends_on(self) -> date:
        """The last accounting day."""
        return self.world.day(self.closes_at - MICROSECOND)

    @property
    def end(self) -> int:
        """The accounting period in which it ends."""
        return self.world.index(self.ends_on)

    @property
    def has_ended(self) -> bool:
        """Whether it ended by the day of the books."""
        return self.ends_on <= self.world.as_of_date

    @property
    def is_refused(self) -> bool:
        """Whether the right to invoice was asked for and is refused."""
        is_limited = self.commitment.minimum is not None or any(
            segment.schedule.model == "volume" for segment in self.segments
        )
        asked = self.policy.recognition == "right_to_invoice"
        return asked and is_limited and self.policy.limits == "refuse"

    @property
    def is_estimated(self) -> bool:
        """Whether it is recognised at an estimated price until it ends."""
        return self.is_refused or self.policy.recognition == "estimate_constrained"

    def minor(self, amount: Fraction) -> int:
        """Major units, rounded to minor units."""
        return round_half_away(amount * 10**self.exponent)

    # Estimates.

    def known_in(self, estimate: Estimate) -> int:
        """The accounting period from which an estimate counts."""
        day = max(self.world.day(estimate.known), self.starts_on)
        return self.world.index(day)

    def estimate_steps(self) -> set[int]:
        """The accounting periods in which an estimate becomes known."""
        last = self.end - 1 if self.has_ended else self.world.index(self.world.as_of_date)
        return {index for e in self.estimates if (index := self.known_in(e)) <= last}

    def price(self, posted: int) -> Fraction:
        """The estimated price of a unit in an accounting period."""
        known = [e for e in self.estimates if self.known_in(e) <= posted]
        if not known:
            return ZERO
        estimate = max(known, key=lambda e: e.rank)
        if estimate.price is not None:
            return estimate.price
        total = self.segments[0].schedule.value(estimate.quantity)
        return round_to_places(total / estimate.quantity, PRICE_PLACES)

    # Positions.

    def first_recognised(self) -> int | None:
        """The accounting period before which nothing is recognised; None where never."""
        ended = [self.end] if self.has_ended else []
        if self.is_estimated:
            return min([*self.estimate_steps(), *ended], default=None)
        if self.policy.recognition == "at_period_end":
            return self.end if ended else None
        return 0

    def place(self) -> None:
        """Settle events that are not recognised; put the others where they are booked."""
        first = self.first_recognised()
        if first is None:
            reason = "billing_period_running"
            if self.is_estimated:
                reason = "right_to_invoice_refused" if self.is_refused else "missing_usage_estimate"
            for fact in self.facts:
                if fact.row is not None:
                    fact.row.reason = reason
            self.facts = []
        self.facts = [
            replace(fact, at=(first, first)) if fact.at[0] < first else fact for fact in self.facts
        ]

    def steps(self) -> dict[Position, Days]:
        """Every position at which something happens, with the last days of what does.

        An estimate says nothing before the first fact of the billing period: who knew nothing of
        the period then, booked nothing. A minimum is known from the beginning.
        """
        used = [(fact.at, fact.day) for fact in self.facts]
        if self.facts and self.is_estimated:
            first = min(used)[0]
            followed = dict.fromkeys(self.estimate_steps(), date.min)
            if self.has_ended:
                followed[self.end] = self.ends_on
            used += [((n, n), day) for n, day in followed.items() if (n, n) >= first]
        has_minimum = self.commitment.minimum is not None and self.policy.shortfall != "at_invoice"
        if self.has_ended and has_minimum:
            used.append(((self.end, self.end), self.ends_on))
        found: dict[Position, Days] = defaultdict(Days)
        for at, day in used:
            found[at] = Days(max(day, found[at].used))
        for invoice in self.invoices:
            latest = max(invoice.day, found[invoice.at].invoiced)
            found[invoice.at] = found[invoice.at]._replace(invoiced=latest)
        return dict(sorted(found.items()))

    def states(self, steps: Iterable[Position]) -> dict[Position, State]:
        """The cumulatives after every position, in book order."""
        found: dict[Position, State] = {}
        running, covered, value, billable = Running(self.key.aggregation), ZERO, ZERO, ZERO
        state = State()
        for at in steps:
            here = [fact for fact in self.facts if fact.at == at]
            for segment in sorted({fact.segment for fact in here}, key=lambda s: s.starts_at):
                step = [fact for fact in here if fact.segment is segment]
                running.add(step)
                covered += sum((fact.covered for fact in step), ZERO)
                before = billable
                billable = max(ZERO, running.quantity - self.commitment.included - covered)
                rate = segment.schedule.value
                value += rate(billable) - rate(before)
            self.value = self.minor(value)
            has_ended = self.has_ended and at[0] >= self.end
            recognised = self.value
            if self.is_estimated and not has_ended:
                recognised = self.minor(billable * self.price(at[0]))
            shortfall = 0
            has_minimum = self.commitment.minimum is not None
            if has_ended and has_minimum and self.policy.shortfall != "at_invoice":
                shortfall = max(0, self.commitment.minimum - self.value)
            invoices = [invoice for invoice in self.invoices if invoice.at == at]
            state = State(
                running.quantity,
                recognised,
                shortfall,
                state.invoiced + sum(invoice.amount for invoice in invoices),
                state.is_final or any(invoice.is_final for invoice in invoices),
            )
            found[at] = state
        return found

    # Entries.

    def entries(self) -> list[dict]:
        """The entries, in book order."""
        steps = self.steps()
        if not steps:
            return []
        states = self.states(steps)
        self.booked_date = self.first_posting(states)
        found: list[dict] = []
        before = State()
        if_short = "usage_revenue"
        if self.policy.shortfall == "breakage_revenue":
            if_short = "breakage_revenue"
        for at, state in states.items():
            count = sum(1 for fact in self.facts if fact.at == at and fact.row is not None)
            moves = [
                (
                    "usage_accrued",
                    ("unbilled_receivable", "usage_revenue"),
                    state.recognised - before.recognised,
                ),
                (
                    "usage_shortfall",
                    ("unbilled_receivable", if_short),
                    state.shortfall - before.shortfall,
                ),
            ]
            if self.policy.reversal == "on_invoice":
                moves += [
                    (
                        "usage_invoiced",
                        ("accounts_receivable", "unbilled_receivable"),
                        state.met - before.met,
                    ),
                    (
                        "usage_invoice_difference",
                        ("accounts_receivable", "usage_revenue"),
                        state.difference - before.difference,
                    ),
                ]
            else:
                moves.append(
                    (
                        "usage_invoiced",
                        ("accounts_receivable", "usage_revenue"),
                        state.invoiced - before.invoiced,
                    )
                )
            for event_type, accounts, amount in moves:
                is_accrual = event_type == "usage_accrued"
                is_used = event_type in ("usage_accrued", "usage_shortfall")
                quantity = state.quantity - before.quantity if is_accrual else ZERO
                self.add(
                    found,
                    event_type,
                    at,
                    accounts,
                    amount,
                    steps[at].used if is_used else steps[at].settled,
                    quantity,
                    count if is_accrual else 0,
                )
            before = state
        if self.policy.reversal == "start_of_next_period":
            self.reverse_accruals(found, states)
        return found

    def first_posting(self, states: Mapping[Position, State]) -> date:
        """The last day of the accounting period in which something is posted first."""
        before = State()
        for at, state in states.items():
            is_counted = any(fact.at == at and fact.row is not None for fact in self.facts)
            is_invoiced = any(invoice.at == at for invoice in self.invoices)
            if is_counted or is_invoiced or state != before:
                return min(self.world.calendar.periods[at[0]].ends_on, self.world.as_of_date)
            before = state
        return self.world.as_of_date

    def reverse_accruals(self, found: list[dict], states: Mapping[Position, State]) -> None:
        """Each period begins with the last one's accrual reversed and ends with its own."""
        accounts = ("unbilled_receivable", "usage_revenue")
        first, last = min(states)[0], max(states)[0]
        final = next((at[0] for at, state in states.items() if state.is_final), None)
        today = self.world.index(self.world.as_of_date)
        accrued: Counter[int] = Counter()
        before = State()
        for at, state in states.items():
            accrued[at[0]] += state.earned - before.earned
            before = state
        unbilled = 0
        for index in range(first, max(last, today) + 1):
            period, at = self.world.calendar.periods[index], (index, index)
            day = min(period.ends_on, self.world.as_of_date)
            if final is not None and index > final:
                # The invoice held it: what is accrued later goes at once.
                late = accrued[index]
                self.add(found, "usage_invoice_difference", at, accounts, -late, day)
            elif index <= today:
                latest = [state for at, state in states.items() if at[0] <= index][-1]
                self.add(found, "usage_accrual_reversed", at, accounts, -unbilled, period.starts_on)
                unbilled = latest.unbilled
                again = unbilled - accrued[index]
                self.add(found, "usage_accrued_again", at, accounts, again, day)

    def add(
        self,
        found: list[dict],
        event_type: str,
        at: Position,
        accounts: tuple[str, str],
        amount: int,
        day: date,
        quantity: Fraction = ZERO,
        count: int = 0,
    ) -> None:
        """An entry, unless it says nothing; a negative one has its sides swapped."""
        if not (amount or quantity or count):
            return
        if amount < 0 or (amount == 0 and quantity < 0):
            accounts = accounts[1], accounts[0]
        found.append(
            {
                "obligation": self.key,
                "customer_id": self.key.customer_id,
                "product_id": self.key.product_id,
                "event_type": event_type,
                "booked_date": self.booked_date,
                "entry_date": max(day, self.world.calendar.periods[at[0]].starts_on),
                "effective_period": self.world.name(at[1]),
                "accounting_period": self.world.name(at[0]),
                "is_correction": at[0] != at[1],
                "debit_account": accounts[0],
                "credit_account": accounts[1],
                "amount_minor": abs(amount),
                "amount": Decimal(abs(amount)).scaleb(-self.exponent),
                "currency": self.key.currency,
                "quantity": abs(quantity),
                "source_entry_count": count,
            }
        )


# --------------------------------------------------------------------------------------------------
# Raw rows
# --------------------------------------------------------------------------------------------------


def content(raw: Mapping[str, Any], but: str) -> tuple:
    """What two copies have in common: all columns but when it was recorded."""
    return tuple(sorted((k, str(v)) for k, v in raw.items() if k != but and v is not None))


def settle_copies(
    rows: Iterable[Row], identity: Callable[[Row], Any], recorded: str, known: Callable[[Row], Any]
) -> None:
    """The copy recorded first counts; a later one is a duplicate, or conflicts with it."""
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        groups[identity(row)].append(row)
    for group in groups.values():
        seen: set[tuple] = set()
        for row in sorted(group, key=known):
            said = content(row.raw, recorded)
            if seen:
                row.reason = "duplicate" if said in seen else "duplicate_conflict"
            seen.add(said)


def known_at(row: Row) -> datetime:
    """When an event was recorded, or happened where that is not said."""
    moment = instant(row.raw.get("recorded_at")) or instant(row.raw.get("occurred_at"))
    return moment or NEVER


def input_problem(raw: Mapping[str, Any]) -> str | None:
    """Why the values of an event cannot be read."""
    quantity = read_number(raw.get("quantity"), QUANTITY_PLACES, INTEGER_DIGITS)
    occurred, recorded = (read_time(raw.get(c)) for c in ("occurred_at", "recorded_at"))
    if quantity.problem or quantity.value is None:
        return quantity.problem or "missing_amount"
    if abs(quantity.value) >= QUANTITY_LIMIT:
        return "out_of_range"
    if occurred.problem or recorded.problem:
        return "invalid_timestamp"
    return "missing_timestamp" if occurred.value is None else None


def read_events(raw_rows: Iterable[dict]) -> list[Row]:
    """The events, with the reason of those that are copies."""
    rows = [Row("usage_events", text(raw.get("event_id")), raw) for raw in raw_rows]
    for row in rows:
        if row.key is None:
            row.reason = "missing_id"
    named = [row for row in rows if row.key is not None]
    settle_copies(named, lambda row: row.key, "recorded_at", known_at)
    used: set[tuple] = set()
    able = [row for row in named if row.reason is None and input_problem(row.raw) is None]
    for row in sorted(able, key=known_at):
        scope = text(row.raw.get("customer_id")), text(row.raw.get("idempotency_key"))
        if scope[1] is not None and scope in used:
            row.reason = "duplicate_idempotency_key"
        used.add(scope)
    return rows


class Company:
    """The raw tables of a company, read."""

    def __init__(
        self,
        world: World,
        tables: Tables,
        currencies: Mapping[str, int],
        policy_of: Callable[[str], Policy],
    ) -> None:
        """Read what rates usage; events and invoices come later."""
        self.world, self.currencies, self.policy_of = world, currencies, policy_of
        tiers = defaultdict(list)
        for row in tables.get("rate_tiers", ()):
            tiers[row["rate_schedule_id"]].append(row)
        self.rates = Rates(
            read_schedule(row, tiers[row["rate_schedule_id"]], currencies)
            for row in tables.get("rate_schedules", ())
        )
        self.billing = Billing(
            world,
            {
                row["subscription_id"]: Subscription(
                    row["customer_id"],
                    instant(row.get("billing_anchor")) or instant(row.get("started_at")),
                    text(row.get("billing_interval")),
                    instant(row.get("started_at")) or ALWAYS,
                    instant(row.get("ended_at")) or NEVER,
                )
                for row in tables.get("subscriptions", ())
            },
        )
        self.estimates: dict[str, list[Estimate]] = defaultdict(list)
        for row in tables.get("usage_estimates", ()):
            self.estimates[row["product_id"]].append(read_estimate(row))
        self.commitments = list(tables.get("usage_commitments", ()))
        self.periods: dict[Key, Period] = {}

    # Usage periods.

    def position(self, day: date, known: datetime) -> Position:
        """Where a fact posts."""
        effective = self.world.index(day)
        return max(effective, self.world.floor(known)), effective

    def period(self, key: Key, ends_at: datetime) -> Period:
        """A usage period, made when it is first needed."""
        if key not in self.periods:
            within = self.rates.within(key.customer_id, key.product_id, key.starts_at, ends_at)
            alike = [s for s in within if s.schedule.is_usable and self.is_alike(key, s)]
            closes_at = ends_at
            if key.subscription_id is not None:
                stops_at = self.billing.subscriptions[key.subscription_id].ends_at
                closes_at = stops_at if key.starts_at < stops_at < ends_at else ends_at
            is_first = bool(within) and self.is_alike(key, within[0])
            self.periods[key] = Period(
                self.world,
                key,
                ends_at,
                closes_at,
                self.billing.anchor(key.subscription_id) is None,
                self.policy_of(key.customer_id),
                self.currencies[key.currency],
                alike or within,
                self.commitment(key) if is_first else NO_COMMITMENT,
                self.estimates_of(key),
            )
        return self.periods[key]

    def is_alike(self, key: Key, segment: Segment) -> bool:
        """Whether a segment bills as a usage period does."""
        schedule = segment.schedule
        return (schedule.currency, schedule.aggregation) == (key.currency, key.aggregation) and (
            schedule.interval in (None, key.interval)
        )

    def period_at(
        self,
        customer_id: str,
        product_id: str,
        subscription_id: str | None,
        segment: Segment,
        at: datetime,
    ) -> Period:
        """The usage period of something at an instant."""
        schedule = segment.schedule
        interval = self.billing.interval(subscription_id, schedule)
        starts_at, ends_at = self.billing.period(subscription_id, interval, at)
        key = Key(
            customer_id,
            product_id,
            subscription_id,
            interval,
            starts_at,
            schedule.currency,
            schedule.aggregation,
        )
        return self.period(key, ends_at)

    def commitment(self, key: Key) -> Commitment:
        """What is committed when a billing period begins, as it was known then."""
        columns = ("customer_id", "product_id", "subscription_id")
        if key.subscription_id is not None:
            subscription = self.billing.subscriptions[key.subscription_id]
            if not subscription.starts_at <= key.starts_at < subscription.ends_at:
                return NO_COMMITMENT
        for row in self.commitments:
            is_mine = all(text(row.get(column)) == getattr(key, column) for column in columns)
            starts_at = instant(row["effective_from"])
            ends_at = instant(row.get("effective_to")) or NEVER
            is_known = (instant(row["known_at"]) or ALWAYS) <= key.starts_at
            if is_mine and starts_at <= key.starts_at < ends_at and is_known:
                minimum = None
                if has_minimum(row) and row["currency"] == key.currency:
                    exact = number(row["minimum_amount"])
                    minimum = round_half_away(exact * 10 ** self.currencies[key.currency])
                return Commitment(number(row.get("included_quantity")) or ZERO, minimum)
        return NO_COMMITMENT

    def add_committed(self) -> None:
        """Billing periods with a minimum are usage periods, used or not."""
        for row in self.commitments:
            subscription_id = text(row.get("subscription_id"))
            subscription = self.billing.subscriptions.get(subscription_id)
            is_known = subscription is not None and subscription.customer_id == row["customer_id"]
            if not has_minimum(row) or (subscription_id is not None and not is_known):
                continue
            since = max(instant(row["effective_from"]), instant(row["known_at"]))
            until = instant(row.get("effective_to")) or NEVER
            if subscription is not None:
                since = max(since, subscription.starts_at)
                until = min(until, subscription.ends_at)
            for segment in self.rates.segments(row["customer_id"], row["product_id"]):
                if segment.schedule.is_usable and segment.schedule.currency == row["currency"]:
                    low, high = max(since, segment.starts_at), min(until, segment.ends_at)
                    self.add_committed_within(row, subscription_id, segment, low, high)

    def add_committed_within(
        self,
        row: dict,
        subscription_id: str | None,
        segment: Segment,
        low: datetime,
        high: datetime,
    ) -> None:
        """The billing periods that begin in [low, high), while one schedule is in force."""
        interval = self.billing.interval(subscription_id, segment.schedule)
        at = self.billing.period(subscription_id, interval, low)
        if at[0] < low:
            at = self.billing.period(subscription_id, interval, at[1])
        while at[0] < high and self.world.day(at[0]) <= self.world.as_of_date:
            self.period_at(row["customer_id"], row["product_id"], subscription_id, segment, at[0])
            at = self.billing.period(subscription_id, interval, at[1])

    def estimates_of(self, key: Key) -> list[Estimate]:
        """The estimates for a usage period that are known by the day of the books."""
        return [
            estimate
            for estimate in self.estimates[key.product_id]
            if estimate.customer_id in (None, key.customer_id)
            and estimate.starts_on in (None, self.world.day(key.starts_at))
            and self.world.day(estimate.known) <= self.world.as_of_date
        ]

    # Events.

    def add_event(self, row: Row) -> None:
        """Put an event into its usage period, or say why it has none."""
        row.reason = row.reason or self.problem(row)
        if row.reason is not None:
            return
        raw = row.raw
        customer_id, product_id = text(raw["customer_id"]), text(raw["product_id"])
        subscription_id = text(raw.get("subscription_id"))
        moment, known = instant(raw["occurred_at"]), known_at(row)
        day = self.world.day(moment)
        segment = self.rates.at(customer_id, product_id, moment)
        period = self.period_at(customer_id, product_id, subscription_id, segment, moment)
        quantity = number(raw["quantity"], QUANTITY_PLACES)
        at = self.position(day, known)
        period.facts.append(Fact(moment, known, day, at, segment, quantity, row=row))

    def problem(self, row: Row) -> str | None:
        """The first reason why an event that is no copy is not in the books."""
        raw = row.raw
        problem = input_problem(raw)
        if problem is not None:
            return problem
        customer_id, product_id = text(raw.get("customer_id")), text(raw.get("product_id"))
        if customer_id is None:
            return "missing_customer"
        if product_id is None:
            return "missing_product"
        moment = instant(raw["occurred_at"])
        day = self.world.day(moment)
        if self.world.calendar.index_at(day) is None:
            return "outside_calendar"
        if day > self.world.as_of_date:
            return "after_as_of_date"
        subscription_id = text(raw.get("subscription_id"))
        if subscription_id is not None:
            subscription = self.billing.subscriptions.get(subscription_id)
            if subscription is None or subscription.customer_id != customer_id:
                return "unknown_subscription"
        segment = self.rates.at(customer_id, product_id, moment)
        if segment is None:
            return "no_rate_schedule"
        return None if segment.schedule.is_usable else "unusable_rate_schedule"

    def carry(self) -> None:
        """What was last before a billing period counts at its beginning (`last_ever`)."""
        chains: dict[tuple, list[Period]] = defaultdict(list)
        for period in self.periods.values():
            if period.key.aggregation == "last_ever" and period.facts:
                chains[period.key._replace(starts_at=ALWAYS)].append(period)
        for chain in chains.values():
            chain.sort(key=lambda period: period.key.starts_at)
            own = {period.key: list(period.facts) for period in chain}
            current = chain[0]
            while (following := self.following(current)) is not None:
                before = [
                    fact
                    for key, facts in own.items()
                    if key.starts_at < following.key.starts_at
                    for fact in facts
                    if fact.quantity is not None
                ]
                begins = self.world.index(following.starts_on)
                segment = following.segments[0]
                for fact in before:
                    following.facts.append(
                        replace(
                            fact,
                            at=max(fact.at, (begins, begins)),
                            day=max(fact.day, following.starts_on),
                            segment=segment,
                            row=None,
                        )
                    )
                current = following

    def following(self, period: Period) -> Period | None:
        """The next usage period of what goes on until the subscription ends."""
        key = period.key
        starts_at, ends_at = self.billing.period(key.subscription_id, key.interval, period.ends_at)
        until = NEVER
        if key.subscription_id is not None:
            until = self.billing.subscriptions[key.subscription_id].ends_at
        if starts_at >= until or self.world.day(starts_at) > self.world.as_of_date:
            return None
        return self.period(key._replace(starts_at=starts_at), ends_at)

    # What covers usage.

    def add_coverage(self, ledger: Iterable[dict], conversions: Iterable[dict]) -> None:
        """Credits that were drawn for a product cover its usage of then."""
        rates = {
            (row["credit_unit"], row["product_id"]): (
                number(row["usage_per_credit"]),
                instant(row["known_at"]) or ALWAYS,
            )
            for row in conversions
        }
        used: dict[tuple, list[Period]] = defaultdict(list)
        for key, period in self.periods.items():
            used[key.customer_id, key.product_id].append(period)
        for row in ledger:
            pair = row["customer_id"], row.get("feature_id")
            rate = rates.get((row["credit_currency_id"], row.get("feature_id")))
            sign = COVERING.get(row["event_type"])
            moment = instant(row["timestamp"])
            if rate is None or sign is None or self.world.day(moment) > self.world.as_of_date:
                continue
            segment = self.rates.at(*pair, moment)
            held = [p for p in used[pair] if p.key.starts_at <= moment < p.ends_at]
            if segment is None or not held:
                continue
            # Credits do not say which of two subscriptions they are for.
            (period,) = held
            known = max(instant(row.get("created_at")) or moment, rate[1])
            day = self.world.day(moment)
            units = sign * abs(number(row["amount"], QUANTITY_PLACES)) * rate[0]
            at = self.position(day, known)
            period.facts.append(Fact(moment, known, day, at, segment, covered=units))

    # Invoices.

    def add_invoices(self, raw_rows: Iterable[dict]) -> list[Row]:
        """Put invoices into their usage periods."""
        rows = [Row("usage_invoices", text(raw["invoice_id"]), raw) for raw in raw_rows]
        columns = ("invoice_id", "customer_id", "product_id", "subscription_id", "period_start")
        settle_copies(
            rows,
            lambda row: tuple(str(row.raw.get(column)) for column in columns),
            "",
            lambda row: instant(row.raw.get("finalized_at")) or NEVER,
        )
        for row in rows:
            if row.reason is None:
                row.reason = self.add_invoice(row.raw)
        return rows

    def add_invoice(self, raw: dict) -> str | None:
        """Put an invoice into its usage period, or say why it is not in the books."""
        finalized = instant(raw.get("finalized_at"))
        if finalized is None:
            return "invoice_draft"
        day = self.world.day(finalized)
        if day > self.world.as_of_date:
            return "after_as_of_date"
        customer_id, product_id = raw["customer_id"], raw["product_id"]
        subscription_id = text(raw.get("subscription_id"))
        start, end = instant(raw["period_start"]), instant(raw.get("period_end"))
        # Days stand where a period has an hour or a zone: the second day is in the period.
        if end is not None and end >= start + 2 * DAY:
            start += DAY
        segments = self.rates.within(customer_id, product_id, start, end or NEVER)
        schedule = segments[0].schedule if segments else None
        if schedule is not None and schedule.currency != raw["currency"]:
            return "invoice_currency_differs"
        interval = self.billing.interval(subscription_id, schedule)
        starts_at, ends_at = self.billing.period(subscription_id, interval, start)
        if end is not None:
            is_calendar = self.billing.anchor(subscription_id) is None
            day_of = self.world.day if is_calendar else lambda moment: moment
            if day_of(end) > day_of(ends_at) + DAY:
                return "invoice_spans_billing_periods"
        aggregation = schedule.aggregation if schedule else "sum"
        key = Key(
            customer_id,
            product_id,
            subscription_id,
            interval,
            starts_at,
            raw["currency"],
            aggregation,
        )
        period = self.period(key, ends_at)
        # The last day, or the first of the next period: exports give either.
        is_final = end is None or self.world.day(end) >= period.ends_on
        amount = period.minor(number(raw["amount"]))
        period.invoices.append(Invoice(day, self.position(day, finalized), amount, is_final))
        return None


# --------------------------------------------------------------------------------------------------
# The books
# --------------------------------------------------------------------------------------------------


def build_books(
    tables: Tables,
    closes: Iterable[dict],
    currencies: Mapping[str, int],
    policy_of: Callable[[str], Policy] = lambda _: Policy(),
    *,
    as_of_date: date,
    timezone: str = "UTC",
    calendar: str = "monthly",
    fiscal_year_start: Any = 1,
) -> Books:
    """The books of a company's metered usage.

    Args:
        tables: usage_events, rate_schedules, rate_tiers, subscriptions, usage_invoices,
            usage_estimates, usage_commitments, credit_conversions and the credit_ledger, all of
            whose rows are in the books; a table may be missing.
        closes: the rows of period_closes.
        currencies: exponents by currency.
        policy_of: the answers of the policies for a customer.
        as_of_date: the last day that counts.
        timezone: in which days begin.
        calendar: the var of that name.
        fiscal_year_start: the var of that name.
    """
    made = make_calendar(calendar, fiscal_year_start)
    world = World(made, read_closes(closes, made, timezone), timezone, as_of_date)
    company = Company(world, tables, currencies, policy_of)
    rows = read_events(tables.get("usage_events", ()))
    for row in rows:
        company.add_event(row)
    company.add_committed()
    company.carry()
    rows += company.add_invoices(tables.get("usage_invoices", ()))
    company.add_coverage(tables.get("credit_ledger", ()), tables.get("credit_conversions", ()))
    entries = []
    for period in company.periods.values():
        period.place()
        entries += period.entries()
    dispositions: dict[tuple[str, str], Counter] = defaultdict(Counter)
    for row in rows:
        dispositions[row.table, row.key][row.outcome] += 1
    return Books(
        sorted(entries, key=lambda entry: repr(sorted(entry.items(), key=lambda kv: kv[0]))),
        dict(dispositions),
        company,
    )
