"""An independent oracle of breakage, in plain Python and exact fractions.

It is written from the issue and its definitions, not from the SQL. It takes the books that `oracle`
makes of a company, in which breakage is what expires, and books breakage anew: ahead of expiry by
the grant's method, less the share that the law calls unclaimed property. The one entry point is
`build_books`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import oracle
from oracle import BookedGrant, Calendar, Closes, exact_decimal, read_time, round_half_away

ZERO = Fraction(0)
MILLION = 10**6
# The keys of an estimate, the weightiest first.
KEYS = ("product_id", "credit_unit", "category", "term_months", "grant_month")
# What gives units when its units are above zero.
GIVING = ("granted", "adjusted", "reversed")


@dataclass(frozen=True)
class Choice:
    """What the policies answer for a grant."""

    method: str = "at_expiry"
    constraint: str = "none"
    haircut: Fraction = Fraction(1, 4)
    remote_after_days: int | None = 365
    jurisdiction: str | None = None

    @property
    def timing(self) -> str:
        """The text of the policy on entries."""
        limited = self.method == "proportional"
        more = f", breakage_constraint: {self.constraint}" if limited else ""
        return f"breakage_timing: {self.method}{more}"


Choose = Callable[[oracle.Grant], Choice]


@dataclass(frozen=True)
class State:
    """A grant's breakage at the end of an accounting period: units, and minor units of money."""

    granted: Fraction = ZERO
    exercised: Fraction = ZERO
    expired: Fraction = ZERO
    to_date: int = 0
    ahead: int = 0
    revenue: int = 0
    unclaimed: int = 0
    is_remote: bool = False
    estimated_rate: Fraction | None = None
    applied_rate: Fraction | None = None

    @property
    def held(self) -> int:
        """What of the breakage is neither revenue nor unclaimed property yet."""
        return max(self.to_date - self.revenue - self.unclaimed, 0)


@dataclass(frozen=True)
class Books:
    """The books with breakage.

    Attributes:
        entries: the journal, with its policy where breakage decided something.
        grant_periods: with the two new columns.
        balances: of every account.
        exceptions: those of `oracle`, and those of breakage.
        states: by grant and index of the accounting period, from its first movement on.
        choices: by grant.
        calendar: the accounting periods.
    """

    entries: list[dict]
    grant_periods: list[dict]
    balances: list[dict]
    exceptions: list[tuple]
    states: dict[str, dict[int, State]]
    choices: dict[str, Choice]
    calendar: Calendar


# --------------------------------------------------------------------------------------------------
# What finance says
# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """A row of a finance table: from when it acts, when it was known, and where it posts."""

    row: Mapping[str, Any]
    acts_on: date
    known: Any
    posted: int

    @property
    def order(self) -> tuple:
        """Later rows count."""
        return (self.acts_on, self.known)


def read_said(
    rows: list[Mapping[str, Any]] | None,
    acts_on: str,
    calendar: Calendar,
    closes: Closes,
    as_of: date,
) -> list[Said]:
    """The rows of a finance table that count; `acts_on` is its column of the day they act from."""
    found = []
    for row in rows or ():
        day = row[acts_on]
        day = day if type(day) is date else date.fromisoformat(str(day)[:10])
        index = calendar.index_at(day)
        if index is not None and day <= as_of:
            known = read_time(row["known_at"]).value
            found.append(Said(row, day, known, closes.posting_index(index, known)))
    return found


def decimal_of(text: Any) -> Fraction:
    """A plain decimal number."""
    return Fraction(Decimal(str(text)))


def floor_to_millionth(value: Fraction) -> Fraction:
    """Cut to six decimals."""
    return Fraction(value * MILLION // 1, MILLION)


@dataclass(frozen=True)
class Company:
    """What holds for all grants of a company."""

    calendar: Calendar
    closes: Closes
    as_of: date
    timezone: str
    estimates: list[Said]
    remote: list[Said]
    shares: list[Said]

    @property
    def as_of_index(self) -> int:
        """The accounting period of the last day that counts."""
        index = self.calendar.index_at(self.as_of)
        assert index is not None
        return index

    def has_ended(self, index: int) -> bool:
        """Whether a period has ended by the last day that counts."""
        return self.calendar.periods[index].ends_on <= self.as_of

    def last_day(self, index: int) -> date:
        """The last day of a period that counts."""
        return min(self.calendar.periods[index].ends_on, self.as_of)


# --------------------------------------------------------------------------------------------------
# One grant
# --------------------------------------------------------------------------------------------------


@dataclass
class Totals:
    """Cumulatives of a grant after all that posts up to a period."""

    units: Counter = field(default_factory=Counter)
    value: Counter = field(default_factory=Counter)
    expired_on: date | None = None
    last_activity: date = date.min
    """The last day of what gave units or used them."""
    given_in: int | None = None
    """The last period in which units were given."""

    @property
    def granted(self) -> Fraction:
        """Units granted, net of what was adjusted and revoked."""
        return self.units["granted"] + self.units["adjusted"] - self.units["revoked"]

    @property
    def exercised(self) -> Fraction:
        """Units used, net of what was reversed."""
        return self.units["consumed"] - self.units["reversed"]

    @property
    def deferred(self) -> int:
        """What is still deferred at cost."""
        came = self.value["granted"] + self.value["adjusted"]
        used = self.value["consumed"] - self.value["reversed"]
        return came - used - self.value["expired"] - self.value["revoked"]

    @property
    def left(self) -> Fraction:
        """Units with value that are left."""
        return self.granted - self.exercised - self.units["expired"]

    def kept(self, lost: int, share: Fraction) -> int:
        """A law's share of what is lost, of which no more counts than was granted."""
        granted = self.value["granted"] + self.value["adjusted"]
        counted = min(lost, max(granted, 0))
        return counted - round_half_away(counted * (1 - share))


class GrantBreakage:
    """The breakage of one grant, period by period."""

    def __init__(self, booked: BookedGrant, choice: Choice, company: Company) -> None:
        self.booked, self.choice, self.company = booked, choice, company
        self.grant = booked.grant
        self.first = min(posted for posted, _, _ in booked.changes)
        self.last_posted = max(posted for posted, _, _ in booked.changes)
        self.states: dict[int, State] = {}
        self.is_inactive = False
        self.balance = ZERO
        totals = Totals()
        ahead_when_ended = unclaimed = 0
        for index in range(self.first, max(self.last_posted, company.as_of_index) + 1):
            self.add(totals, index)
            state = self.state_at(totals, index, ahead_when_ended, unclaimed)
            self.states[index] = state
            unclaimed = state.unclaimed
            if company.has_ended(index):
                ahead_when_ended = state.ahead
        self.totals = totals

    def add(self, totals: Totals, index: int) -> None:
        """Add what posts in a period."""
        for posted, _, change in self.booked.changes:
            if posted == index:
                totals.units[change.kind] += change.units
                totals.value[change.kind] += change.value
        # What one kind of movement comes to in a period decides, and its last day counts.
        moved: dict[tuple[int, str], list[oracle.Movement]] = defaultdict(list)
        for movement in self.booked.movements:
            if movement.posted == index:
                moved[movement.effective, movement.kind].append(movement)
        for (_, kind), movements in moved.items():
            units = sum((movement.units for movement in movements), ZERO)
            last = max(movement.accounting_date for movement in movements)
            if kind in GIVING and units > 0:
                totals.given_in = index
                self.is_inactive = False
            if units > 0 and (kind in GIVING or kind == "consumed"):
                totals.last_activity = max(totals.last_activity, last)
            if kind == "expired":
                totals.expired_on = max(totals.expired_on or last, last)
            loses = {"consumed": -1, "expired": -1, "revoked": -1}
            self.balance += loses.get(kind, 1) * units

    def state_at(
        self, totals: Totals, index: int, ahead_when_ended: int, unclaimed_before: int
    ) -> State:
        """The state at the end of a period; the last ended one had so much ahead of expiry."""
        estimate = self.estimate_at(index)
        applied = None if estimate is None else self.applied_rate(estimate)
        is_remote = self.choice.method == "remote" and self.is_remote_at(totals, index)
        if not self.company.has_ended(index):
            ahead = min(ahead_when_ended, totals.deferred)
        elif self.choice.method == "remote":
            ahead = totals.deferred if is_remote else 0
        elif self.choice.method == "proportional" and applied is not None:
            more = self.proportional(totals, applied) - totals.value["expired"]
            ahead = min(max(more, 0), totals.deferred)
        else:
            ahead = 0
        to_date = totals.value["expired"] + ahead
        share, counted_from, days = self.share_at(index)
        revenue = to_date - totals.kept(to_date, share)
        # The law's share of all that nobody has used: what it once has it keeps of that.
        claimable = totals.kept(totals.value["expired"] + totals.deferred, share)
        if not self.is_dormant(totals, index, counted_from, days):
            claimable = min(claimable, unclaimed_before)
        return State(
            granted=totals.granted,
            exercised=totals.exercised,
            expired=Fraction(totals.units["expired"]),
            to_date=to_date,
            ahead=ahead,
            revenue=revenue,
            unclaimed=claimable,
            is_remote=is_remote,
            estimated_rate=None if estimate is None else decimal_of(estimate),
            applied_rate=applied,
        )

    def proportional(self, totals: Totals, rate: Fraction) -> int:
        """Breakage of the units used, at the rate of those that nobody will use."""
        used = totals.exercised
        if used <= 0:
            return 0
        expected = max(totals.granted * (1 - rate), used)
        price = self.grant.cost_per_unit
        earned = round_half_away(price * totals.granted * min(Fraction(1), used / expected))
        return earned - round_half_away(price * used)

    def estimate_at(self, index: int) -> Any:
        """The rate in force, or None."""

        def rank(said: Said) -> tuple:
            filled = [said.row[key] not in (None, "") for key in KEYS]
            return (sum(filled), filled, said.order)

        found = [said for said in self.estimates() if said.posted <= index]
        return max(found, key=rank).row["expected_unexercised_rate"] if found else None

    def estimates(self) -> list[Said]:
        """The estimates of the grant's cohort."""
        if self.choice.method != "proportional":
            return []
        mine = self.cohort()
        return [
            said
            for said in self.company.estimates
            if all(said.row[key] in (None, "", mine[key]) for key in KEYS)
        ]

    def laws(self) -> list[Said]:
        """What finance says of the grant's jurisdiction."""
        mine = self.choice.jurisdiction
        return [said for said in self.company.shares if said.row["jurisdiction"] == mine]

    def warnings(self) -> list[str]:
        """What finance has not said, as far as it matters to what is left or has expired."""
        expired, left = self.totals.units["expired"], self.totals.left
        is_early, has_law = self.choice.method != "at_expiry", self.choice.jurisdiction is not None
        found = []
        if self.choice.method == "proportional" and left > 0 and not self.estimates():
            found.append("missing_breakage_estimate")
        if has_law and (expired > 0 or (left > 0 and is_early)) and not self.laws():
            found.append("unknown_jurisdiction")
        flags = [
            said for said in self.company.remote if said.row["grant_id"] == self.grant.grant_id
        ]
        if flags and self.choice.method != "remote":
            found.append("remote_flag_without_effect")
        return found

    def cohort(self) -> dict[str, str]:
        """The grant's keys."""
        row = self.grant.row
        days = [
            oracle.accounting_date(row.value(name), self.company.timezone)
            for name in ("effective_at", "expires_at")
            if row.value(name) is not None
        ]
        term = "none"
        if len(days) == 2:
            term = str((24 * max((days[1] - days[0]).days, 0) + 365) // 730)
        return {
            "product_id": row.value("currency_id"),
            "credit_unit": row.value("currency_id"),
            "category": {"RECURRING": "recurring"}.get(
                oracle.upper(row.cells["category"]), self.grant.funding
            ),
            "term_months": term,
            "grant_month": self.booked.booked_date.isoformat()[:7],
        }

    def applied_rate(self, rate: Any) -> Fraction:
        """The rate after the constraint."""
        if self.choice.constraint == "none":
            return decimal_of(rate)
        if self.choice.constraint == "haircut":
            return floor_to_millionth(decimal_of(rate) * (1 - self.choice.haircut))
        raise NotImplementedError(self.choice.constraint)

    def is_remote_at(self, totals: Totals, index: int) -> bool:
        """Whether it is remote that the rest is used: by what finance says, else by inactivity."""
        days = self.choice.remote_after_days
        if days is not None and self.company.has_ended(index):
            ends_on = self.company.calendar.periods[index].ends_on
            is_idle = ends_on >= totals.last_activity + timedelta(days=days)
            self.is_inactive |= is_idle and self.balance > 0
        said = [
            item
            for item in self.company.remote
            if item.row["grant_id"] == self.grant.grant_id and item.posted <= index
        ]
        if said:
            newest = max(said, key=lambda item: item.order)
            if str(newest.row["is_remote"]).lower() != "true":
                return False
            if totals.given_in is not None and newest.posted >= totals.given_in:
                return True
        return self.is_inactive

    def share_at(self, index: int) -> tuple[Fraction, str, int]:
        """The share that is never revenue, from when dormancy counts, and its days."""
        if self.choice.jurisdiction is None:
            return ZERO, "expiry", 0
        found = [said for said in self.laws() if said.posted <= index]
        if not found:
            return Fraction(1), "never", 0
        row = max(found, key=lambda item: item.order).row
        counted_from = row["counted_from"] or "expiry"
        return decimal_of(row["share"]), counted_from, int(row["dormancy_days"])

    def is_dormant(self, totals: Totals, index: int, counted_from: str, days: int) -> bool:
        """Whether what is held goes to the state by the last day of the period that counts."""
        if counted_from == "never":
            return False
        if counted_from == "last_activity":
            since = totals.last_activity
        elif self.balance > 0 or totals.expired_on is None:
            return False
        else:
            since = totals.expired_on
        return since + timedelta(days=days) <= self.company.last_day(index)

    # -- entries

    def expiry_values(self, index: int) -> dict[int, int]:
        """What the expiries that post in a period release, by effective period; and their total."""
        parts = sorted(
            (effective, change.value)
            for posted, effective, change in self.booked.changes
            if posted == index and change.kind == "expired"
        )
        whole = sum(value for _, value in parts)
        released = self.released_in(index)
        limit = min(max(released, 0), whole) if whole >= 0 else max(min(released, 0), whole)

        def capped(value: int) -> int:
            return min(value, limit) if whole >= 0 else max(value, limit)

        values, before = {}, 0
        for effective, value in parts:
            values[effective] = capped(before + value) - capped(before)
            before += value
        return values

    def before(self, index: int) -> State:
        """The state before a period."""
        return self.states.get(index - 1, State())

    def released_in(self, index: int) -> int:
        """What a period makes revenue."""
        return self.states[index].revenue - self.before(index).revenue

    def ahead_in(self, index: int) -> int:
        """What of it is not part of an expiry."""
        return self.released_in(index) - sum(self.expiry_values(index).values())

    def unclaimed_in(self, index: int) -> int:
        """What a period makes unclaimed property."""
        return self.states[index].unclaimed - self.before(index).unclaimed

    def last_change(self) -> int:
        """The last period in which anything moved."""
        moved = [
            index for index in self.states if self.released_in(index) or self.unclaimed_in(index)
        ]
        return max([self.last_posted, *moved])

    def own_entries(self) -> list[dict]:
        """The entries that no movement makes."""
        timing, law = self.choice.timing, f"unclaimed_property: {self.choice.jurisdiction}"
        found = []
        for index in self.states:
            for event, value, account, policy in (
                ("breakage_recognised", self.ahead_in(index), "breakage_revenue", timing),
                ("credit_unclaimed", self.unclaimed_in(index), "unclaimed_property", law),
            ):
                if value:
                    found.append(self.entry(event, value, account, index, policy))
        return found

    def entry(self, event: str, value: int, account: str, index: int, policy: str) -> dict:
        """An entry of a period by its estimate or by law."""
        period = self.company.calendar.periods[index]
        debit, credit = "deferred_revenue", account
        if value < 0:
            debit, credit = credit, debit
        return {
            "obligation_id": self.grant.grant_id,
            "customer_id": self.grant.row.value("customer_id"),
            "product_id": self.grant.row.value("currency_id"),
            "event_type": event,
            "booked_date": self.booked.booked_date,
            "entry_date": max(period.starts_on, self.company.last_day(index)),
            "effective_period": period.name,
            "accounting_period": period.name,
            "is_correction": False,
            "debit_account": debit,
            "credit_account": credit,
            "amount_minor": abs(value),
            "amount": exact_decimal(Fraction(abs(value), 10**self.grant.exponent), 4),
            "currency": self.grant.currency,
            "quantity": exact_decimal(ZERO, oracle.UNIT_PLACES),
            "source_entry_count": 0,
            "policy": policy,
        }


# --------------------------------------------------------------------------------------------------
# The books
# --------------------------------------------------------------------------------------------------


def with_expiry_reduced(entry: dict, breakage: GrantBreakage | None, calendar: Calendar) -> dict:
    """An entry of `oracle`; an expiry is left what was not recognised before."""
    if breakage is None or entry["event_type"] != "credit_expired":
        return {**entry, "policy": None}
    posted = calendar.index_of(entry["accounting_period"])
    effective = calendar.index_of(entry["effective_period"])
    assert posted is not None and effective is not None
    value = breakage.expiry_values(posted)[effective]
    assert value >= 0, "the exports of this oracle take back no expiry"
    amount = exact_decimal(Fraction(value, 10**breakage.grant.exponent), 4)
    return {
        **entry,
        "amount_minor": value,
        "amount": amount,
        "policy": breakage.choice.timing,
    }


def grant_periods(rows: list[dict], breakage: GrantBreakage | None, company: Company) -> list[dict]:
    """The periods of one grant, whose movements are `rows` in order, with breakage released."""
    if breakage is None:
        return [{**row, "breakage_ahead_minor": 0, "unclaimed_minor": 0} for row in rows]
    calendar = company.calendar
    by_index = {calendar.index_of(row["accounting_period"]): row for row in rows}
    final_state, final_units = max(breakage.states), rows[-1]["closing_units"]
    found, opening = [], 0
    for index in range(breakage.first, final_state + 1):
        row = by_index.get(index) or idle_row(rows[-1], calendar.periods[index].name, final_units)
        ahead, unclaimed = breakage.ahead_in(index), breakage.unclaimed_in(index)
        released = breakage.released_in(index) + unclaimed
        closing = opening + row["granted_minor"] + row["adjusted_minor"]
        closing -= row["consumed_minor"] + row["revoked_minor"] + released
        found.append(
            {
                **row,
                "opening_deferred_minor": opening,
                "expired_minor": released,
                "closing_deferred_minor": closing,
                "breakage_ahead_minor": ahead,
                "unclaimed_minor": unclaimed,
            }
        )
        opening = closing
    if final_units == 0 and opening == 0:
        found = found[: breakage.last_change() - breakage.first + 1]
    return found


def idle_row(like: dict, period: str, units: Decimal) -> dict:
    """A period without a movement."""
    row = {k: 0 if k.endswith("_minor") else v for k, v in like.items()}
    zero = exact_decimal(ZERO, oracle.UNIT_PLACES)
    row |= {k: zero for k in row if k.endswith("_units")}
    return {**row, "accounting_period": period, "opening_units": units, "closing_units": units}


def build_books(
    tables: Mapping[str, list[dict]],
    choose: Choose,
    *,
    as_of_date: date,
    timezone: str = "UTC",
    calendar: str = "monthly",
    fiscal_year_start: Any = 1,
) -> Books:
    """The books of a company of Stigg credits.

    `tables` holds what `oracle.build_books` needs, and breakage_estimates, remote_credits and
    unclaimed_property; `choose` answers the policies. The rest is as there.
    """
    settings = {"timezone": timezone, "calendar": calendar, "fiscal_year_start": fiscal_year_start}
    plain = oracle.build_books(dict(tables), as_of_date=as_of_date, **settings)
    periods = oracle.make_calendar(calendar, fiscal_year_start)
    closes = oracle.read_closes(tables.get("period_closes") or [], periods, timezone)

    def said(table: str, acts_on: str) -> list[Said]:
        return read_said(tables.get(table), acts_on, periods, closes, as_of_date)

    company = Company(
        calendar=periods,
        closes=closes,
        as_of=as_of_date,
        timezone=timezone,
        estimates=said("breakage_estimates", "effective_from"),
        remote=said("remote_credits", "remote_from"),
        shares=said("unclaimed_property", "effective_from"),
    )
    breakages = {
        booked.grant.grant_id: GrantBreakage(booked, choose(booked.grant), company)
        for booked in plain.booked
        if booked.grant.funding == "paid"
    }
    entries = [
        with_expiry_reduced(entry, breakages.get(entry["obligation_id"]), periods)
        for entry in plain.entries
    ]
    for breakage in breakages.values():
        entries += breakage.own_entries()
    rows: dict[str, list[dict]] = defaultdict(list)
    for row in plain.grant_periods:
        rows[row["grant_id"]].append(row)
    exceptions = plain.exceptions + [
        ("credit_grants", name, reason)
        for name, breakage in breakages.items()
        for reason in breakage.warnings()
    ]
    return Books(
        entries=entries,
        grant_periods=[
            row
            for name, group in rows.items()
            for row in grant_periods(group, breakages.get(name), company)
        ],
        balances=oracle.account_balances(entries, periods, company.as_of_index),
        exceptions=sorted(exceptions, key=repr),
        states={name: breakage.states for name, breakage in breakages.items()},
        choices={name: breakage.choice for name, breakage in breakages.items()},
        calendar=periods,
    )
