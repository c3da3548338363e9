"""Tests of the oracle of breakage: published examples, and properties of random companies."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import breakage_histories
import breakage_oracle
import histories
import oracle
import pytest
from breakage_histories import Example, examples, month_at
from breakage_oracle import Books, Choice, State

AS_OF = date(2026, 6, 30)
REVENUE = ("credit_revenue", "breakage_revenue")
CURRENCIES = [{"currency": c, "exponent": e} for c, e in histories.CURRENCIES.items()]
CALENDARS = ("monthly", "quarterly", "reopened")
CUSTOMERS = 28


def books_of(
    tables: histories.Tables,
    choose: breakage_oracle.Choose = breakage_histories.choose,
    as_of: date = AS_OF,
    **settings: Any,
) -> Books:
    """The oracle's books."""
    return breakage_oracle.build_books(
        {**tables, "currencies": CURRENCIES}, choose, as_of_date=as_of, **settings
    )


def signed(entry: dict, accounts: tuple[str, ...]) -> int:
    """What an entry adds to accounts on the credit side."""
    added = (entry["credit_account"] in accounts) - (entry["debit_account"] in accounts)
    return added * entry["amount_minor"]


def by_month(entries: list[dict], grant_id: str, *accounts: str) -> dict[str, int]:
    """What the entries of a grant add to accounts in each accounting period."""
    found: Counter = Counter()
    for entry in entries:
        if entry["obligation_id"] == grant_id:
            found[entry["accounting_period"]] += signed(entry, accounts)
    return {period: amount for period, amount in found.items() if amount}


# --------------------------------------------------------------------------------------------------
# Published examples
# --------------------------------------------------------------------------------------------------


@cache
def example_books() -> Books:
    """All examples in one company."""
    return books_of(breakage_histories.tables_of(examples()))


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_published_examples(example: Example) -> None:
    """Revenue of each month, and what is deferred at its end."""
    entries = example_books().entries
    minor = 10 ** histories.CURRENCIES[example.currency]
    revenue = by_month(entries, example.name, *REVENUE)
    deferred = by_month(entries, example.name, "deferred_revenue")
    for month, (earned, left) in enumerate(zip(example.revenue, example.liability, strict=True)):
        period = f"{month_at(month, 1):%Y-%m}"
        assert revenue.pop(period, 0) == earned * minor, period
        balance = sum(amount for name, amount in deferred.items() if name <= period)
        assert balance == left * minor, period
    assert not revenue


def test_all_vectors_are_examples() -> None:
    """No row of breakage.csv is left out."""
    rows = breakage_histories.VECTORS.read_text(encoding="utf-8").splitlines()
    assert len(breakage_histories.vectors()) == len(rows) - 1 == 6


def test_a_revocation_owes_its_cost() -> None:
    """What was recognised of the revoked credits goes back first: all of it, at cost, is owed."""
    for example in breakage_histories.revocations():
        units = example.events[1][0][1]
        owed = by_month(example_books().entries, example.name, "refund_liability")
        assert owed == {"2025-02": units * 100}
        taken_back = by_month(example_books().entries, example.name, "breakage_revenue")
        wanted = {"2025-01": 5000, "2025-02": int(example.revenue[1] * 100)}
        assert taken_back == {period: amount for period, amount in wanted.items() if amount}


def test_unclaimed_property_waits_for_dormancy() -> None:
    """A quarter of 400.00 goes to the state 365 days after 20 March 2025, and is never revenue."""
    for example in breakage_histories.unclaimed():
        entries = example_books().entries
        assert by_month(entries, example.name, "unclaimed_property") == {"2026-03": 10000}
        (moved,) = [
            e
            for e in entries
            if e["event_type"] == "credit_unclaimed" and e["obligation_id"] == example.name
        ]
        assert moved["policy"] == "unclaimed_property: year"


# --------------------------------------------------------------------------------------------------
# One grant, by hand
# --------------------------------------------------------------------------------------------------

# 1000 tokens for 1000.00; 300, 300 and 300 are used in January, February and March 2025.
PLAIN = Example(
    "plain", 1_000, Decimal(1_000), "USD", [300, 600, 900], [900] * 3, [], [], customer="c"
)


def plain_books(
    choice: Choice, finance: dict[str, list[dict]] | None = None, **more: Any
) -> tuple[Books, dict[str, int]]:
    """Books of the plain grant, and its breakage by month."""
    closes, extra = more.pop("closes", []), more.pop("ledger", [])
    tables = breakage_histories.tables_of([PLAIN])
    tables["credit_ledger"] += extra
    tables |= {"period_closes": closes, **(finance or {})}
    made = books_of(tables, lambda grant: choice, **more)
    return made, by_month(made.entries, "plain", "breakage_revenue")


def estimate(rate: str, since: str, known: str | None = None, **keys: str) -> dict:
    """A row of breakage_estimates."""
    return {
        **dict.fromkeys(breakage_oracle.KEYS),
        **keys,
        "expected_unexercised_rate": rate,
        "effective_from": since,
        "known_at": known or f"{since} 00:00:00",
    }


PROPORTIONAL = Choice("proportional")


def test_an_estimate_acts_from_its_period_on() -> None:
    """A revision of February is a catch-up there; one known after the close posts to March."""
    first, closes = estimate("0.1", "2025-01-01"), histories.CLOSE_CALENDARS["monthly"]
    _, made = plain_books(
        PROPORTIONAL, {"breakage_estimates": [first, estimate("0.2", "2025-02-10")]}
    )
    # 300 x 1000 / 900; 600 x 1000 / 800; 900 x 1000 / 900.
    assert made == {"2025-01": 3333, "2025-02": 15000 - 3333, "2025-03": 10000 - 15000}
    late = estimate("0.2", "2025-02-10", "2025-03-20 00:00:00")
    _, made = plain_books(PROPORTIONAL, {"breakage_estimates": [first, late]}, closes=closes)
    assert made == {"2025-01": 3333, "2025-02": 3334, "2025-03": 3333}


def test_the_most_specific_estimate_wins() -> None:
    """By the number of keys, then by their weight, then by the day, then by when it was known."""
    unit = PLAIN.unit
    cases = [
        ([{}, {"product_id": unit}], 1),
        ([{"product_id": unit}, {"credit_unit": unit}], 0),
        ([{"credit_unit": unit, "category": "paid"}, {"product_id": unit}], 0),
        ([{"category": "paid"}, {"term_months": "none"}], 0),
        ([{"grant_month": "2025-01"}, {"term_months": "none"}], 1),
        ([{"grant_month": "2025-02"}, {}], 1),
        ([{"category": "promotional"}, {}], 1),
        ([{"product_id": "other", "category": "paid"}, {}], 1),
    ]
    for rows, winner in cases:
        rates = ("0.1", "0.2")
        given = [
            estimate(rate, "2025-01-01", **keys) for rate, keys in zip(rates, rows, strict=True)
        ]
        made, _ = plain_books(PROPORTIONAL, {"breakage_estimates": given})
        assert made.states["plain"][300].applied_rate == Fraction(winner + 1, 10), rows
    later = [estimate("0.1", "2025-01-03"), estimate("0.2", "2025-01-02", "2025-01-09 00:00:00")]
    made, _ = plain_books(PROPORTIONAL, {"breakage_estimates": later})
    assert made.states["plain"][300].applied_rate == Fraction(1, 10)


def test_terms_in_months() -> None:
    """Days from effect to expiry, as twelfths of 365 days, rounded half up."""
    for days, months in ((30, "1"), (90, "3"), (365, "12"), (366, "12"), (15, "0"), (16, "1")):
        tables = breakage_histories.tables_of([PLAIN])
        grant = tables["credit_grants"][0]
        grant["expires_at"] = grant["effective_at"] + timedelta(days=days)
        tables["breakage_estimates"] = [estimate("0.1", "2025-01-01", term_months=months)]
        assert not books_of(tables).exceptions, days


def test_a_grant_without_an_estimate_is_listed() -> None:
    """Its use is booked at cost, and nothing else."""
    made, breakage = plain_books(PROPORTIONAL, {"breakage_estimates": []})
    assert not breakage
    assert made.exceptions == [("credit_grants", "plain", "missing_breakage_estimate")]


def test_a_haircut_is_cut_to_six_decimals() -> None:
    """0.123457 less an eighth is 0.108024875, of which 0.108024 counts."""
    choice = Choice("proportional", "haircut", Fraction(1, 8))
    given = {"breakage_estimates": [estimate("0.123457", "2025-01-01")]}
    made, _ = plain_books(choice, given)
    assert made.states["plain"][300].applied_rate == Fraction(108024, 10**6)
    assert {e["policy"] for e in made.entries if e["event_type"] == "breakage_recognised"} == {
        "breakage_timing: proportional, breakage_constraint: haircut"
    }


def test_a_period_that_has_not_ended_makes_no_estimate() -> None:
    """On 30 March what was recognised by February stays, as far as so much is deferred."""
    _, made = plain_books(PROPORTIONAL, as_of=date(2025, 3, 30))
    assert made == {"2025-01": 3333, "2025-02": 3334}


def test_remote_by_inactivity_stays_remote() -> None:
    """45 days after the last use the rest is breakage; a later use takes back that of its units."""
    choice = Choice("remote", remote_after_days=45)
    _, made = plain_books(choice)
    assert made == {"2025-04": 10000}  # 15 March and 45 days are 29 April
    used = PLAIN.entry("CONSUMED", 40, 5, 15)
    _, made = plain_books(choice, ledger=[used])
    assert made == {"2025-04": 10000, "2025-06": -4000}
    _, made = plain_books(choice, ledger=[used, PLAIN.entry("EXPIRED", 60, 6, 1)])
    assert made == {"2025-04": 10000, "2025-06": -4000}


def test_a_flag_goes_before_inactivity() -> None:
    """A row of remote_credits decides in either direction, from where it posts."""

    def flag(value: str, since: str, known: str) -> dict:
        return {
            "grant_id": "plain",
            "is_remote": value,
            "remote_from": since,
            "known_at": f"{known} 00:00:00",
        }

    choice = Choice("remote", remote_after_days=45)
    closes = histories.CLOSE_CALENDARS["monthly"]
    given = {"remote_credits": [flag("true", "2025-02-01", "2025-03-10")]}
    _, made = plain_books(choice, given, closes=closes)
    assert made == {"2025-03": 10000}
    given["remote_credits"].append(flag("false", "2025-06-01", "2025-06-01"))
    _, made = plain_books(choice, given, closes=closes)
    assert made == {"2025-03": 10000, "2025-06": -10000}


def test_expiries_are_reduced_in_book_order() -> None:
    """66.67 of 400.00 were recognised ahead; late news makes two expiries of one period."""
    ledger = [
        PLAIN.entry("EXPIRED", 30, 2, 20),
        {**PLAIN.entry("EXPIRED", 70, 1, 20), "created_at": datetime(2025, 3, 20)},
    ]
    closes = histories.CLOSE_CALENDARS["monthly"]
    made, breakage = plain_books(PROPORTIONAL, ledger=ledger, closes=closes)
    assert breakage == {"2025-01": 3333, "2025-02": 3334, "2025-03": 3333}
    expired = {
        e["effective_period"]: (e["amount_minor"], e["quantity"])
        for e in made.entries
        if e["event_type"] == "credit_expired"
    }
    assert expired == {"2025-02": (3333, Decimal(70)), "2025-03": (0, Decimal(30))}


def test_a_jurisdiction_without_a_row_holds_everything() -> None:
    """Nothing of it is revenue until finance says which share is, and the grant is listed."""
    choice = replace(PROPORTIONAL, jurisdiction="elsewhere")
    made, breakage = plain_books(choice)
    assert not breakage
    assert ("credit_grants", "plain", "unknown_jurisdiction") in made.exceptions
    assert made.states["plain"][max(made.states["plain"])].held == 10000


# --------------------------------------------------------------------------------------------------
# Properties of random companies
# --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=CALENDARS)
def closes(request: pytest.FixtureRequest) -> list[dict]:
    """Each close calendar."""
    return histories.CLOSE_CALENDARS[request.param]


@pytest.fixture(scope="module")
def company(closes: list[dict], seed: int) -> histories.Tables:
    """A random company."""
    return breakage_histories.random_company(seed, CUSTOMERS, closes)


@pytest.fixture(scope="module")
def made(company: histories.Tables) -> Books:
    """Its books."""
    return books_of(company)


def totals(made: Books, *accounts: str) -> Counter:
    """What all entries of each grant add to accounts."""
    found: Counter = Counter()
    for entry in made.entries:
        found[entry["obligation_id"]] += signed(entry, accounts)
    return found


def last_states(made: Books) -> dict[str, State]:
    """The last state of each grant."""
    return {name: states[max(states)] for name, states in made.states.items()}


def test_a_company_has_it_all() -> None:
    """Each method recognises something ahead of expiry, in both directions, and unclaimed too."""
    closes = histories.CLOSE_CALENDARS["monthly"]
    made = books_of(breakage_histories.random_company(1, 84, closes))
    ahead: dict[str, set] = defaultdict(set)
    for entry in made.entries:
        if entry["event_type"] in ("breakage_recognised", "credit_unclaimed"):
            ahead[entry["policy"]].add(entry["debit_account"] == "deferred_revenue")
    for policy in (
        "breakage_timing: remote",
        "breakage_timing: proportional, breakage_constraint: none",
        "breakage_timing: proportional, breakage_constraint: haircut",
    ):
        assert ahead[policy] == {True, False}, policy
    assert any(policy.startswith("unclaimed_property: ") for policy in ahead)
    reasons = {reason for _, _, reason in made.exceptions}
    assert {"missing_breakage_estimate", "unknown_jurisdiction"} <= reasons


def test_a_grant_releases_its_price_and_no_more(made: Books) -> None:
    """Nothing is ahead of what is deferred; without units left nothing is deferred but the held."""
    came = totals(made, "cash", "accounts_receivable", "refund_liability")
    released = totals(made, *REVENUE, "unclaimed_property")
    deferred = totals(made, "deferred_revenue")
    last = {row["grant_id"]: row for row in made.grant_periods}
    for name, state in last_states(made).items():
        assert -came[name] == released[name] + deferred[name]
        assert deferred[name] == last[name]["closing_deferred_minor"] >= 0
        assert state.held >= 0 or made.choices[name].jurisdiction
        if state.granted == state.exercised + state.expired:
            assert deferred[name] == state.held
            assert state.ahead == 0


def test_every_grant_converges(company: histories.Tables, closes: list[dict]) -> None:
    """Where all that is left expires and passes dormancy, nothing is deferred any more."""
    ended = ending(company)
    made = books_of(ended, without_unknown_laws, as_of=date(2028, 12, 31))
    deferred = totals(made, "deferred_revenue")
    units = {row["grant_id"]: row["closing_units"] for row in made.grant_periods}
    valued = {n for n, s in last_states(made).items() if s.granted == s.exercised + s.expired}
    assert len(valued) > CUSTOMERS // 2
    for name in valued:
        assert deferred[name] == 0, name
        rows = [row for row in made.grant_periods if row["grant_id"] == name]
        if units[name] == 0:
            assert rows[-1]["accounting_period"] < "2028-12"
    assert {n for n, s in last_states(made).items() if s.held} <= set(units) - valued


def without_unknown_laws(grant: oracle.Grant) -> Choice:
    """The choices of the company, where finance knows every law."""
    choice = breakage_histories.choose(grant)
    return replace(choice, jurisdiction=None) if choice.jurisdiction == "nowhere" else choice


def ending(tables: histories.Tables) -> histories.Tables:
    """The same company, where every grant expires in July 2026 with what it has left."""
    left = {
        row["grant_id"]: row["closing_units"]
        for row in books_of(tables, as_of=date(2026, 6, 30)).grant_periods
    }
    rows = [
        {
            "id": f"{name} ends",
            "credit_grant_id": name,
            "event_type": "CREDITS_EXPIRED",
            "amount": units,
            "timestamp": datetime(2026, 7, 20),
            "created_at": datetime(2026, 7, 20),
        }
        for name, units in left.items()
        if units > 0
    ]
    in_time = [
        row
        for row in tables["credit_ledger"]
        if row["timestamp"] is None or row["timestamp"] < datetime(2026, 7, 1)
    ]
    return {**tables, "credit_ledger": in_time + rows}


def test_the_method_is_a_question_of_time(company: histories.Tables) -> None:
    """Every method releases the same over the life of a grant that has ended."""
    ended = ending(company)
    found = [
        totals(books_of(ended, lambda grant, m=method: Choice(m), date(2026, 7, 31)), *REVENUE)
        for method in ("at_expiry", "proportional", "remote")
    ]
    over = {n for n, s in last_states(books_of(ended, as_of=date(2026, 7, 31))).items() if ends(s)}
    for name in over:
        assert found[0][name] == found[1][name] == found[2][name], name


def ends(state: State) -> bool:
    """Whether no units with value are left."""
    return state.granted == state.exercised + state.expired


def test_without_methods_the_books_are_those_of_the_other_oracle(
    company: histories.Tables,
) -> None:
    """Breakage at expiry, where no law is asked, is what expires."""
    # A flag would be listed: without the method it has no effect.
    company = {**company, "remote_credits": []}
    plain = oracle.build_books(
        {**company, "currencies": CURRENCIES}, as_of_date=AS_OF, timezone="UTC"
    )
    made = books_of(company, lambda grant: Choice())
    without_policy = [{k: v for k, v in e.items() if k != "policy"} for e in made.entries]
    assert sorted(without_policy, key=repr) == sorted(plain.entries, key=repr)
    assert made.balances == plain.balances
    new = ("breakage_ahead_minor", "unclaimed_minor")
    rows = [{k: v for k, v in row.items() if k not in new} for row in made.grant_periods]
    assert sorted(rows, key=repr) == sorted(plain.grant_periods, key=repr)
    assert made.exceptions == sorted(plain.exceptions, key=repr)


def closed_part(made: Books, before: int) -> list[tuple]:
    """All entries of the periods before one."""
    return sorted(
        (
            tuple(entry.items())
            for entry in made.entries
            if made.calendar.index_of(entry["accounting_period"]) < before
        ),
        key=repr,
    )


News = Callable[[random.Random, histories.Tables, datetime], tuple[str, dict]]


def new_estimate(rng: random.Random, tables: histories.Tables, known: datetime) -> tuple[str, dict]:
    """An estimate of everything, from long ago."""
    keys = rng.choice(({}, {"product_id": "tokens"}, {"credit_unit": "lifts", "category": "paid"}))
    row = estimate(rng.choice(("0", "0.3", "0.99")), "2025-01-01", known.isoformat(" "), **keys)
    return "breakage_estimates", row


def new_flag(rng: random.Random, tables: histories.Tables, known: datetime) -> tuple[str, dict]:
    """A flag from long ago."""
    row = {
        "grant_id": rng.choice([row["grant_id"] for row in tables["credit_grants"]]),
        "is_remote": rng.choice(("true", "false")),
        "remote_from": "2025-01-01",
        "known_at": known.isoformat(" "),
    }
    return "remote_credits", row


def new_law(rng: random.Random, tables: histories.Tables, known: datetime) -> tuple[str, dict]:
    """A law from long ago."""
    row = breakage_histories.law(
        rng.choice(breakage_histories.LAWS), "0.5", 10, None, "2025-01-01", known.isoformat(" ")
    )
    return "unclaimed_property", row


def new_entry(rng: random.Random, tables: histories.Tables, known: datetime) -> tuple[str, dict]:
    """A use, an expiry, a reversal or a void from long ago."""
    event = rng.choice(("CONSUMED", "EXPIRED", "VOIDED", "CONSUMPTION_TRANSFER_SOURCE"))
    row = {
        "credit_grant_id": rng.choice([row["grant_id"] for row in tables["credit_grants"]]),
        "event_type": f"CREDITS_{event}",
        "amount": Decimal(rng.randint(1, 100)),
        "timestamp": datetime(2025, 1, 1) + timedelta(days=rng.randint(0, 400)),
        "created_at": known,
    }
    return "credit_ledger", row


NEWS: list[News] = [new_estimate, new_flag, new_law, new_entry, new_entry, new_entry]


def test_late_news_moves_no_closed_period(
    company: histories.Tables, closes: list[dict], made: Books, seed: int
) -> None:
    """Whatever becomes known, what was closed at that instant, and stays closed, stays as it was.

    A movement is known no earlier than its grant, perhaps at a time when a period is open again.
    """
    rng = random.Random(f"{seed}:news")
    read = oracle.read_closes(closes, oracle.make_calendar())
    instants = [oracle.read_time(instant).value for instant in histories.close_instants(closes)]
    for _ in range(4):
        known = datetime(2025, 6, 1) + timedelta(days=rng.randint(0, 390))
        tables = dict(company)
        for number, news in enumerate(NEWS):
            table, row = news(rng, company, known)
            tables[table] = [*tables[table], {**row, "id": f"late {number}"}]
        at = oracle.read_time(known).value
        later = [at, *(instant for instant in instants if instant > at)]
        first_open = min(read.closed_through(instant) for instant in later) + 1
        assert closed_part(books_of(tables), first_open) == closed_part(made, first_open), known


def test_a_later_day_moves_no_ended_period(company: histories.Tables) -> None:
    """The books of the day after a period's end have it as all later books have it."""
    last = None
    for day in (date(2026, 3, 31), date(2026, 4, 1), date(2026, 4, 30), AS_OF):
        made = books_of(known_by(company), as_of=day)
        part = closed_part(made, oracle.make_calendar().index_of("2026-04"))
        assert last is None or part == last, day
        last = part


def known_by(tables: histories.Tables) -> histories.Tables:
    """Without rows that happened after March 2026, for they may have been recorded before."""
    rows = [
        row
        for row in tables["credit_ledger"]
        if row["timestamp"] is None or row["timestamp"] < datetime(2026, 4, 1)
    ]
    return {**tables, "credit_ledger": rows}


def test_the_order_of_rows_does_not_matter(
    company: histories.Tables, made: Books, seed: int
) -> None:
    """The same rows in another order are the same books."""
    again = books_of(histories.shuffled(company, seed + 1))
    assert sorted(map(repr, again.entries)) == sorted(map(repr, made.entries))
    assert again.balances == made.balances
    assert again.exceptions == made.exceptions


def test_grant_periods_add_up(made: Books) -> None:
    """Each closes with what it opened with and what moved; the next opens with that."""
    before: dict[str, int] = {}
    for row in made.grant_periods:
        opening = row["opening_deferred_minor"]
        assert opening == before.get(row["grant_id"], 0)
        moved = row["granted_minor"] + row["adjusted_minor"] - row["consumed_minor"]
        moved -= row["expired_minor"] + row["revoked_minor"]
        assert row["closing_deferred_minor"] == opening + moved
        before[row["grant_id"]] = row["closing_deferred_minor"]
