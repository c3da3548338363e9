"""The benchmark's meter: it is the same every time, has what it promises and is rated exactly."""

from __future__ import annotations

import calendar
import math
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

import generate_usage_exports as script  # noqa: E402

ROWS = 40_000


@pytest.fixture(scope="module")
def meter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A small meter."""
    path = tmp_path_factory.mktemp("meter") / "meter.duckdb"
    script.write_usage(path, ROWS)
    with duckdb.connect(str(path)) as connection:
        yield connection


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple]:
    return connection.execute(query).fetchall()


def _add_months(when: datetime, months: int) -> datetime:
    years, month = divmod(when.month - 1 + months, 12)
    year = when.year + years
    last = calendar.monthrange(year, month + 1)[1]
    return when.replace(year=year, month=month + 1, day=min(when.day, last))


def _cents(value: Fraction) -> Fraction:
    return Fraction(math.floor(value * 100 + Fraction(1, 2)), 100)


def test_it_has_what_it_promises(meter: duckdb.DuckDBPyConnection) -> None:
    """Copies, retries, late events and anchored billing periods, in their shares."""
    events, ids, keys, anchored = _rows(
        meter,
        """
        select
            count(*), count(distinct event_id), count(distinct idempotency_key),
            count(subscription_id)
        from metering.usage_events
        """,
    )[0]
    late = _rows(
        meter,
        """
        select count(*) from metering.usage_events as events
        inner join finance.period_closes as closes
            on closes.accounting_period = strftime(events.occurred_at, '%Y-%m')
        where events.recorded_at >= closes.closed_at
        """,
    )[0][0]
    assert events == ROWS
    assert events - ids == ROWS // 200
    assert ids - keys == ROWS // 1000
    assert 0.45 * ROWS < anchored < 0.55 * ROWS
    assert 0.007 * ROWS < late < 0.012 * ROWS


def test_it_is_the_same_every_time(meter: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """Row for row."""
    script.write_usage(tmp_path / "again.duckdb", ROWS)
    with duckdb.connect(str(tmp_path / "again.duckdb")) as again:
        for table in ("usage_events", "usage_invoices", "subscriptions"):
            query = f"select * from metering.{table} order by all"
            assert _rows(meter, query) == _rows(again, query), table


def test_the_floor_rates_exactly(meter: duckdb.DuckDBPyConnection) -> None:
    """Event by event, in fractions, the statement's answer is the same."""
    closes = dict(_rows(meter, "select accounting_period, closed_at from finance.period_closes"))
    anchors = dict(
        _rows(meter, "select subscription_id, billing_anchor from metering.subscriptions")
    )
    schedules = _rows(
        meter,
        """
        select rate_schedule_id, product_id, effective_from, effective_to
        from metering.rate_schedules
        """,
    )
    tiers = defaultdict(list)
    for schedule, *tier in _rows(
        meter,
        """
        select rate_schedule_id, up_to, unit_amount, flat_amount
        from metering.rate_tiers order by rate_schedule_id, tier
        """,
    ):
        tiers[schedule].append(tier)

    def value(schedule: str, quantity: Fraction) -> Fraction:
        total = above = Fraction(0)
        for up_to, unit_amount, flat_amount in tiers[schedule]:
            if quantity > above:
                part = quantity if up_to is None else min(quantity, Fraction(up_to))
                total += (part - above) * Fraction(unit_amount) + Fraction(flat_amount or 0)
            above = Fraction(up_to or 0)
        return total

    seen: set[object] = set()
    periods: dict[tuple, dict[tuple, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for event, customer, product, subscription, quantity, occurred, recorded, key in _rows(
        meter, "select * from metering.usage_events order by recorded_at, event_id"
    ):
        if event in seen or (customer, key) in seen:
            continue
        seen |= {event, (customer, key)}
        effective = posted = datetime(occurred.year, occurred.month, 1)
        while f"{posted:%Y-%m}" in closes and closes[f"{posted:%Y-%m}"] <= recorded:
            posted = _add_months(posted, 1)
        start = effective
        if subscription:
            anchor = anchors[subscription]
            months = (occurred.year - anchor.year) * 12 + occurred.month - anchor.month
            start = _add_months(anchor, months)
            if start > occurred:
                start = _add_months(anchor, months - 1)
        [(schedule, since)] = [
            (found, begin)
            for found, of, begin, end in schedules
            if of == product and begin <= occurred and (end is None or occurred < end)
        ]
        period = periods[customer, product, subscription, start]
        period[posted, effective, since, schedule] += Fraction(quantity)

    expected: dict[tuple, Fraction] = defaultdict(Fraction)
    for period, steps in periods.items():
        running = exact = Fraction(0)
        for step, quantity in sorted(steps.items()):
            before = exact
            exact += value(step[3], running + quantity) - value(step[3], running)
            running += quantity
            expected[*period, step[0]] += _cents(exact) - _cents(before)
    found = {row[:5]: Fraction(row[6]) for row in _rows(meter, script.RATED_SQL)}
    assert found == expected
