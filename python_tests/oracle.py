"""An independent oracle of the credit books, in plain Python and exact fractions.

It is written from the rules (design sections 2 to 4 and 6), not from the SQL, and shares no code
with it. Money is an integer of minor units, units are fractions, nothing is ever a float, and only
a cumulative value is rounded (half away from zero). The one entry point is `build_books`.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

ZERO = Fraction(0)

FIRST_MONTH_YEAR, LAST_MONTH_YEAR = 2000, 2059
FIRST_WEEK_YEAR, LAST_WEEK_YEAR = 2001, 2058
WEEK_PATTERNS = {"4-4-5": (4, 4, 5), "4-5-4": (4, 5, 4), "5-4-4": (5, 4, 4)}

UNIT_PLACES, UNIT_INTEGER_DIGITS = 9, 19
PRICE_PLACES, PRICE_INTEGER_DIGITS = 12, 16
UNITS_LIMIT = 10**11
VALUE_LIMIT_MINOR = 10**15
ENGINE_LIMIT = 10**38

UNIT_COLUMNS = {"amount_granted", "amount_consumed", "amount_remaining", "amount"}
PRICE_COLUMNS = {"cost_basis", "cost_amount"}
# Compared as a number, but never checked: neither units nor a price, and no rule reads it.
OTHER_NUMBER_COLUMNS = {"priority"}
TIME_COLUMNS = {
    "effective_at",
    "expires_at",
    "voided_at",
    "created_at",
    "updated_at",
    "timestamp",
}
GRANT_COLUMNS = (
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
)
LEDGER_COLUMNS = (
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
)

# event type -> kind of movement
KIND_OF_EVENT_TYPE = {
    "CREDITS_GRANTED": "granted",
    "CREDITS_CONSUMED": "consumed",
    "CREDITS_EXPIRED": "expired",
    "CREDITS_VOIDED": "revoked",
    "CREDITS_UPDATED": "adjusted",
    "CREDITS_CONSUMPTION_TRANSFER_SOURCE": "reversed",
    "CREDITS_CONSUMPTION_TRANSFER_TARGET": "consumed",
}
# Kinds of movement in the order in which they are booked inside one (accounting, effective) period.
EVENT_OF_KIND = {
    "granted": "credit_granted",
    "adjusted": "credit_adjusted",
    "consumed": "credit_consumed",
    "reversed": "credit_consumption_reversed",
    "expired": "credit_expired",
    "revoked": "credit_revoked",
}
KINDS_BOOKED_AT_THEIR_OWN_DATE = {"adjusted", "reversed", "revoked"}

FUNDING_OF_CATEGORY = {
    "PAID": "paid",
    "PROMOTIONAL": "promotional",
    "PROMO": "promotional",
    "RECURRING": "paid",
    "OVERDRAFT": "overdraft",
}

NATURAL_SIDE = {
    "cash": "debit",
    "accounts_receivable": "debit",
    "deferred_revenue": "credit",
    "refund_liability": "credit",
    "credit_revenue": "credit",
    "breakage_revenue": "credit",
    "unclaimed_property": "credit",
}


@dataclass(frozen=True)
class Books:
    """What the rules make of the raw tables; every list is sorted, so books compare with ==."""

    entries: list[dict]
    grant_periods: list[dict]
    exceptions: list[tuple]
    dispositions: dict
    balances: list[dict]
    booked: list[BookedGrant] = field(default_factory=list, compare=False)
    """What the entries of each booked grant were made of, for rules that go on from there."""


# --------------------------------------------------------------------------------------------------
# Exact numbers
# --------------------------------------------------------------------------------------------------


def round_half_away(value: Fraction) -> int:
    """Round an exact number to the nearest integer, halves away from zero."""
    magnitude = (2 * abs(value) + 1) // 2
    return int(magnitude if value >= 0 else -magnitude)


def round_to_places(value: Fraction, places: int) -> Fraction:
    """Round an exact number to `places` decimals, halves away from zero."""
    scale = 10**places
    return Fraction(round_half_away(value * scale), scale)


def decimal_places(value: Fraction) -> int:
    """How many decimals a decimal number needs (trailing zeros not counted).

    Raises ValueError for a number that is not a finite decimal, such as 1/3.
    """
    for places in range(64):
        if (value * 10**places).denominator == 1:
            return places
    raise ValueError(f"{value} is not a decimal number")


def exact_decimal(value: Fraction, places: int) -> Decimal:
    """`value` as a Decimal with exactly `places` decimals; ValueError if that would round it."""
    scaled = value * 10**places
    if scaled.denominator != 1:
        raise ValueError(f"{value} has more than {places} decimals")
    digits = tuple(int(digit) for digit in str(abs(scaled.numerator)))
    return Decimal((1 if scaled < 0 else 0, digits, -places))


# --------------------------------------------------------------------------------------------------
# Reading raw values
# --------------------------------------------------------------------------------------------------

NUMBER_TEXT = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]+))?")
TIME_TEXT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6}))?)?"
    r" ?(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)


@dataclass(frozen=True)
class Cell:
    """One raw value as read: `value` (None for null or unreadable), `problem` (a reason code or
    None) and `likeness` (what two cells have in common exactly where they are alike)."""

    value: Any
    problem: str | None
    likeness: Any


NULL_CELL = Cell(None, None, None)


def read_number(raw: Any, places: int, integer_digits: int) -> Cell:
    """Read a number: text, int or Decimal, as an exact fraction.

    `places` and `integer_digits` are the most decimals (trailing zeros not counted) and integer
    digits (leading zeros not counted) it may have; beyond them the problem is `precision_exceeded`.
    Text that is no number has the problem `invalid_number`; empty or blank text is null.
    Raises TypeError for a float or any other type.
    """
    if raw is None:
        return NULL_CELL
    if isinstance(raw, bool) or not isinstance(raw, (str, int, Decimal)):
        raise TypeError(f"a number must be text, int or Decimal, not {raw!r}")
    text = format(raw, "f") if isinstance(raw, Decimal) else str(raw)
    text = text.strip(" ")
    if text == "":
        return NULL_CELL
    match = NUMBER_TEXT.fullmatch(text)
    if match is None:
        return Cell(None, "invalid_number", ("text", str(raw)))
    sign, whole, fraction = match[1], match[2].lstrip("0"), (match[3] or "").rstrip("0")
    magnitude = Fraction(int((whole + fraction) or "0"), 10 ** len(fraction))
    value = -magnitude if sign == "-" else magnitude
    if len(fraction) > places or len(whole) > integer_digits:
        return Cell(None, "precision_exceeded", ("number", value))
    return Cell(value, None, ("number", value))


def read_time(raw: Any) -> Cell:
    """Read a time as an aware datetime in UTC.

    Accepts a datetime (naive means UTC), a date (its first instant in UTC) or ISO 8601 text (no
    offset means UTC). Text that is no time has the problem `invalid_timestamp`; blank text is null.
    Raises TypeError for any other type.
    """
    if raw is None:
        return NULL_CELL
    if isinstance(raw, datetime):
        value = raw.replace(tzinfo=UTC) if raw.tzinfo is None else raw.astimezone(UTC)
        return Cell(value, None, ("time", value))
    if isinstance(raw, date):
        value = datetime.combine(raw, time(), UTC)
        return Cell(value, None, ("time", value))
    if not isinstance(raw, str):
        raise TypeError(f"a time must be text, datetime or date, not {raw!r}")
    text = raw.strip(" ")
    if text == "":
        return NULL_CELL
    value = parse_time_text(text.upper())
    if value is None:
        return Cell(None, "invalid_timestamp", ("text", raw))
    return Cell(value, None, ("time", value))


def parse_time_text(text: str) -> datetime | None:
    """ISO 8601 text to an instant in UTC, or None where it cannot be read."""
    match = TIME_TEXT.fullmatch(text)
    if match is None:
        return None
    day, hour, minute, second, fraction, offset = match.groups()
    try:
        local = datetime.combine(
            date.fromisoformat(day),
            time(
                int(hour or 0),
                int(minute or 0),
                int(second or 0),
                int((fraction or "0").ljust(6, "0")),
            ),
        )
        return (local - offset_of(offset)).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def offset_of(text: str | None) -> timedelta:
    """'+02:00', '-0530', '+02', 'Z' or None as a timedelta; ValueError for impossible minutes."""
    if text is None or text == "Z":
        return timedelta()
    hours, minutes = int(text[1:3]), int(text[3:].lstrip(":") or 0)
    if hours > 23 or minutes > 59:
        raise ValueError(f"no such offset: {text}")
    size = timedelta(hours=hours, minutes=minutes)
    return -size if text[0] == "-" else size


def read_text(raw: Any) -> Cell:
    """Any other value, as text and not trimmed; None and empty text are null."""
    return NULL_CELL if raw is None or raw == "" else Cell(str(raw), None, ("text", str(raw)))


def read_row(raw: dict, columns: tuple[str, ...]) -> dict[str, Cell]:
    """Read one raw row; a column that the row lacks is null."""
    return {column: read_cell(column, raw.get(column)) for column in columns}


def read_cell(column: str, raw: Any) -> Cell:
    """Read one value in the way of its column."""
    if column in UNIT_COLUMNS:
        return read_number(raw, UNIT_PLACES, UNIT_INTEGER_DIGITS)
    if column in PRICE_COLUMNS:
        return read_number(raw, PRICE_PLACES, PRICE_INTEGER_DIGITS)
    if column in OTHER_NUMBER_COLUMNS:
        return replace(read_number(raw, ENGINE_LIMIT, ENGINE_LIMIT), problem=None)
    if column in TIME_COLUMNS:
        return read_time(raw)
    return read_text(raw)


def likeness(row: dict[str, Cell]) -> tuple:
    """Equal for two rows exactly where they are alike in every column."""
    return tuple(cell.likeness for cell in row.values())


def upper(cell: Cell) -> str | None:
    """An enumerated value in upper case, without blanks around it, or None."""
    return None if cell.value is None else cell.value.strip(" ").upper()


# --------------------------------------------------------------------------------------------------
# Calendars
# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Period:
    """One accounting period; `ends_on` is inclusive and `index` counts from 0 in calendar order."""

    name: str
    index: int
    starts_on: date
    ends_on: date
    fiscal_quarter: int
    fiscal_year: int


class Calendar:
    """The accounting periods in order, without gaps."""

    def __init__(self, periods: Iterable[Period]) -> None:
        self.periods = tuple(periods)
        self._starts = [period.starts_on for period in self.periods]
        self._index_of_name = {period.name: period.index for period in self.periods}
        if len(self._index_of_name) != len(self.periods):
            raise ValueError("two fiscal years end in the same calendar year")

    def index_at(self, day: date) -> int | None:
        """The index of the period that holds `day`; None outside the calendar."""
        index = bisect_right(self._starts, day) - 1
        if index < 0 or day > self.periods[index].ends_on:
            return None
        return index

    def index_of(self, name: str) -> int | None:
        """The index of the period called `name`; None if there is none."""
        return self._index_of_name.get(name)


@cache
def make_calendar(calendar: str = "monthly", fiscal_year_start: Any = 1) -> Calendar:
    """The calendar of `var('calendar')`.

    `fiscal_year_start` is a month (1 to 12) for `monthly` and the first day of one fiscal year (a
    date or its ISO text) for `4-4-5`, `4-5-4` and `5-4-4`. Raises ValueError or TypeError for
    anything else, and ValueError for a week calendar two of whose years would have the same name.
    """
    if calendar == "monthly":
        month = int(fiscal_year_start)
        if not 1 <= month <= 12:
            raise ValueError("fiscal_year_start of a monthly calendar is a month, 1 to 12")
        return monthly_calendar(month)
    if calendar not in WEEK_PATTERNS:
        raise ValueError(f"calendar must be monthly, 4-4-5, 4-5-4 or 5-4-4, not {calendar!r}")
    if isinstance(fiscal_year_start, str):
        fiscal_year_start = date.fromisoformat(fiscal_year_start)
    if not isinstance(fiscal_year_start, date):
        raise TypeError("fiscal_year_start of a week calendar is a date")
    return week_calendar(WEEK_PATTERNS[calendar], fiscal_year_start)


def monthly_calendar(first_month: int) -> Calendar:
    """Calendar months; a fiscal year starts in `first_month`, named by the year it ends in."""
    periods = []
    for year in range(FIRST_MONTH_YEAR, LAST_MONTH_YEAR + 1):
        for month in range(1, 13):
            following = date(year + month // 12, month % 12 + 1, 1)
            periods.append(
                Period(
                    name=f"{year:04d}-{month:02d}",
                    index=len(periods),
                    starts_on=date(year, month, 1),
                    ends_on=following - timedelta(days=1),
                    fiscal_quarter=(month - first_month) % 12 // 3 + 1,
                    fiscal_year=year + (1 if first_month > 1 and month >= first_month else 0),
                )
            )
    return Calendar(periods)


def nearest_weekday(day: date, weekday: int) -> date:
    """The day with this weekday (Monday is 0) nearest to `day`: at most 3 days away, no tie."""
    return day + timedelta(days=(weekday - day.weekday() + 3) % 7 - 3)


def anniversary(day: date, year: int) -> date:
    """The same month and day in another year; 29 February becomes the 28th if there is none."""
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def week_calendar(pattern: tuple[int, int, int], first_day: date) -> Calendar:
    """Fiscal years of 52 or 53 weeks, in quarters of `pattern` weeks; week 53 belongs to P12."""
    periods: list[Period] = []
    for year in range(FIRST_WEEK_YEAR - 2, LAST_WEEK_YEAR + 2):
        starts_on = nearest_weekday(anniversary(first_day, year), first_day.weekday())
        next_start = nearest_weekday(anniversary(first_day, year + 1), first_day.weekday())
        fiscal_year = (next_start - timedelta(days=1)).year
        if FIRST_WEEK_YEAR <= fiscal_year <= LAST_WEEK_YEAR:
            periods += week_periods(pattern, fiscal_year, starts_on, next_start, len(periods))
    return Calendar(periods)


def week_periods(
    pattern: tuple[int, int, int], fiscal_year: int, starts_on: date, next_start: date, index: int
) -> list[Period]:
    """The twelve periods of one fiscal year, the first of which has the given index."""
    weeks = list(pattern * 4)
    weeks[11] += (next_start - starts_on).days // 7 - 52
    periods = []
    for number, length in enumerate(weeks, start=1):
        following = starts_on + timedelta(weeks=length)
        periods.append(
            Period(
                name=f"FY{fiscal_year:04d}-P{number:02d}",
                index=index + number - 1,
                starts_on=starts_on,
                ends_on=following - timedelta(days=1),
                fiscal_quarter=(number - 1) // 3 + 1,
                fiscal_year=fiscal_year,
            )
        )
        starts_on = following
    return periods


# --------------------------------------------------------------------------------------------------
# Closes and the posting rule
# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Close:
    """A period is closed from `closed_at` until `reopened_at` (None: for ever)."""

    index: int
    closed_at: datetime
    reopened_at: datetime | None

    def holds(self, instant: datetime) -> bool:
        """Whether this row closes its period at `instant`."""
        return self.closed_at <= instant and (
            self.reopened_at is None or instant < self.reopened_at
        )


class Closes:
    """All closes of a company."""

    def __init__(self, closes: Iterable[Close]) -> None:
        self.rows = tuple(closes)

    def closed_through(self, instant: datetime) -> int:
        """The index of the last period closed at `instant`; -1 where none is."""
        return max((close.index for close in self.rows if close.holds(instant)), default=-1)

    def posting_index(self, effective: int, known: datetime) -> int:
        """The period to which a fact of period `effective`, known at `known`, posts."""
        return max(effective, self.closed_through(known) + 1)

    def interval(self, effective: int, known: datetime) -> datetime | None:
        """A name for the instants that are one close interval to a fact of period `effective`.

        While the period is open, all instants until it is next closed (None: never again) are one
        interval. While it is closed, an interval lasts from one close or reopening to the next.
        """
        instants = {row.closed_at for row in self.rows}
        instants |= {row.reopened_at for row in self.rows if row.reopened_at is not None}
        if self.closed_through(known) >= effective:
            return max(instant for instant in instants if instant <= known)
        later = (instant for instant in instants if instant > known)
        return min((i for i in later if self.closed_through(i) >= effective), default=None)


def read_closes(rows: Iterable[dict], calendar: Calendar, timezone: str = "UTC") -> Closes:
    """Read `period_closes`. Raises ValueError, naming the row, where the file is impossible."""
    closes = []
    for row in rows:
        index = calendar.index_of(row["accounting_period"])
        closed = read_time(row["closed_at"])
        reopened = read_time(row.get("reopened_at"))
        if index is None:
            raise ValueError(f"period_closes: no such period: {row}")
        if closed.value is None or reopened.problem:
            raise ValueError(f"period_closes: closed_at or reopened_at is not a time: {row}")
        if closed.value < period_end(calendar.periods[index], timezone):
            raise ValueError(f"period_closes: closed before the period's end: {row}")
        closes.append(Close(index, closed.value, reopened.value))
    check_unbroken(closes, calendar)
    return Closes(closes)


def period_end(period: Period, timezone: str) -> datetime:
    """The first instant after a period, in UTC."""
    following = datetime.combine(period.ends_on + timedelta(days=1), time(), ZoneInfo(timezone))
    return following.astimezone(UTC)


def check_unbroken(closes: list[Close], calendar: Calendar) -> None:
    """ValueError where at some instant a period is open while a later one is closed."""
    instants = {close.closed_at for close in closes}
    instants |= {close.reopened_at for close in closes if close.reopened_at is not None}
    with_own_row = {close.index for close in closes}
    for instant in sorted(instants):
        closed = {close.index for close in closes if close.holds(instant)}
        for index in with_own_row - closed:
            if closed and index < max(closed):
                name = calendar.periods[index].name
                raise ValueError(f"period_closes: {name} is open at {instant}, a later one is not")


# --------------------------------------------------------------------------------------------------
# Raw rows and what becomes of them
# --------------------------------------------------------------------------------------------------


@dataclass
class RawRow:
    """One raw row as read, with its disposition and reason once they are decided."""

    table: str
    key: str | None
    cells: dict[str, Cell]
    disposition: str | None = None
    reason: str | None = None

    def settle(self, disposition: str, reason: str | None = None) -> None:
        """Decide the row; a row is decided once."""
        if self.disposition is not None:
            raise AssertionError(f"{self.table} {self.key} has two dispositions")
        self.disposition, self.reason = disposition, reason

    def value(self, column: str) -> Any:
        """The parsed value of a column."""
        return self.cells[column].value


@dataclass
class Movement:
    """A ledger row that counts: units are positive but for `adjusted`, which is signed."""

    row: RawRow
    kind: str
    units: Fraction
    accounting_date: date
    known: datetime
    effective: int
    posted: int = -1
    interval: datetime | None = None
    """Which instants of knowing make no difference to where it posts; see `Closes.interval`."""


@dataclass
class Grant:
    """The counting row of a grant: its terms, or the reason why it has none."""

    row: RawRow
    disposition: str
    reason: str | None = None
    funding: str | None = None
    currency: str | None = None
    exponent: int = 0
    cost_per_unit: Fraction = ZERO
    """Exact minor units of money per credit unit."""

    @property
    def grant_id(self) -> str:
        """The id of the grant."""
        return self.row.value("grant_id")


def first_alike_counts(rows: list[RawRow]) -> list[RawRow]:
    """Rows that share an identity: the one that counts, or none where they conflict."""
    if len({likeness(row.cells) for row in rows}) > 1:
        for row in rows:
            row.settle("exception", "duplicate_conflict")
        return []
    for row in rows[1:]:
        row.settle("excluded", "duplicate")
    return rows[:1]


# --------------------------------------------------------------------------------------------------
# Ledger rows
# --------------------------------------------------------------------------------------------------


def read_ledger(raw_rows: Iterable[dict]) -> list[RawRow]:
    """Read `credit_ledger`."""
    rows = []
    for raw in raw_rows:
        cells = read_row(raw, LEDGER_COLUMNS)
        rows.append(RawRow("credit_ledger", cells["id"].value, cells))
    return rows


def identify_ledger_rows(rows: list[RawRow], warnings: list[tuple]) -> list[RawRow]:
    """Settle duplicates and return the rows that count; lists possible duplicates in `warnings`."""
    groups: dict[tuple, list[RawRow]] = defaultdict(list)
    for row in rows:
        if row.value("id") is not None:
            groups["id", row.value("id")].append(row)
        elif row.value("event_id") is not None:
            groups["event", likeness(row.cells)].append(row)
        else:
            groups["nameless", likeness(row.cells)].append(row)
    counting = []
    for (identity, _), group in groups.items():
        if identity != "nameless":
            counting += first_alike_counts(group)
            continue
        counting += group
        if len(group) > 1:
            warnings.append(("credit_ledger", None, "possible_duplicate"))
    return counting


def ledger_row_problem(row: RawRow) -> str | None:
    """The reason why a ledger row cannot be used by itself, or None."""
    amount, timestamp = row.cells["amount"], row.cells["timestamp"]
    if upper(row.cells["event_type"]) not in KIND_OF_EVENT_TYPE:
        return "unknown_event_type"
    if amount.problem:
        return amount.problem
    if amount.value is None:
        return "missing_amount"
    if abs(amount.value) >= UNITS_LIMIT:
        return "out_of_range"
    if timestamp.problem is None and timestamp.value is None:
        return "missing_timestamp"
    if timestamp.problem or row.cells["created_at"].problem:
        return "invalid_timestamp"
    if row.value("credit_grant_id") is None:
        return "unknown_grant"
    return None


def accounting_date(instant: datetime, timezone: str) -> date | None:
    """The day of an instant in the accounting time zone; None beyond the years 1 to 9999."""
    try:
        return instant.astimezone(ZoneInfo(timezone)).date()
    except OverflowError:
        return None


def movement_of(
    row: RawRow, calendar: Calendar, timezone: str, as_of_date: date
) -> Movement | None:
    """The movement of a counting ledger row, or None where the row is settled as unusable."""
    problem = ledger_row_problem(row)
    if problem:
        row.settle("exception", problem)
        return None
    day = accounting_date(row.value("timestamp"), timezone)
    effective = None if day is None else calendar.index_at(day)
    if effective is None:
        row.settle("exception", "outside_calendar")
        return None
    if day > as_of_date:
        row.settle("excluded", "after_as_of_date")
        return None
    kind = KIND_OF_EVENT_TYPE[upper(row.cells["event_type"])]
    amount = row.value("amount")
    return Movement(
        row=row,
        kind=kind,
        units=amount if kind == "adjusted" else abs(amount),
        accounting_date=day,
        known=row.value("created_at") or row.value("timestamp"),
        effective=effective,
    )


def post(movements: list[Movement], closes: Closes) -> None:
    """Set the accounting period of all movements of one grant.

    A movement is known no earlier than the first known grant movement, which gives it value.
    """
    granted_known = [movement.known for movement in movements if movement.kind == "granted"]
    for movement in movements:
        known = max([movement.known] + ([min(granted_known)] if granted_known else []))
        movement.posted = closes.posting_index(movement.effective, known)
        movement.interval = closes.interval(movement.effective, movement.known)


# --------------------------------------------------------------------------------------------------
# Credit grants
# --------------------------------------------------------------------------------------------------


def read_grants(raw_rows: Iterable[dict]) -> list[RawRow]:
    """Read `credit_grants`."""
    rows = []
    for raw in raw_rows:
        cells = read_row(raw, GRANT_COLUMNS)
        rows.append(RawRow("credit_grants", cells["grant_id"].value, cells))
    return rows


def newest_versions(rows: list[RawRow]) -> tuple[dict[str, RawRow], dict[str, str]]:
    """Settle all but the counting row of each grant.

    Returns the counting rows by grant id, and the reason of the grants that have none.
    A null `updated_at` is older than every time. One that cannot be read may be the newest: it
    counts as such, so that the grant is an exception and not valued at older terms.
    """
    versions: dict[str, list[RawRow]] = defaultdict(list)
    for row in rows:
        if row.value("grant_id") is None:
            row.settle("exception", "missing_grant_id")
        else:
            versions[row.value("grant_id")].append(row)
    counting: dict[str, RawRow] = {}
    conflicts: dict[str, str] = {}
    for grant_id, group in versions.items():
        newest = max(version_rank(row.cells["updated_at"]) for row in group)
        for row in group:
            if version_rank(row.cells["updated_at"]) != newest:
                row.settle("excluded", "superseded_version")
        winner = first_alike_counts(
            [row for row in group if version_rank(row.cells["updated_at"]) == newest]
        )
        if winner:
            counting[grant_id] = winner[0]
        else:
            conflicts[grant_id] = "duplicate_conflict"
    return counting, conflicts


def version_rank(updated_at: Cell) -> tuple[int, datetime | None]:
    """What orders the versions of a grant: no time, then by time, then an unreadable time."""
    if updated_at.problem:
        return 2, None
    return (0, None) if updated_at.value is None else (1, updated_at.value)


def judge_grant(row: RawRow, movements: list[Movement], currencies: dict[str, int]) -> Grant:
    """What becomes of the counting row of a grant; `movements` are all its counted ledger rows."""
    problems = {cell.problem for cell in row.cells.values()}
    for reason in ("invalid_number", "precision_exceeded", "invalid_timestamp"):
        if reason in problems:
            return Grant(row, "exception", reason)
    status, invoice_status = upper(row.cells["status"]), upper(row.cells["invoice_status"])
    failed = ("FAILED", "PAYMENT_FAILED")
    if status == "PAYMENT_PENDING":
        return Grant(row, "excluded", "payment_pending")
    if status in failed or invoice_status in failed:
        return Grant(row, "excluded", "payment_failed")
    category = upper(row.cells["category"])
    if category not in FUNDING_OF_CATEGORY:
        return Grant(row, "exception", "unknown_category")
    funding = FUNDING_OF_CATEGORY[category]
    currency = upper(row.cells["cost_currency"])
    if funding != "paid":
        return Grant(row, "terms", None, funding, currency)
    return judge_paid_grant(row, movements, category, currency, currencies)


def judge_paid_grant(
    row: RawRow,
    movements: list[Movement],
    category: str,
    currency: str | None,
    currencies: dict[str, int],
) -> Grant:
    """What becomes of a paid grant: its cost per unit, or the reason why it has no value."""
    basis, total = row.value("cost_basis"), row.value("cost_amount")
    if basis is None and total is None:
        recurring = category == "RECURRING"
        return Grant(
            row, "exception", "recurring_without_cost" if recurring else "missing_cost_basis"
        )
    if (basis is not None and basis < 0) or (total is not None and total < 0):
        return Grant(row, "exception", "negative_cost")
    if currency is None or currency not in currencies:
        return Grant(row, "exception", "unknown_currency")
    units = first_granted_units(movements)
    if basis is not None and total is not None and units:
        agreed = round_to_places(total / units, decimal_places(basis))
        if basis != agreed:
            return Grant(row, "exception", "cost_basis_conflict")
    if total is not None and total > 0 and units == 0:
        return Grant(row, "exception", "cost_without_units")
    # Without a counted grant movement nothing of the grant is booked: no price is needed.
    total_per_unit = total / units if total is not None and units else ZERO
    price = basis if total is None else total_per_unit
    exponent = currencies[currency]
    cost_per_unit = price * 10**exponent
    if out_of_range(movements, cost_per_unit):
        return Grant(row, "exception", "out_of_range")
    return Grant(row, "terms", None, "paid", currency, exponent, cost_per_unit)


def first_granted_units(movements: list[Movement]) -> Fraction | None:
    """The units of the first grant movement in book order; None where the grant has none."""
    granted = first_granted(movements)
    return sum((movement.units for movement in granted), ZERO) if granted else None


def first_granted(movements: list[Movement]) -> list[Movement]:
    """The grant rows that come first in book order: smallest (accounting, effective) period."""
    granted = [movement for movement in movements if movement.kind == "granted"]
    first = min(((movement.posted, movement.effective) for movement in granted), default=None)
    return [movement for movement in granted if (movement.posted, movement.effective) == first]


def out_of_range(movements: list[Movement], cost_per_unit: Fraction) -> bool:
    """Whether a grant lies outside the domain in which every engine computes exactly.

    The engine rounds `a * p / q` as `(2ap + q) div 2q`, with `a` in billionths of a unit and
    `p / q` the reduced minor units per billionth: that sum has to fit 38 digits. The units that
    bound `a` are those of whole movements, in which adjustments up and down cancel out.
    """
    units = bounding_units(movements)
    if units >= UNITS_LIMIT or round_half_away(units * cost_per_unit) > VALUE_LIMIT_MINOR:
        return True
    per_billionth = cost_per_unit / 10**UNIT_PLACES
    billionths = units * 10**UNIT_PLACES
    return 2 * billionths * per_billionth.numerator + per_billionth.denominator >= ENGINE_LIMIT


def bounding_units(movements: list[Movement]) -> Fraction:
    """The most units that a grant can have had: what it was granted, and adjusted up or down."""
    by_movement: Counter = Counter()
    for movement in movements:
        if movement.kind in ("granted", "adjusted"):
            by_movement[movement.kind, movement.effective, movement.interval] += movement.units
    return sum((abs(units) for units in by_movement.values()), ZERO)


# --------------------------------------------------------------------------------------------------
# Bonus credits that are bought in the same purchase
# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SellingPrice:
    """A row of `standalone_selling_prices`; `floor` is the first period open at its known_at."""

    product_id: str
    currency: str
    millionths: int
    effective_from: date
    known: datetime
    floor: int


def read_selling_prices(rows: Iterable[dict], closes: Closes) -> list[SellingPrice]:
    """Read `standalone_selling_prices`, whose rows are sound."""
    return [
        SellingPrice(
            product_id=row["product_id"],
            currency=row["currency"],
            millionths=int(Fraction(str(row["unit_price"])) * 10**6),
            effective_from=read_time(row["effective_from"]).value.date(),
            known=read_time(row["known_at"]).value,
            floor=closes.posting_index(0, read_time(row["known_at"]).value),
        )
        for row in rows
    ]


@dataclass
class Bought:
    """A grant of a purchase: its first units, and the period and day of its first grant rows."""

    grant: Grant
    movements: list[Movement]
    units: Fraction
    posted: int
    booked: date

    @property
    def is_bonus(self) -> bool:
        """Whether it came with what was paid."""
        return self.grant.funding == "promotional"

    def own_price(self) -> int:
        """What it was sold for, in minor units."""
        return round_half_away(self.units * self.grant.cost_per_unit)

    def selling_price(self, prices: list[SellingPrice], currency: str) -> int:
        """Of one unit, in millionths: the newest in force that counts for its period; 0 is none."""
        found = [
            price
            for price in prices
            if price.product_id == self.grant.row.value("currency_id")
            and price.currency == currency
            and price.effective_from <= self.booked
            and price.floor <= self.posted
        ]
        newest = max(found, key=lambda price: (price.effective_from, price.known), default=None)
        return 0 if newest is None else newest.millionths


def share_purchases(
    grants: dict[str, Grant],
    movements: dict[str, list[Movement]],
    prices: list[SellingPrice],
) -> None:
    """Give paid and bonus grants of one purchase their part of its price.

    A purchase is what one customer was sold on one invoice in one currency and what came with it,
    as far as all of it posts to one accounting period: what becomes known later changes no price.
    """
    invoices: dict[tuple, list[Bought]] = defaultdict(list)
    for grant_id, grant in grants.items():
        bought = bought_of(grant, movements[grant_id])
        if bought is not None:
            about = grant.row.value("customer_id"), grant.row.value("invoice_id")
            invoices[*about, bought.posted].append(bought)
    for group in invoices.values():
        currencies = {bought.grant.currency for bought in group if not bought.is_bonus}
        for currency in currencies:
            paid = [b for b in group if not b.is_bonus and b.grant.currency == currency]
            bonuses = [
                b
                for b in group
                if b.is_bonus
                and (currencies == {currency} if b.grant.currency is None else True)
                and b.grant.currency in (None, currency)
            ]
            each = [(b, b.selling_price(prices, currency)) for b in paid + bonuses]
            if bonuses and all(price > 0 for _, price in each):
                share_price(grants, each, sum(b.own_price() for b in paid), paid[0].grant)


def bought_of(grant: Grant, movements: list[Movement]) -> Bought | None:
    """The grant as part of what is on its invoice; None where it is no part of a purchase."""
    about = grant.row.value("customer_id"), grant.row.value("invoice_id")
    units = first_granted_units(movements)
    if grant.disposition != "terms" or grant.funding == "overdraft" or None in about:
        return None
    if not units or units < 0 or bounding_units(movements) >= UNITS_LIMIT:
        return None
    first = first_granted(movements)
    booked = min(movement.accounting_date for movement in first)
    return Bought(grant, movements, units, first[0].posted, booked)


def share_price(
    grants: dict[str, Grant], each: list[tuple[Bought, int]], total: int, terms: Grant
) -> None:
    """Allocate a price by standalone selling price times units, by the largest remainder."""
    weights = [int(bought.units * 10**UNIT_PLACES) * price for bought, price in each]
    too_large = total * sum(weights) >= ENGINE_LIMIT
    shares = [Fraction(total * weight, sum(weights)) for weight in weights]
    whole = [int(share) for share in shares]
    order = sorted(
        range(len(each)),
        key=lambda n: (
            whole[n] - shares[n],
            hashlib.md5(each[n][0].grant.grant_id.encode()).hexdigest(),
        ),
    )
    for n in order[: total - sum(whole)]:
        whole[n] += 1
    for (bought, _), minor in zip(each, whole, strict=True):
        cost = minor / bought.units
        grants[bought.grant.grant_id] = (
            Grant(bought.grant.row, "exception", "out_of_range")
            if too_large or out_of_range(bought.movements, cost)
            else Grant(
                bought.grant.row, "terms", None, "paid", terms.currency, terms.exponent, cost
            )
        )


# --------------------------------------------------------------------------------------------------
# Book order and value
# --------------------------------------------------------------------------------------------------


@dataclass
class Bucket:
    """The movements of one grant in one (accounting period, effective period)."""

    units: dict[str, Fraction] = field(default_factory=lambda: dict.fromkeys(EVENT_OF_KIND, ZERO))
    count: Counter = field(default_factory=Counter)
    last_date: dict[str, date] = field(default_factory=dict)

    def add(self, movement: Movement) -> None:
        """Add one movement."""
        kind = movement.kind
        self.units[kind] += movement.units
        self.count[kind] += 1
        self.last_date[kind] = max(movement.accounting_date, self.last_date.get(kind, date.min))


def buckets_in_book_order(movements: list[Movement]) -> list[tuple[int, int, Bucket]]:
    """(accounting period, effective period, bucket), in book order."""
    buckets: dict[tuple[int, int], Bucket] = defaultdict(Bucket)
    for movement in movements:
        buckets[movement.posted, movement.effective].add(movement)
    return [
        (posted, effective, buckets[posted, effective]) for posted, effective in sorted(buckets)
    ]


def covered(released: Fraction, granted: Fraction) -> Fraction:
    """Released units that a grant covers, and which so carry value."""
    return min(max(released, ZERO), max(granted, ZERO))


@dataclass(frozen=True)
class Change:
    """What one kind of movement in one bucket does; positive in its own direction."""

    kind: str
    units: Fraction
    value: int


@dataclass
class Running:
    """Units granted and released so far, and the cost of one unit in minor units."""

    cost_per_unit: Fraction
    granted: Fraction = ZERO
    released: Fraction = ZERO

    def worth(self, units: Fraction) -> int:
        """The rounded value of a cumulative number of units."""
        return round_half_away(max(units, ZERO) * self.cost_per_unit)

    def change(self, kind: str, before: Fraction, after: Fraction) -> Change:
        """The change from one cumulative number of units that carry value to another."""
        return Change(kind, after - before, self.worth(after) - self.worth(before))

    def book(self, bucket: Bucket) -> list[Change]:
        """Book a bucket: one change per kind of movement, in event order."""
        units = bucket.units
        after_grant = self.granted + units["granted"]
        after_adjust = after_grant + units["adjusted"]
        after_consume = self.released + units["consumed"]
        after_reversal = after_consume - units["reversed"]
        after_expiry = after_reversal + units["expired"]
        after_revoke = after_expiry + units["revoked"]
        # Every step starts where the one before it ended; the consumed step also holds what a new
        # total of granted units covers of the units released before.
        steps = [
            covered(self.released, self.granted),
            covered(after_consume, after_adjust),
            covered(after_reversal, after_adjust),
            covered(after_expiry, after_adjust),
            covered(after_revoke, after_adjust),
        ]
        changes = [
            self.change("granted", max(self.granted, ZERO), max(after_grant, ZERO)),
            self.change("adjusted", max(after_grant, ZERO), max(after_adjust, ZERO)),
            self.change("consumed", steps[0], steps[1]),
            self.change("reversed", steps[2], steps[1]),
            self.change("expired", steps[2], steps[3]),
            self.change("revoked", steps[3], steps[4]),
        ]
        self.granted, self.released = after_adjust, after_revoke
        return changes


def accounts_of(kind: str, grant: Grant) -> tuple[str, str]:
    """(debit, credit) account of a positive value."""
    invoiced = grant.row.value("invoice_id") is not None
    paid = upper(grant.row.cells["invoice_status"]) == "PAID"
    if kind in ("granted", "adjusted"):
        return ("accounts_receivable" if invoiced else "cash", "deferred_revenue")
    if kind == "consumed":
        return ("deferred_revenue", "credit_revenue")
    if kind == "reversed":
        return ("credit_revenue", "deferred_revenue")
    if kind == "expired":
        return ("deferred_revenue", "breakage_revenue")
    return (
        "deferred_revenue",
        "accounts_receivable" if invoiced and not paid else "refund_liability",
    )


def entry_of(
    grant: Grant,
    change: Change,
    posted: Period,
    effective: Period,
    bucket: Bucket,
    first_grant_date: date,
) -> dict:
    """The journal entry of one change."""
    debit, credit = accounts_of(change.kind, grant)
    if change.value < 0 or (change.value == 0 and change.units < 0):
        debit, credit = credit, debit
    last_date = bucket.last_date.get(change.kind, posted.starts_on)
    own_date = change.kind in KINDS_BOOKED_AT_THEIR_OWN_DATE
    amount_minor = abs(change.value)
    return {
        "obligation_id": grant.grant_id,
        "customer_id": grant.row.value("customer_id"),
        "product_id": grant.row.value("currency_id"),
        "event_type": EVENT_OF_KIND[change.kind],
        "booked_date": last_date if own_date else first_grant_date,
        "entry_date": max(last_date, posted.starts_on),
        "effective_period": effective.name,
        "accounting_period": posted.name,
        "is_correction": posted.index != effective.index,
        "debit_account": debit,
        "credit_account": credit,
        "amount_minor": amount_minor,
        "amount": exact_decimal(Fraction(amount_minor, 10**grant.exponent), 4),
        "currency": grant.currency,
        "quantity": exact_decimal(abs(change.units), UNIT_PLACES),
        "source_entry_count": bucket.count[change.kind],
    }


# --------------------------------------------------------------------------------------------------
# One grant's books
# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BookedGrant:
    """A booked grant, its movements and their valued changes by (posted, effective) period."""

    grant: Grant
    booked_date: date
    movements: list[Movement]
    changes: list[tuple[int, int, Change]]


@dataclass
class GrantBooks:
    """Entries, grant periods and warnings of one grant."""

    entries: list[dict] = field(default_factory=list)
    periods: list[dict] = field(default_factory=list)
    warnings: list[tuple] = field(default_factory=list)
    changes: list[tuple[int, int, Change]] = field(default_factory=list)


def book_grant(
    grant: Grant, movements: list[Movement], calendar: Calendar, as_of_index: int
) -> GrantBooks:
    """Book all counted movements of a grant with terms; none of them is a zero adjustment."""
    books = GrantBooks()
    if not movements:
        return books
    has_value = grant.funding == "paid"
    granted_dates = [m.accounting_date for m in first_granted(movements)]
    running = Running(grant.cost_per_unit)
    units_by_period: dict[int, Counter] = defaultdict(Counter)
    minor_by_period: dict[int, Counter] = defaultdict(Counter)
    for posted, effective, bucket in buckets_in_book_order(movements):
        for change in running.book(bucket):
            books.changes.append((posted, effective, change))
            units_by_period[posted][change.kind] += bucket.units[change.kind]
            minor_by_period[posted][change.kind] += change.value
            if has_value and (bucket.count[change.kind] or change.units != 0):
                periods = calendar.periods[posted], calendar.periods[effective]
                books.entries.append(entry_of(grant, change, *periods, bucket, min(granted_dates)))
    books.periods = grant_periods(grant, units_by_period, minor_by_period, calendar, as_of_index)
    books.warnings = warnings_of(grant, running)
    return books


def warnings_of(grant: Grant, running: Running) -> list[tuple]:
    """What is listed of a grant whose rows are booked all the same."""
    codes = []
    # What an adjustment took below zero is over-adjusted, not drawn by anybody.
    if grant.funding != "overdraft" and running.released > max(running.granted, ZERO):
        codes.append("overdrawn")
    if running.released < 0:
        codes.append("over_reversed")
    if running.granted < 0:
        codes.append("over_adjusted")
    return [("credit_grants", grant.grant_id, code) for code in codes]


def grant_periods(
    grant: Grant,
    units_by_period: dict[int, Counter],
    minor_by_period: dict[int, Counter],
    calendar: Calendar,
    as_of_index: int,
) -> list[dict]:
    """One row per period from the first movement until the units finally are zero."""
    first, last = min(units_by_period), max(units_by_period)
    final_units = sum((net_change(units) for units in units_by_period.values()), ZERO)
    end = last if final_units == 0 else max(last, as_of_index)
    rows = []
    opening_units, opening_minor = ZERO, 0
    for index in range(first, end + 1):
        units, minor = units_by_period.get(index, Counter()), minor_by_period.get(index, Counter())
        closing_units = opening_units + net_change(units)
        closing_minor = opening_minor + net_change(minor)
        rows.append(
            {
                "grant_id": grant.grant_id,
                "customer_id": grant.row.value("customer_id"),
                "credit_unit": grant.row.value("currency_id"),
                "currency": grant.currency,
                "accounting_period": calendar.periods[index].name,
                "opening_units": exact_decimal(Fraction(opening_units), UNIT_PLACES),
                **{
                    f"{name}_units": exact_decimal(Fraction(amount), UNIT_PLACES)
                    for name, amount in net_of_reversals(units).items()
                },
                "closing_units": exact_decimal(Fraction(closing_units), UNIT_PLACES),
                "opening_deferred_minor": opening_minor,
                **{
                    f"{name}_minor": int(amount) for name, amount in net_of_reversals(minor).items()
                },
                "closing_deferred_minor": closing_minor,
            }
        )
        opening_units, opening_minor = closing_units, closing_minor
    return rows


def net_of_reversals(by_kind: Counter) -> dict:
    """Movements as they are shown: consumption net of its reversals."""
    return {
        "granted": by_kind["granted"],
        "consumed": by_kind["consumed"] - by_kind["reversed"],
        "expired": by_kind["expired"],
        "revoked": by_kind["revoked"],
        "adjusted": by_kind["adjusted"],
    }


def net_change(by_kind: Counter) -> Any:
    """Closing less opening."""
    shown = net_of_reversals(by_kind)
    added = shown["granted"] + shown["adjusted"]
    return added - shown["consumed"] - shown["expired"] - shown["revoked"]


# --------------------------------------------------------------------------------------------------
# Balances
# --------------------------------------------------------------------------------------------------


def account_balances(entries: list[dict], calendar: Calendar, as_of_index: int) -> list[dict]:
    """Dense balances per account and currency, over the accounts that have an entry."""
    sides: dict[tuple[str, str], Counter] = defaultdict(Counter)
    bounds: dict[str, tuple[int, int]] = {}
    for entry in entries:
        currency, index = entry["currency"], calendar.index_of(entry["accounting_period"])
        sides[currency, entry["debit_account"]][index, "debit"] += entry["amount_minor"]
        sides[currency, entry["credit_account"]][index, "credit"] += entry["amount_minor"]
        first, last = bounds.get(currency, (index, as_of_index))
        bounds[currency] = min(first, index), max(last, index)
    rows = []
    for (currency, account), moved in sorted(sides.items()):
        first, last = bounds[currency]
        opening = 0
        for index in range(first, last + 1):
            debit, credit = moved[index, "debit"], moved[index, "credit"]
            closing = opening + (
                debit - credit if NATURAL_SIDE[account] == "debit" else credit - debit
            )
            rows.append(
                {
                    "account": account,
                    "currency": currency,
                    "accounting_period": calendar.periods[index].name,
                    "opening_minor": opening,
                    "debit_minor": debit,
                    "credit_minor": credit,
                    "closing_minor": closing,
                }
            )
            opening = closing
    return rows


# --------------------------------------------------------------------------------------------------
# The books
# --------------------------------------------------------------------------------------------------


def read_currencies(raw: Any) -> dict[str, int]:
    """Currency -> exponent, from such a dict, a list of such dicts, or rows of the seed."""
    if isinstance(raw, dict):
        return {currency.upper(): int(exponent) for currency, exponent in raw.items()}
    currencies: dict[str, int] = {}
    for row in raw or ():
        named = {row["currency"]: row["exponent"]} if "currency" in row else row
        currencies.update({currency.upper(): int(exponent) for currency, exponent in named.items()})
    return currencies


def settle_movements(
    grant_id: str, movements: list[Movement], grant: Grant | None, conflict: str | None
) -> list[Movement]:
    """Settle the ledger rows of one grant and return the movements that are booked."""
    if conflict:
        outcome = ("exception", conflict)
    elif grant is None:
        outcome = ("exception", "unknown_grant")
    elif grant.disposition != "terms":
        outcome = (grant.disposition, grant.reason)
    elif grant.funding != "overdraft" and not any(m.kind == "granted" for m in movements):
        outcome = ("exception", "missing_grant_entry")
    elif grant.funding != "paid":
        outcome = ("memo", None)
    else:
        outcome = ("journaled", None)
    booked = []
    for movement in movements:
        is_zero_adjustment = movement.kind == "adjusted" and movement.units == 0
        if outcome[0] == "journaled" and is_zero_adjustment:
            movement.row.settle("memo", "zero_adjustment")
        else:
            movement.row.settle(*outcome)
        if outcome[0] in ("journaled", "memo") and not is_zero_adjustment:
            booked.append(movement)
    return booked


def count_dispositions(rows: Iterable[RawRow]) -> dict[tuple[str, str | None], int]:
    """(disposition, reason) -> number of raw rows; AssertionError where a row has none."""
    counts: Counter = Counter()
    for row in rows:
        if row.disposition is None:
            raise AssertionError(f"{row.table} {row.key} has no disposition")
        counts[row.disposition, row.reason] += 1
    return dict(counts)


def build_books(
    tables: dict[str, list[dict]],
    *,
    as_of_date: date,
    timezone: str = "UTC",
    calendar: str = "monthly",
    fiscal_year_start: Any = 1,
) -> Books:
    """The books of a company.

    `tables` holds credit_grants, credit_ledger, period_closes, currencies (dicts currency ->
    exponent or rows of the seed), perhaps standalone_selling_prices (as text) and list_prices,
    which no rule reads. `as_of_date`
    is the last day that counts, `timezone` an IANA name, `calendar` and `fiscal_year_start` as in
    `make_calendar`. Raises ValueError for an impossible calendar or close, TypeError for a float.
    """
    periods = make_calendar(calendar, fiscal_year_start)
    as_of_index = periods.index_at(as_of_date)
    if as_of_index is None:
        raise ValueError(f"as_of_date {as_of_date} is outside the calendar")
    closes = read_closes(tables.get("period_closes") or [], periods, timezone)
    currencies = read_currencies(tables.get("currencies"))
    grant_rows = read_grants(tables.get("credit_grants") or [])
    ledger_rows = read_ledger(tables.get("credit_ledger") or [])

    exceptions: list[tuple] = []
    movements: dict[str, list[Movement]] = defaultdict(list)
    for row in identify_ledger_rows(ledger_rows, exceptions):
        movement = movement_of(row, periods, timezone, as_of_date)
        if movement is not None:
            movements[row.value("credit_grant_id")].append(movement)
    counting, conflicts = newest_versions(grant_rows)

    grants: dict[str, Grant] = {}
    for grant_id, row in counting.items():
        post(movements[grant_id], closes)
        grants[grant_id] = judge_grant(row, movements[grant_id], currencies)
    prices = read_selling_prices(tables.get("standalone_selling_prices") or [], closes)
    share_purchases(grants, movements, prices)
    for grant in grants.values():
        grant.row.settle(grant.disposition, grant.reason)

    entries: list[dict] = []
    period_rows: list[dict] = []
    booked_grants: list[BookedGrant] = []
    for grant_id, group in movements.items():
        grant = grants.get(grant_id)
        booked = settle_movements(grant_id, group, grant, conflicts.get(grant_id))
        if booked:
            books = book_grant(grant, booked, periods, as_of_index)
            entries += books.entries
            period_rows += books.periods
            exceptions += books.warnings
            # A grant without a grant row of its own (an overdraft) has no booked date.
            days = [m.accounting_date for m in first_granted(booked)]
            booked_grants.append(
                BookedGrant(grant, min(days, default=date.min), booked, books.changes)
            )
    exceptions += [
        (row.table, row.key, row.reason)
        for row in grant_rows + ledger_rows
        if row.disposition == "exception"
    ]
    rank = list(EVENT_OF_KIND.values()).index
    return Books(
        entries=sorted(
            entries,
            key=lambda entry: (
                entry["obligation_id"],
                entry["accounting_period"],
                entry["effective_period"],
                rank(entry["event_type"]),
            ),
        ),
        grant_periods=sorted(
            period_rows, key=lambda row: (row["grant_id"], row["accounting_period"])
        ),
        exceptions=sorted(
            exceptions, key=lambda item: (item[0], item[1] is not None, item[1] or "", item[2])
        ),
        dispositions={
            "credit_grants": count_dispositions(grant_rows),
            "credit_ledger": count_dispositions(ledger_rows),
        },
        balances=account_balances(entries, periods, as_of_index),
        booked=booked_grants,
    )
