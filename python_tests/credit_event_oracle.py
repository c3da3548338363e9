"""An independent oracle of credits that pay invoices of the books, in plain Python and fractions.

It is written from the rules (design sections 2 to 4, DECISIONS 3, 38 and 54 to 56; what is left
expires on its date where no row says so), not from the SQL, and shares no code with it. The rows
are those of the generic room, typed natively. From `oracle` it takes the calendar, the closes and
the rounding. The entry point is `build_books`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from oracle import (
    UNIT_PLACES,
    ZERO,
    Calendar,
    Closes,
    covered,
    exact_decimal,
    make_calendar,
    read_closes,
    round_half_away,
)

Row = dict[str, Any]

# Kind of movement of an entry type, and the sign by which units become those of the movement.
KIND_OF_TYPE = {
    "grant": ("granted", 1),
    "adjust": ("adjusted", 1),
    "consume": ("consumed", -1),
    "apply": ("applied", -1),
    "apply_reversal": ("applied", -1),
    "consume_reversal": ("reversed", 1),
    "expire": ("expired", -1),
    "revoke": ("revoked", -1),
    "refund": ("refunded", -1),
}
# In the order in which they are booked inside one (accounting, effective) period, with what they
# add to the units released.
RELEASE_SIGN = {
    "returned": -1,
    "granted": 0,
    "adjusted": 0,
    "consumed": 1,
    "applied": 1,
    "reversed": -1,
    "expired": 1,
    "revoked": 1,
    "refunded": 1,
}
EVENT_OF_KIND = {
    "returned": "credit_expiry_reversed",
    "granted": "credit_granted",
    "adjusted": "credit_adjusted",
    "consumed": "credit_consumed",
    "reversed": "credit_consumption_reversed",
    "expired": "credit_expired",
    "revoked": "credit_revoked",
    "refunded": "credit_refunded",
}
LINE_TYPES = {
    "grant": "issue",
    "apply": "redemption",
    "apply_reversal": "redemption_voided",
    "revoke": "reduction",
    "refund": "refund",
    "expire": "expiry",
    "adjust": "adjustment",
    "consume": "use",
    "consume_reversal": "use_reversed",
}
CREDIT_EVENT_FUNDINGS = ("goodwill", "on_account", "prepayment", "gift_card")
FUNDINGS = ("paid", "promotional", *CREDIT_EVENT_FUNDINGS)
MONEY_TYPES = ("apply", "apply_reversal", "refund")


@dataclass(frozen=True)
class Books:
    """What the rules make of the raw tables.

    Attributes:
        entries: the journal of the grants; entries of applications only where they are not zero.
        grant_periods: units and value per grant and accounting period.
        event_lines: the lines of credits that are events.
        exceptions: (table, key, reason), with the warnings of grants.
        dispositions: (table, key, disposition, reason) to number of raw rows.
        receivables: invoice to what is receivable of it, in minor units.
    """

    entries: list[Row]
    grant_periods: list[Row]
    event_lines: list[Row]
    exceptions: set[tuple]
    dispositions: Counter
    receivables: dict[str, int]


# --------------------------------------------------------------------------------------------------
# Facts
# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """What is the same for all rows."""

    calendar: Calendar
    closes: Closes
    as_of_date: date
    currencies: Mapping[str, int]
    is_owed_at_issue: Callable[[str], bool]

    def index(self, instant: datetime) -> int:
        """The period of an instant.

        Raises:
            ValueError: it is outside the calendar.
        """
        index = self.calendar.index_at(instant.date())
        if index is None:
            raise ValueError(f"{instant} is outside the calendar")
        return index

    def first_open(self, known: datetime) -> int:
        """The first period that was open then."""
        return self.posted(0, known)

    def posted(self, effective: int, known: datetime) -> int:
        """Where a fact of a period posts that became known then."""
        return self.closes.posting_index(effective, known.replace(tzinfo=UTC))


@dataclass(frozen=True)
class Invoice:
    """An invoice in the books."""

    currency: str
    known: datetime
    posted: int
    total_minor: int


@dataclass
class Fact:
    """A ledger row that has no fault of its own."""

    row: Row
    kind: str
    units: Fraction
    known: datetime
    effective: int
    posted: int = -1
    money: int = 0
    """Of what pays an invoice or is paid out: in minor units, negative where it comes back."""
    reason: str | None = None
    """Why it cannot pay what it is to pay."""
    is_synthesised: bool = False
    """Whether no row says it, but the date of expiry of the grant."""

    @property
    def row_type(self) -> str:
        """The type of the row."""
        return self.row["entry_type"]

    @property
    def is_listed_ahead(self) -> bool:
        """Whether its fault is listed although it lies after the day of the books.

        That is so where it names no invoice; and of a refund, which waits for no other row.
        """
        if self.row_type == "refund":
            return self.reason in ("not_money", "prepayment_refunded")
        return self.reason == "unknown_invoice" and self.row["invoice_id"] is None

    @property
    def day(self) -> date:
        """The day on which it happened."""
        return self.row["effective_at"].date()

    @property
    def balance_change(self) -> Fraction:
        """What it does to what the grant has left."""
        return (-RELEASE_SIGN[self.kind] or 1) * self.units

    @property
    def order(self) -> tuple:
        """What orders applications within their movement; the histories have no ties."""
        return self.row["effective_at"], self.known


@dataclass
class Credit:
    """A grant: its terms, or why it has none."""

    row: Row
    disposition: str = "terms"
    reason: str | None = None
    cost: Fraction = ZERO
    """Exact minor units per unit."""
    exponent: int = 0
    is_owed: bool = False

    @property
    def funding(self) -> str:
        """Who paid for it."""
        return self.row["funding"]

    @property
    def holds_value(self) -> bool:
        """Whether the books have a balance of it."""
        return self.funding not in ("promotional", "goodwill") or self.is_owed

    @property
    def balance_account(self) -> str:
        """The account on which what is left of it stands."""
        owed = self.funding == "on_account" or self.is_owed
        return "customer_balance" if owed else "deferred_revenue"

    @property
    def funding_account(self) -> str | None:
        """What its grant debits; None where another entry books it."""
        if self.is_owed:
            return "credit_notes"
        return {
            "on_account": None,
            "prepayment": "accounts_receivable",
            "gift_card": "gift_card_liability",
        }.get(self.funding, "cash")

    def accounts(self, kind: str) -> tuple[str, str] | None:
        """(debit, credit) of a positive value; None where there is no such entry."""
        if kind == "refunded":
            return None
        held = self.balance_account
        lost = {"goodwill": "credit_notes"}
        deleted = {**lost, "on_account": "customer_balance_adjustments"}
        deleted["prepayment"] = "accounts_receivable"
        if kind == "granted":
            return None if self.funding_account is None else (self.funding_account, held)
        if kind == "adjusted":
            return self.funding_account or "customer_balance_adjustments", held
        gained = {
            "consumed": "credit_revenue",
            "reversed": "credit_revenue",
            "returned": lost.get(self.funding, "breakage_revenue"),
            "expired": lost.get(self.funding, "breakage_revenue"),
            "revoked": deleted.get(self.funding, "refund_liability"),
        }[kind]
        return (gained, held) if RELEASE_SIGN[kind] < 0 else (held, gained)


def single_rows(
    rows: Iterable[Row], table: str, key: str, found: Counter, exceptions: set[tuple]
) -> tuple[list[Row], set[str]]:
    """The row of each id that counts, and the ids that are in conflict.

    Those that do not count are added to the dispositions and the exceptions.
    """
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[key]].append(row)
    counting, conflicts = [], set()
    for name, group in groups.items():
        if any(row != group[0] for row in group):
            conflicts.add(name)
            found[table, name, "exception", "duplicate_conflict"] += len(group)
            exceptions.add((table, name, "duplicate_conflict"))
            continue
        counting.append(group[0])
        if len(group) > 1:
            found[table, name, "excluded", "duplicate"] += len(group) - 1
    return counting, conflicts


def minor_units(amount: Decimal, exponent: int) -> Fraction:
    """An amount in minor units."""
    return Fraction(amount) * 10**exponent


def invoices_in_books(world: World, tables: Mapping[str, list[Row]]) -> dict[str, Invoice]:
    """Invoices with a line that was billed by the day of the books."""
    found = {}
    for line in tables["service_lines"]:
        booked = line["booked_at"]
        if booked.date() > world.as_of_date:
            continue
        known = line["booked_known_at"] or booked
        amount = minor_units(line["amount"], world.currencies[line["currency"]])
        found[line["invoice_id"]] = Invoice(
            line["currency"], known, world.posted(world.index(booked), known), int(amount)
        )
    return found


# --------------------------------------------------------------------------------------------------
# Judging
# --------------------------------------------------------------------------------------------------


def judge_payment(fact: Fact, credit: Credit | None, invoices: Mapping[str, Invoice]) -> None:
    """Of what pays an invoice or is paid out: its money, and why it cannot be that."""
    if fact.row_type not in MONEY_TYPES:
        return
    invoice = invoices.get(fact.row["invoice_id"])
    if fact.row_type != "refund" and invoice is None:
        fact.reason = "unknown_invoice"
    elif credit is None:
        return
    elif credit.row["credit_unit"] != credit.row["currency"]:
        fact.reason = "not_money"
    elif fact.row_type != "refund" and invoice.currency != credit.row["currency"]:
        fact.reason = "currency_mismatch"
    elif fact.row_type == "refund" and credit.funding == "prepayment":
        fact.reason = "prepayment_refunded"
    else:
        money = fact.units * 10**credit.exponent
        if money.denominator != 1:
            fact.reason = "precision_exceeded"
        fact.money = int(money)


def post(world: World, facts: list[Fact], invoices: Mapping[str, Invoice]) -> None:
    """Set the accounting period of the facts of one grant.

    Nothing is known before the grant is, nor a payment before its invoice; nor does a payment come
    before its invoice in the books.
    """
    granted = min((fact.known for fact in facts if fact.kind == "granted"), default=datetime.min)
    for fact in facts:
        known, floor = max(fact.known, granted), -1
        if fact.kind == "applied":
            invoice = invoices[fact.row["invoice_id"]]
            known, floor = max(known, invoice.known), invoice.posted
        fact.posted = max(world.posted(fact.effective, known), floor)


def first_granted_units(facts: list[Fact]) -> Fraction | None:
    """The units of the grant rows that come first in book order; None where there is none."""
    granted = [fact for fact in facts if fact.kind == "granted"]
    first = min(((fact.posted, fact.effective) for fact in granted), default=None)
    units = [fact.units for fact in granted if (fact.posted, fact.effective) == first]
    return sum(units, ZERO) if units else None


def judge_credit(world: World, row: Row) -> Credit:
    """The terms of a grant but for its cost."""
    credit = Credit(row)
    credit.is_owed = row["funding"] == "goodwill" and world.is_owed_at_issue(row["customer_id"])
    if row["payment_status"] == "pending":
        credit.disposition, credit.reason = "excluded", "payment_pending"
    elif row["funding"] not in FUNDINGS:
        credit.disposition, credit.reason = "exception", "unknown_category"
    elif row["funding"] == "paid" and row["price_total"] is row["price_per_unit"] is None:
        credit.disposition, credit.reason = "exception", "missing_cost_basis"
    elif row["currency"] not in world.currencies and row["funding"] != "promotional":
        credit.disposition, credit.reason = "exception", "unknown_currency"
    credit.exponent = world.currencies.get(row["currency"], 0)
    return credit


def set_cost(credit: Credit, facts: list[Fact]) -> None:
    """The cost of a unit: what was paid for it; of what is owed its face value."""
    row, units = credit.row, first_granted_units(facts)
    price = ZERO
    if not credit.holds_value:
        price = ZERO
    elif credit.balance_account == "customer_balance":
        price = Fraction(1)
    elif row["price_total"] is None:
        price = Fraction(row["price_per_unit"])
    elif units:
        price = Fraction(row["price_total"]) / units
    credit.cost = price * 10**credit.exponent


# --------------------------------------------------------------------------------------------------
# Expiry that no row says
# --------------------------------------------------------------------------------------------------


def version_time(row: Row) -> datetime:
    """When a version of a grant's row was recorded; one without a time is the oldest."""
    return row["known_at"] or datetime.min


@dataclass(frozen=True)
class Expiry:
    """What one version of a grant says: from which period on it counts, and when it expires."""

    counts_from: int
    at: datetime | None = None
    effective: int = -1
    posted: int = -1


def expiries_of(world: World, versions: list[Row]) -> list[Expiry]:
    """By age of the version: the oldest counts from the beginning."""
    found = []
    for row in sorted(versions, key=version_time):
        counts_from = world.first_open(version_time(row)) if found else 0
        at = row["expires_at"]
        if at is None or at.date() > world.as_of_date or row["effective_at"] > at:
            found.append(Expiry(counts_from))
            continue
        effective = world.index(at)
        found.append(Expiry(counts_from, at, effective, world.posted(effective, at)))
    return found


def is_awaited(world: World, fact: Fact, granted: datetime, period: int) -> bool:
    """Whether a row of expiry is known in a period and posts later."""
    end_of_day = datetime.combine(fact.day, datetime.max.time())
    known = max(map(world.first_open, (fact.known, granted, end_of_day)))
    return known <= period < fact.posted


def synthesised(world: World, versions: list[Row], facts: list[Fact]) -> list[Fact]:
    """What expires, and comes back, because of the date of the grant: what it would have left.

    Period by period: the newest version that counts there says whether it has expired.
    """
    expiries, found = expiries_of(world, versions), []
    granted = min((fact.known for fact in facts if fact.kind == "granted"), default=datetime.min)
    places = [fact.posted for fact in facts]
    places += [index for item in expiries for index in (item.counts_from, item.posted)]
    before, was = ZERO, Expiry(0)
    for period in range(max(places) + 1):
        now = [item for item in expiries if item.counts_from <= period][-1]
        gone = ZERO
        rows = [fact for fact in facts if fact.kind == "expired"]
        if now.at is not None and now.posted <= period:
            left = sum((fact.balance_change for fact in facts if fact.posted <= period), ZERO)
            if not any(is_awaited(world, fact, granted, period) for fact in rows):
                gone = max(left, ZERO)
        if gone != before:
            its = now if gone > before else was
            added = [
                fact.effective
                for fact in facts
                if fact.posted == period and fact.balance_change > 0 and gone > before
            ]
            row = {"entry_type": "expire", "effective_at": its.at, "entry_id": None}
            kind = "expired" if gone > before else "returned"
            place = max([its.effective, *added])
            fact = Fact(row, kind, abs(gone - before), datetime.min, place, period)
            fact.is_synthesised = True
            found.append(fact)
        before, was = gone, now
    return found


def newest_versions(rows: Iterable[Row], found: Counter) -> tuple[list[Row], dict[str, list[Row]]]:
    """The newest rows of each grant, and all versions of it; the older ones are dispositions."""
    versions: dict[str, dict[datetime, Row]] = defaultdict(dict)
    for row in rows:
        versions[row["grant_id"]].setdefault(version_time(row), row)
    newest = []
    for row in rows:
        if version_time(row) == max(versions[row["grant_id"]]):
            newest.append(row)
        else:
            found["credit_grants", row["grant_id"], "excluded", "superseded_version"] += 1
    return newest, {name: list(rows.values()) for name, rows in versions.items()}


# --------------------------------------------------------------------------------------------------
# One grant's books
# --------------------------------------------------------------------------------------------------


@dataclass
class Ledger:
    """Runs through the facts of a grant in book order and collects what they do."""

    world: World
    credit: Credit
    granted: Fraction = ZERO
    released: Fraction = ZERO
    revoked_beyond: Fraction = ZERO
    sums: Counter = field(default_factory=Counter)
    quantities: dict[tuple, Fraction | None] = field(default_factory=dict)
    rows_behind: dict[tuple, list[Fact]] = field(default_factory=dict)
    settled: dict[tuple, list[Fact]] = field(default_factory=lambda: defaultdict(list))
    is_clear: dict[tuple, bool] = field(default_factory=dict)
    days: dict[tuple, list[date]] = field(default_factory=dict)
    units_moved: dict[int, Counter] = field(default_factory=lambda: defaultdict(Counter))
    minor_moved: dict[int, Counter] = field(default_factory=lambda: defaultdict(Counter))

    def worth(self, units: Fraction) -> int:
        """The rounded value of a cumulative number of units."""
        return round_half_away(max(units, ZERO) * self.credit.cost)

    def move(self, granted: Fraction, released: Fraction) -> tuple[Fraction, int]:
        """Change the units granted and released.

        Returns:
            the released units that carry value, and that value, as the change of both.
        """
        before = covered(self.released, self.granted)
        self.granted += granted
        self.released += released
        after = covered(self.released, self.granted)
        return after - before, self.worth(after) - self.worth(before)

    def run(self, facts: list[Fact]) -> None:
        """Book all facts of the grant."""
        buckets: dict[tuple[int, int], dict[str, list[Fact]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for fact in facts:
            buckets[fact.posted, fact.effective][fact.kind].append(fact)
        for place in sorted(buckets):
            self.book(place, buckets[place])

    def book(self, place: tuple[int, int], bucket: Mapping[str, list[Fact]]) -> None:
        """Book one (accounting period, effective period)."""
        newly_covered = ZERO, 0
        for kind, sign in RELEASE_SIGN.items():
            facts = bucket.get(kind, [])
            units = sum((fact.units for fact in facts), ZERO)
            self.units_moved[place[0]][kind] += units
            if kind == "applied":
                for fact in sorted(facts, key=lambda fact: fact.order):
                    self.pay(place, fact)
                continue
            if kind in ("granted", "adjusted"):
                before = max(self.granted, ZERO)
                covered_units, covered_value = self.move(units, ZERO)
                newly_covered = newly_covered[0] + covered_units, newly_covered[1] + covered_value
                after = max(self.granted, ZERO)
                changed, value = after - before, self.worth(after) - self.worth(before)
            else:
                changed, value = self.move(ZERO, sign * units)
                if kind == "revoked":
                    self.revoked_beyond += units - changed
                if kind == "consumed":
                    # Earlier use that more credits cover is consumption of their period.
                    changed, value = changed + newly_covered[0], value + newly_covered[1]
                changed, value = sign * changed, sign * value
            self.minor_moved[place[0]][kind] += value
            event, pair = EVENT_OF_KIND[kind], self.credit.accounts(kind)
            if kind == "refunded" and facts:
                money = sum(fact.money for fact in facts)
                self.settle(place, event, None, facts, changed, value, money)
            elif pair is not None and (facts or changed) and self.credit.holds_value:
                key = (*place, event, None, pair)
                self.sums[key], self.quantities[key] = value, changed
                self.rows_behind[key] = facts

    def pay(self, place: tuple[int, int], fact: Fact) -> None:
        """An application or what comes back of one: released at cost, the rest a discount."""
        changed, value = self.move(ZERO, fact.units)
        self.minor_moved[place[0]]["applied"] += value
        is_back = fact.row_type == "apply_reversal"
        event = "credit_application_reversed" if is_back else "credit_applied"
        self.settle(place, event, fact.row["invoice_id"], [fact], changed, value, fact.money)

    def settle(
        self,
        place: tuple[int, int],
        event: str,
        invoice: str | None,
        facts: list[Fact],
        changed: Fraction,
        value: int,
        money: int,
    ) -> None:
        """Take what is held at cost, and the rest as a discount, off the receivable or cash."""
        other = "cash" if event == "credit_refunded" else "accounts_receivable"
        self.sums[(*place, event, invoice, (self.credit.balance_account, other))] += value
        self.sums[(*place, event, invoice, ("discounts", other))] += money - value
        key = (*place, event, invoice)
        self.settled[key] += facts
        units = sum((fact.units for fact in facts), ZERO)
        self.is_clear[key] = self.is_clear.get(key, True) and changed == units

    def entries(self) -> list[Row]:
        """The journal entries of the grant; quantity is None where rows were not all covered."""
        self.attribute()
        periods, found = self.world.calendar.periods, []
        for key, value in self.sums.items():
            posted, effective, event, invoice, (debit, credit) = key
            units = self.quantities[key]
            if value < 0 or (value == 0 and units is not None and units < 0):
                debit, credit = credit, debit
            facts = self.rows_behind[key]
            days = self.days.get(key) or [fact.day for fact in facts if fact.kind != "returned"]
            count = sum(not fact.is_synthesised for fact in facts)
            found.append(
                {
                    "obligation_id": self.credit.row["grant_id"],
                    "event_type": event,
                    "invoice_id": invoice,
                    "accounting_period": periods[posted].name,
                    "effective_period": periods[effective].name,
                    "is_correction": posted != effective,
                    "entry_date": max([*days, periods[posted].starts_on]),
                    "debit_account": debit,
                    "credit_account": credit,
                    "amount_minor": abs(value),
                    "currency": self.credit.row["currency"],
                    "quantity": None if units is None else exact_decimal(abs(units), UNIT_PLACES),
                    "source_entry_count": count,
                }
            )
        return found

    def attribute(self) -> None:
        """Rows that settle stand behind what is held, or where that is nothing, the discount."""
        for (*place, event, invoice), facts in self.settled.items():
            other = "cash" if event == "credit_refunded" else "accounts_receivable"
            key = (*place, event, invoice)
            rows, units = facts, sum((fact.units for fact in facts), ZERO)
            for account in (self.credit.balance_account, "discounts"):
                entry = (*key, (account, other))
                if self.sums[entry] == 0:
                    del self.sums[entry]
                    continue
                self.rows_behind[entry] = rows
                self.quantities[entry] = units if self.is_clear[key] or not rows else None
                self.days[entry] = [fact.day for fact in facts]
                rows, units = [], ZERO

    def periods(self) -> list[Row]:
        """Units and value per accounting period, until the units finally are zero."""
        if not self.units_moved:
            return []
        last, today = max(self.units_moved), self.world.calendar.index_at(self.world.as_of_date)
        left = sum((shown(units)["net"] for units in self.units_moved.values()), ZERO)
        end = last if left == 0 else max(last, today or 0)
        rows, held, worth = [], ZERO, 0
        for index in range(min(self.units_moved), end + 1):
            units = shown(self.units_moved.get(index, Counter()))
            # What is owed to the customer is no deferred revenue.
            is_deferred = self.credit.balance_account == "deferred_revenue"
            minor = shown(self.minor_moved.get(index, Counter()) if is_deferred else Counter())
            row = {
                "grant_id": self.credit.row["grant_id"],
                "accounting_period": self.world.calendar.periods[index].name,
                "opening_units": exact_decimal(held, UNIT_PLACES),
                "opening_deferred_minor": worth,
            }
            held, worth = held + units.pop("net"), worth + int(minor.pop("net"))
            row |= {
                f"{name}_units": exact_decimal(Fraction(n), UNIT_PLACES)
                for name, n in units.items()
            }
            row |= {f"{name}_minor": int(value) for name, value in minor.items()}
            row["closing_units"] = exact_decimal(held, UNIT_PLACES)
            row["closing_deferred_minor"] = worth
            rows.append(row)
        return rows

    def warnings(self) -> list[str]:
        """What is listed of the grant whose rows are booked all the same."""
        codes = []
        overdrawn = max(self.released - max(self.granted, ZERO), ZERO)
        revoked = min(overdrawn, max(self.revoked_beyond, ZERO))
        if revoked:
            codes.append("refund_above_remaining")
        if overdrawn > revoked:
            codes.append("overdrawn")
        if self.released < 0:
            codes.append("over_reversed")
        if self.granted < 0:
            codes.append("over_adjusted")
        return codes


def shown(moved: Mapping[str, Any]) -> dict[str, Any]:
    """Movements as they are shown, and what they change together."""
    found = {
        "granted": moved["granted"],
        "adjusted": moved["adjusted"],
        "consumed": moved["consumed"] + moved["applied"] - moved["reversed"],
        "expired": moved["expired"] - moved["returned"],
        "revoked": moved["revoked"] + moved["refunded"],
    }
    gone = found["consumed"] + found["expired"] + found["revoked"]
    return {**found, "net": found["granted"] + found["adjusted"] - gone}


# --------------------------------------------------------------------------------------------------
# The books
# --------------------------------------------------------------------------------------------------


def fact_of(world: World, row: Row) -> Fact:
    """A ledger row as a fact."""
    kind, sign = KIND_OF_TYPE[row["entry_type"]]
    return Fact(
        row=row,
        kind=kind,
        units=sign * Fraction(row["units"]),
        known=row["known_at"] or row["effective_at"],
        effective=world.index(row["effective_at"]),
    )


def disposition_of(credit: Credit, fact: Fact) -> tuple[str, str | None]:
    """What becomes of a ledger row of a grant that gives terms; memo rows without a reason."""
    if fact.kind == "adjusted" and fact.units == 0:
        return "memo", None
    if fact.row_type in MONEY_TYPES:
        return "journaled", None
    is_booked = credit.holds_value and credit.accounts(fact.kind) is not None
    return ("journaled", None) if is_booked else ("memo", None)


def event_line(world: World, credit: Credit, fact: Fact) -> Row:
    """The line of a ledger row of a credit that is an event."""
    return {
        "grant_id": credit.row["grant_id"],
        "credit_type": credit.funding,
        "line_type": LINE_TYPES[fact.row_type],
        "invoice_id": fact.row["invoice_id"],
        "event_date": fact.row["effective_at"].date(),
        "accounting_period": world.calendar.periods[fact.posted].name,
        "currency": credit.row["currency"],
        "amount_minor": round_half_away(minor_units(fact.row["units"], credit.exponent)),
        "source_key": fact.row["entry_id"],
    }


def expiry_line(world: World, credit: Credit, fact: Fact) -> Row:
    """The line of what expired, or came back, by the date of a credit that is an event."""
    period, is_gone = world.calendar.periods[fact.posted], fact.kind == "expired"
    amount = round_half_away(abs(fact.units) * 10**credit.exponent)
    return {
        "grant_id": credit.row["grant_id"],
        "credit_type": credit.funding,
        "line_type": "expiry" if is_gone else "expiry_reversed",
        "invoice_id": None,
        "event_date": fact.day if is_gone else period.starts_on,
        "accounting_period": period.name,
        "currency": credit.row["currency"],
        "amount_minor": -amount if is_gone else amount,
        "source_key": credit.row["grant_id"],
    }


def build_books(
    tables: Mapping[str, list[Row]],
    closes: Iterable[Row],
    as_of_date: date,
    currencies: Mapping[str, int],
    is_owed_at_issue: Callable[[str], bool],
) -> Books:
    """The books of a company's credits.

    Args:
        tables: credit_grants, credit_entries and service_lines of the generic room, in native
            types and UTC; each invoice has one line at most.
        closes: the rows of period_closes.
        as_of_date: the last day that counts.
        currencies: currency to exponent.
        is_owed_at_issue: whether policy goodwill_recognition says `at_issue` of a customer.
    """
    calendar = make_calendar()
    world = World(calendar, read_closes(closes, calendar), as_of_date, currencies, is_owed_at_issue)
    invoices = invoices_in_books(world, tables)
    receivables = {name: invoice.total_minor for name, invoice in invoices.items()}
    found: Counter = Counter()
    exceptions: set[tuple] = set()

    newest, versions = newest_versions(tables["credit_grants"], found)
    rows, conflicts = single_rows(newest, "credit_grants", "grant_id", found, exceptions)
    credits = {row["grant_id"]: judge_credit(world, row) for row in rows}
    for name, credit in credits.items():
        found["credit_grants", name, credit.disposition, credit.reason] += 1
        if credit.disposition == "exception":
            exceptions.add(("credit_grants", name, credit.reason))

    # Copies in conflict agree on the currency here, so a payment can be judged by any of them.
    named = {row["grant_id"]: judge_credit(world, row) for row in tables["credit_grants"]}
    rows, _ = single_rows(tables["credit_entries"], "credit_entries", "entry_id", found, exceptions)
    facts: dict[str, list[Fact]] = defaultdict(list)
    decided: list[tuple[Fact, str, str | None]] = []
    for row in rows:
        fact = fact_of(world, row)
        judge_payment(fact, named.get(row["grant_id"]), invoices)
        if fact.day > as_of_date and not fact.is_listed_ahead:
            decided.append((fact, "excluded", "after_as_of_date"))
        elif fact.reason:
            decided.append((fact, "exception", fact.reason))
        else:
            facts[row["grant_id"]].append(fact)

    entries: list[Row] = []
    periods: list[Row] = []
    lines: list[Row] = []
    for name, group in facts.items():
        credit = credits.get(name)
        post(world, group, invoices)
        outcome = None
        if name in conflicts:
            outcome = "exception", "duplicate_conflict"
        elif credit is None:
            outcome = "exception", "unknown_grant"
        elif credit.disposition != "terms":
            outcome = credit.disposition, credit.reason
        elif not any(fact.kind == "granted" for fact in group):
            outcome = "exception", "missing_grant_entry"
        if outcome is not None or credit is None:
            decided += [(fact, *(outcome or ())) for fact in group]
            continue
        set_cost(credit, group)
        decided += [(fact, *disposition_of(credit, fact)) for fact in group]
        booked = [fact for fact in group if fact.kind != "adjusted" or fact.units != 0]
        ledger = Ledger(world, credit)
        # Only the source may say that a debt has ended.
        is_debt = credit.funding == "on_account"
        expiries = [] if is_debt else synthesised(world, versions[name], booked)
        ledger.run([*booked, *expiries])
        entries += ledger.entries()
        periods += ledger.periods()
        exceptions |= {("credit_grants", name, code) for code in ledger.warnings()}
        if credit.funding in CREDIT_EVENT_FUNDINGS:
            lines += [event_line(world, credit, fact) for fact in booked]
            lines += [expiry_line(world, credit, fact) for fact in expiries]
        for fact in group:
            if fact.kind == "applied":
                receivables[fact.row["invoice_id"]] -= fact.money
    for fact, disposition, reason in decided:
        key = fact.row["entry_id"]
        found["credit_entries", key, disposition, reason] += 1
        if disposition == "exception":
            exceptions.add(("credit_entries", key, reason))
    return Books(entries, periods, lines, exceptions, found, receivables)
