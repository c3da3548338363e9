"""The history of breakage and the back-test of its estimates, worked out again in Python.

A random company in an in-house ledger (the generic room): grants of every month, used at random,
some of it known late, some overdrawn or revoked; estimates that replace each other. What is taken
from the build are the units of each grant and period (fct_credit_grant_periods and
fct_credit_breakage, which other tests prove); cohorts, chain ladder, ranges, predictions and
percentage points are computed here with fractions that are cut where the reports are.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import books
import histories
import pytest
import rooms
from installing import install
from test_credit_events import ENTRY_TYPES, GRANT_TYPES
from warehouse import Row, Warehouse

PROJECT = Path(__file__).parent / "breakage_reports_project"
MARTS = (
    "rpt_breakage_experience",
    "rpt_breakage_backtest",
    "fct_credit_breakage",
    "fct_credit_grant_periods",
    "dim_credit_grants",
    "fct_journal_entries",
)
# June has not ended: nothing is estimated in it.
AS_OF, LAST_PERIOD = date(2026, 6, 10), "2026-05"
VARS = books.company_vars(AS_OF, sources=["generic"])
MONTHS = histories.months("2025-07", "2026-05")
CLOSES = [
    histories.close_row(period, histories.after_month_end(period, 5)) for period in MONTHS[:-2]
]
PRODUCTS = ("tokens", "points", "miles", "plain")
COHORT_COUNTS = {"miles": 3}
HAIRCUT = Fraction(1, 4)
KEYS = ("product_id", "credit_unit", "category", "term_months", "grant_month")


def estimate(rate: str, effective_from: str, known_at: str, **keys: str) -> Row:
    """A row of the seed."""
    about = {"source": "development triangle", "approved_by": "controller", "memo": None}
    times = {"effective_from": effective_from, "known_at": known_at}
    return {**dict.fromkeys(KEYS), "expected_unexercised_rate": rate, **times, **about, **keys}


ESTIMATES = [
    estimate("0.1", "2025-07-01", "2025-07-01", product_id="tokens"),
    estimate("0.2", "2025-11-15", "2025-11-15", product_id="tokens"),
    estimate("0.15", "2026-01-01", "2026-01-01", product_id="tokens", grant_month="2025-12"),
    estimate("0.25", "2025-07-01", "2025-07-01", product_id="points"),
    # Known when February is closed: acts in March.
    estimate("0.185", "2026-02-01", "2026-03-20", product_id="points", category="paid"),
    estimate("0.995", "2025-07-01", "2025-07-01", product_id="miles", term_months="3"),
    estimate("0.005", "2025-07-01", "2025-07-01", product_id="miles", term_months="none"),
    estimate("0.5", "2025-07-01", "2025-07-01", product_id="nothing"),
    estimate("0.3", "2026-06-01", "2026-06-01", product_id="points"),
]


# Both reports of the sample company are compared on both engines (test_engines).
LONG_ON_POSTGRES = (
    "test_experience",
    "test_the_lowest_of_the_closed_cohorts_applies",
    "test_backtest",
    "test_an_estimate_that_never_acted_has_a_row",
    "test_a_percentage_point_is_worth_something",
)

# --------------------------------------------------------------------------------------------------
# The company
# --------------------------------------------------------------------------------------------------


def company(rng: random.Random) -> tuple[list[Row], list[Row]]:
    """Grants and entries."""
    grants: list[Row] = []
    entries: list[Row] = []
    for product in PRODUCTS:
        for month in MONTHS:
            for number in range(rng.randint(1, 3)):
                grant(rng, f"{product}-{month}-{number}", product, month, grants, entries)
    return grants, entries


def grant(
    rng: random.Random,
    name: str,
    product: str,
    month: str,
    grants: list[Row],
    entries: list[Row],
) -> None:
    """One grant and what happens to it."""
    at = datetime.fromisoformat(f"{month}-01") + timedelta(minutes=rng.randrange(27 * 24 * 60))
    # One that does not expire, and one for the estimate of a month, are always there.
    is_first, is_unused = name == f"miles-{MONTHS[0]}-0", name == "tokens-2025-12-0"
    expires = at + timedelta(days=91 if product == "miles" else rng.choice((91, 91, 30)))
    if is_first or rng.random() < 0.1:
        expires = None
    if is_unused:
        expires = at + timedelta(days=91)
    units = Decimal(rng.randrange(1, 400 * 10**9)) / 10**9
    grants.append(
        {
            "grant_id": name,
            "customer_id": "c",
            "credit_unit": product,
            "funding": "promotional" if rng.random() < 0.1 and name[-1] != "0" else "paid",
            "granted_units": units,
            "price_per_unit": Decimal(rng.randrange(1, 500)) / 1000,
            "currency": rng.choice(("USD", "USD", "JPY")),
            "effective_at": at,
            "expires_at": expires,
            "known_at": at,
        }
    )

    def entry(kind: str, amount: Decimal, when: datetime, known: datetime) -> None:
        key = f"{name}-{len(entries)}"
        row = {"entry_id": key, "grant_id": name, "entry_type": kind, "units": amount}
        entries.append({**row, "effective_at": when, "known_at": known})

    entry("grant", units, at, at)
    end = expires or datetime(2026, 6, 9)
    left = units
    unused = rng.random() < 0.2 or is_unused
    # Miles are never used up, so that the lowest share of their cohorts is one.
    for _ in range(0 if unused else rng.randint(1, 2 if product == "miles" else 7)):
        when = at + (end - at) * rng.random()
        known = when + timedelta(days=40 if rng.random() < 0.15 else 0)
        used = units * rng.randrange(1, 40) / 100
        if rng.random() < 0.95:
            used = min(used, left)
        used = Decimal(int(used * 10**9)) / 10**9
        if used > 0:
            entry("consume", -used, when, known)
            left -= used
    if left > 0 and rng.random() < 0.08:
        entry("revoke", -left, end - timedelta(hours=1), end - timedelta(hours=1))
        left = Decimal(0)
    if left > 0 and expires:
        entry("expire", -left, expires, expires)


@dataclass
class Built:
    """What was built, on one engine."""

    experience: list[Row]
    backtest: list[Row]
    breakage: list[Row]
    periods: list[Row]
    grants: dict[str, Row]
    entries: list[Row]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, with revrec installed by `dbt deps`."""
    return install(PROJECT, tmp_path_factory.mktemp("breakage_reports"))


@pytest.fixture(scope="module")
def built(warehouse: Warehouse, project: Path, seed: int) -> Iterator[Built]:
    """The company on an engine, with the tests of the two reports."""
    grants, entries = company(random.Random(f"{seed} breakage reports"))
    rooms.load_room(warehouse, "generic", {})
    warehouse.load("generic", "credit_grants", GRANT_TYPES, grants)
    warehouse.load("generic", "credit_entries", ENTRY_TYPES, entries)
    books.load_finance(warehouse, {"breakage_estimates": ESTIMATES}, CLOSES)
    selection = ["--select", *(f"+{mart}" for mart in MARTS)]
    for mart in MARTS[:2]:
        selection += [f"{mart}_rows_are_unique", f"{mart}_is_not_negative"]
    options = ("--indirect-selection", "empty", "--exclude-resource-type", "unit_test")
    warehouse.build("build", *selection, *options, vars=VARS, project_dir=project).check()
    tables = {mart: warehouse.table(mart) for mart in MARTS}
    yield Built(
        *(tables[mart] for mart in MARTS[:4]),
        {row["grant_id"]: row for row in tables["dim_credit_grants"]},
        tables["fct_journal_entries"],
    )


# --------------------------------------------------------------------------------------------------
# Cohorts
# --------------------------------------------------------------------------------------------------


def index(period: str) -> int:
    """The number of a month."""
    return int(period[:4]) * 12 + int(period[5:7])


def term(row: Row) -> str:
    """Months from the effective date to the expiry date, rounded half up."""
    if row["expires_at"] is None:
        return "none"
    days = (row["expires_at"].date() - row["effective_at"].date()).days
    return str(int(Fraction(days * 12, 365) + Fraction(1, 2)))


def cut(value: Fraction, decimals: int) -> Fraction:
    """A value >= 0, cut off."""
    return Fraction(int(value * 10**decimals), 10**decimals)


def share(part: Fraction, whole: Fraction) -> Fraction | None:
    """The share of units, 0 to 1, cut off at 6 decimals."""
    return cut(min(max(part / whole, Fraction(0)), Fraction(1)), 6) if whole > 0 else None


@dataclass
class State:
    """What a grant, or a cohort, had come to by the end of a period."""

    granted: Fraction = Fraction(0)
    exercised: Fraction = Fraction(0)
    expired: Fraction = Fraction(0)
    # Grants with units left, or whose term is not over.
    open: int = 0

    @property
    def is_closed(self) -> bool:
        return self.open == 0 and self.granted > 0

    def __add__(self, other: State) -> State:
        return State(
            self.granted + other.granted,
            self.exercised + other.exercised,
            self.expired + other.expired,
            self.open + other.open,
        )


Kind = tuple[str, str, str]
# Kind, grant month: the state by period, from the first movement on; the last period with one.
Cohorts = dict[tuple[Kind, str], tuple[dict[int, State], int]]


def in_term(built: Built, name: str, period: int) -> int:
    """1 in a period before the one in which the term of a grant ends, if ever, else 0."""
    expires = built.grants[name]["expires_at"]
    return int(expires is None or period < index(f"{expires:%Y-%m}"))


LOST = {
    "credit_expired": 0,
    "credit_expiry_reversed": 0,
    "credit_revoked": 1,
    "credit_refunded": 1,
}


def lost_units(built: Built) -> dict[tuple[str, int], list[Fraction]]:
    """By grant and period the units that expired and were revoked, as far as they had value."""
    found: dict[tuple[str, int], list[Fraction]] = defaultdict(lambda: [Fraction(0), Fraction(0)])
    for row in built.entries:
        if row["event_type"] in LOST:
            sign = 1 if row["debit_account"] == "deferred_revenue" else -1
            place = found[row["obligation_id"], index(row["accounting_period"])]
            place[LOST[row["event_type"]]] += sign * Fraction(row["quantity"])
    return found


def cohorts(built: Built) -> Cohorts:
    """All cohorts of deferred grants, dense up to the last period that has ended."""
    histories_of: dict[str, dict[int, State]] = defaultdict(dict)
    moved: dict[str, int] = {}
    lost = lost_units(built)
    running: dict[str, list[Fraction]] = defaultdict(lambda: [Fraction(0), Fraction(0)])
    last = index(LAST_PERIOD)
    for row in sorted(built.periods, key=lambda row: row["accounting_period"]):
        name, period = row["grant_id"], index(row["accounting_period"])
        if built.grants[name]["presentation"] != "deferred" or period > last:
            continue
        sums = running[name]
        for kind, units in enumerate(lost[name, period]):
            sums[kind] += units
        granted = Fraction(row["valued_granted_to_date_units"]) - sums[1]
        exercised = Fraction(row["valued_released_to_date_units"]) - sums[0] - sums[1]
        state = State(granted, exercised, sums[0], int(row["closing_units"] > 0))
        histories_of[name][period] = state
        kinds = ("granted", "consumed", "expired", "revoked", "adjusted")
        if any(row[f"{kind}_units"] for kind in kinds):
            moved[name] = period
    members: dict[tuple[Kind, str], list[str]] = defaultdict(list)
    for name in histories_of:
        row = built.grants[name]
        kind = (row["credit_unit"], row["funding"], term(row))
        members[kind, f"{row['booked_date']:%Y-%m}"].append(name)
    found: Cohorts = {}
    for key, names in members.items():
        first = min(min(histories_of[name]) for name in names)
        states = {}
        for period in range(first, last + 1):
            total = State()
            for name in names:
                known = [p for p in histories_of[name] if p <= period]
                if known:
                    state = histories_of[name][max(known)]
                    total += replace(state, open=max(state.open, in_term(built, name, period)))
            states[period] = total
        found[key] = states, max(moved[name] for name in names)
    return found


def closed_shares(found: Cohorts, kind: Kind, period: int, count: int) -> tuple[int, list]:
    """How many cohorts of a kind are closed in a period, and the shares of the latest."""
    closed = sorted(
        (month, states[period])
        for (other, month), (states, _) in found.items()
        if other == kind and period in states and states[period].is_closed
    )
    shares = [share(state.expired, state.granted) for _, state in closed[::-1][:count]]
    return len(closed), shares


def ladder(
    triangle: dict[str, dict[int, State]], longest: int
) -> tuple[dict[int, Fraction | None], dict[int, Fraction | None]]:
    """Factors to the next age, and to the end."""
    factors: dict[int, Fraction | None] = {longest: None}
    products: dict[int, Fraction | None] = {longest: Fraction(1)}
    for age in range(longest - 1, -1, -1):
        pairs = [(row[age], row[age + 1]) for row in triangle.values() if {age, age + 1} <= {*row}]
        before = sum((a.exercised for a, _ in pairs), Fraction(0))
        after = sum((b.exercised for _, b in pairs), Fraction(0))
        factors[age] = cut(after / before, 9) if before > 0 else None
        product = products[age + 1]
        if factors[age] is None:
            products[age] = None if after > 0 else product
        else:
            products[age] = None if product is None else cut(factors[age] * product, 9)
    return factors, products


def expected_experience(built: Built) -> Iterator[Row]:
    """Every row of the report."""
    found = cohorts(built)
    last = index(LAST_PERIOD)
    for kind in {kind for kind, _ in found}:
        of_kind = {month: value for (other, month), value in found.items() if other == kind}
        longest = max(moved - index(month) for month, (_, moved) in of_kind.items())
        triangle = {
            month: {
                period - index(month): state
                for period, state in states.items()
                if period - index(month) <= longest
            }
            for month, (states, _) in of_kind.items()
        }
        factors, products = ladder(triangle, longest)
        count = COHORT_COUNTS.get(kind[0], 2)
        closed, shares = closed_shares(found, kind, last, count)
        for month, row in triangle.items():
            for age, state in row.items():
                projected = None
                is_latest = age == max(row)
                if is_latest and state.is_closed:
                    projected = state.exercised
                elif is_latest and state.exercised > 0 and products[age] is not None:
                    most = max(state.exercised, state.granted - state.expired)
                    projected = min(cut(state.exercised * products[age], 9), most)
                    projected = max(projected, state.exercised)
                yield {
                    "source_system": "generic",
                    "product_id": kind[0],
                    "credit_unit": kind[0],
                    "category": kind[1],
                    "term_months": kind[2],
                    "grant_month": month,
                    "age_months": age,
                    "is_latest": is_latest,
                    "is_closed": state.is_closed,
                    "granted_units": state.granted,
                    "exercised_units": state.exercised,
                    "expired_units": state.expired,
                    "unexercised_share": share(state.granted - state.exercised, state.granted),
                    "development_factor": factors[age],
                    "cumulative_factor": products[age],
                    "projected_exercised_units": projected,
                    "projected_unexercised_share": None
                    if projected is None
                    else share(state.granted - projected, state.granted),
                    "closed_cohorts": closed,
                    "range_cohorts": count,
                    "lowest_unexercised_share": min(shares, default=None),
                    "highest_unexercised_share": max(shares, default=None),
                }


def exact(rows: Iterable[Row], *key: str) -> dict[tuple, Row]:
    """Rows by their key, numbers as fractions."""
    found = {}
    for row in rows:
        values = {n: Fraction(v) if isinstance(v, Decimal) else v for n, v in row.items()}
        assert found.setdefault(tuple(row[name] for name in key), values) is values, "a key twice"
    return found


def assert_same(expected: dict[tuple, Row], found: dict[tuple, Row]) -> None:
    """The same rows, or say which column of which row differs."""
    assert expected.keys() == found.keys()
    for key, row in expected.items():
        different = {n: (row[n], found[key][n]) for n in row if row[n] != found[key][n]}
        assert not different, (key, different, found[key])
        assert row.keys() == found[key].keys()


def test_experience(built: Built) -> None:
    """Every column of every row."""
    key = ("product_id", "category", "term_months", "grant_month", "age_months")
    expected = exact(expected_experience(built), *key)
    assert len(expected) > 100
    assert_same(expected, exact(built.experience, *key))


def test_the_lowest_of_the_closed_cohorts_applies(built: Built) -> None:
    """In each period the history of that period: a closed one does not move."""
    found = cohorts(built)
    lowest_ones = set()
    for row in built.breakage:
        about = built.grants[row["grant_id"]]
        if about["credit_unit"] != "miles" or row["estimated_rate"] is None or not row["has_ended"]:
            continue
        kind = (about["credit_unit"], about["funding"], term(about))
        closed, shares = closed_shares(found, kind, index(row["accounting_period"]), 3)
        expected = min(Fraction(row["estimated_rate"]), *shares) if closed >= 3 else Fraction(0)
        assert Fraction(row["applied_rate"]) == expected, row
        lowest_ones.add(expected)
    assert len(lowest_ones) > 1, "the constraint never changed"


# --------------------------------------------------------------------------------------------------
# The back-test
# --------------------------------------------------------------------------------------------------


def acts_from(row: Row) -> str:
    """The first period in which an estimate acts."""
    known = datetime.fromisoformat(row["known_at"])
    closed = [close["accounting_period"] for close in CLOSES if close["closed_at"] <= known]
    first_open = index(max(closed)) + 1 if closed else 0
    number = max(index(row["effective_from"]), first_open)
    return f"{(number - 1) // 12}-{(number - 1) % 12 + 1:02}"


def acting(about: Row, period: str) -> int | None:
    """The number of the estimate that acts on a grant in a period."""
    keys = (
        *(about["credit_unit"],) * 2,
        about["funding"],
        term(about),
        f"{about['booked_date']:%Y-%m}",
    )
    matches = []
    for number, row in enumerate(ESTIMATES):
        filled = [row[name] is not None for name in KEYS]
        fits = all(row[n] in (None, key) for n, key in zip(KEYS, keys, strict=True))
        if fits and acts_from(row) <= period and row["effective_from"] <= str(AS_OF):
            order = (sum(filled), filled, row["effective_from"], row["known_at"])
            matches.append((order, number))
    return max(matches)[1] if matches else None


def half_up(value: Fraction) -> int:
    """A value >= 0, rounded half away from zero."""
    return int(value + Fraction(1, 2))


def ahead(row: Row, about: Row, rate: Fraction, deferred: int, expired: int) -> int:
    """Breakage recognised ahead of expiry, at a rate."""
    granted, used = (Fraction(row[f"{kind}_units"]) for kind in ("granted", "exercised"))
    price = Fraction(about["price_numerator"]) / Fraction(about["price_denominator"]) * 10**9
    reached = max(granted * (1 - rate), used)
    part = min(Fraction(1), used / reached) if used else Fraction(0)
    earned = half_up(price * granted * part) - half_up(price * used) if used else 0
    return min(max(earned - expired, 0), deferred)


def expected_backtest(built: Built) -> Iterator[Row]:
    """The figures of every row that has grants."""
    rows_of: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(built.breakage, key=lambda row: row["accounting_period"]):
        rows_of[row["grant_id"]].append(row)
    balance = {(r["grant_id"], r["accounting_period"]): r for r in built.periods}
    left = {}
    for row in sorted(built.periods, key=lambda row: row["accounting_period"]):
        left[row["grant_id"]] = row["closing_units"]
    sums: dict[tuple[int, str], Row] = {}
    members: dict[tuple[int, str], list[Row]] = defaultdict(list)
    for name, rows in rows_of.items():
        about = built.grants[name]
        ended = [row for row in rows if row["has_ended"]]
        for number in {acting(about, row["accounting_period"]) for row in ended} - {None}:
            key = number, about["currency"]
            members[key].append(about)
            total = sums.setdefault(key, defaultdict(Fraction))
            last = rows[-1]
            has_ended = left[name] <= 0 and not in_term(built, name, index(LAST_PERIOD))
            prefix = "ended" if has_ended else "open"
            total["grant_count"] += 1
            total["granted_units"] += Fraction(last["granted_units"])
            total[f"{prefix}_granted_units"] += Fraction(last["granted_units"])
            if has_ended:
                total["ended_grant_count"] += 1
                total["actual_unexercised_units"] += Fraction(last["expired_units"])
            else:
                total["open_exercised_units"] += Fraction(last["exercised_units"])
            if acting(about, ended[-1]["accounting_period"]) != number:
                continue
            # What is deferred at cost: the balance, and what was recognised ahead of it.
            state = ended[-1]
            periods = [p for n, p in balance if n == name and p <= state["accounting_period"]]
            deferred = balance[name, max(periods)]["closing_deferred_minor"]
            deferred += state["breakage_ahead_minor"]
            if deferred == 0:
                continue
            total["acting_grant_count"] += 1
            expired = state["breakage_to_date_minor"] - state["breakage_ahead_minor"]
            rate = Fraction(state["applied_rate"])
            now = ahead(state, about, rate, deferred, expired)
            assert now == state["breakage_ahead_minor"], state
            higher = min(rate + Fraction(1, 100), Fraction(999999, 1000000))
            lower = max(rate - Fraction(1, 100), Fraction(0))
            total["one_point_up_minor"] += ahead(state, about, higher, deferred, expired) - now
            total["one_point_down_minor"] += ahead(state, about, lower, deferred, expired) - now
    for (number, currency), total in sums.items():
        row = ESTIMATES[number]
        rate = Fraction(row["expected_unexercised_rate"])
        last_acting = max(
            period
            for period in histories.months("2025-07", LAST_PERIOD)
            for about in members[number, currency]
            if acting(about, period) == number
        )
        after = index(last_acting)
        predicted = cut(total["ended_granted_units"] * rate, 9)
        yield {
            **total,
            "product_id": row["product_id"],
            "effective_from": date.fromisoformat(row["effective_from"]),
            "expected_unexercised_rate": rate,
            "acts_from": acts_from(row),
            "was_replaced_on": None
            if last_acting == LAST_PERIOD
            else f"{after // 12}-{after % 12 + 1:02}",
            "currency": currency,
            "predicted_unexercised_units": predicted,
            "difference_units": total["actual_unexercised_units"] - predicted,
            "actual_unexercised_share": share(
                total["actual_unexercised_units"], total["ended_granted_units"]
            ),
        }


COMPARED = (
    "product_id",
    "effective_from",
    "expected_unexercised_rate",
    "acts_from",
    "was_replaced_on",
    "currency",
    "grant_count",
    "granted_units",
    "ended_grant_count",
    "ended_granted_units",
    "predicted_unexercised_units",
    "actual_unexercised_units",
    "difference_units",
    "actual_unexercised_share",
    "open_granted_units",
    "open_exercised_units",
    "acting_grant_count",
    "one_point_up_minor",
    "one_point_down_minor",
)


def test_backtest(built: Built) -> None:
    """Every figure of every estimate that ever acted."""
    key = ("product_id", "effective_from", "currency", "expected_unexercised_rate")
    expected = ({n: row.get(n, 0) for n in COMPARED} for row in expected_backtest(built))
    found = ({n: row[n] for n in COMPARED} for row in built.backtest if row["grant_count"])
    expected_rows = exact(expected, *key)
    assert len(expected_rows) > 5
    assert_same(expected_rows, exact(found, *key))


def test_an_estimate_that_never_acted_has_a_row(built: Built) -> None:
    """Without source system and currency; the one whose month has not ended too."""
    never = {row["product_id"]: row for row in built.backtest if row["source_system"] is None}
    assert never.keys() == {"nothing", "points"}
    assert all(row["currency"] is None and row["grant_count"] == 0 for row in never.values())
    assert never["points"]["acts_from"] == "2026-06"
    assert {row["was_replaced_on"] for row in built.backtest} >= {None, "2025-11", "2026-03"}


def test_a_percentage_point_is_worth_something(built: Built) -> None:
    """Up, and down; a rate of half a percent goes no lower than zero."""
    assert any(row["one_point_up_minor"] > 0 for row in built.backtest)
    assert any(row["one_point_down_minor"] < 0 for row in built.backtest)
