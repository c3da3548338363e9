"""The accounting calendar, against plain Python: gaps, lengths, names, quarters, years.

Each calendar is a run of three models with its own vars.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from warehouse import Row, Warehouse

PATTERNS = {"4-4-5": (4, 4, 5), "4-5-4": (4, 5, 4), "5-4-4": (5, 4, 4)}
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2059, 12, 31)
FISCAL_YEARS = range(2001, 2059)
DAYS_OF_A_YEAR = {364, 371}
WEEK = timedelta(days=7)

# Sundays and Mondays, late January, around 1 January, 29 February, and the ends of what is allowed.
WEEK_CALENDARS = [
    ("4-4-5", "2026-02-01"),
    ("4-5-4", "2026-02-01"),
    ("5-4-4", "2026-02-01"),
    ("4-5-4", "2023-01-29"),
    ("4-4-5", "2025-01-26"),
    ("5-4-4", "2024-09-30"),
    ("4-4-5", "2026-06-29"),
    ("4-4-5", "2024-12-29"),
    ("4-5-4", "2025-12-31"),
    ("5-4-4", "2026-01-01"),
    ("4-4-5", "2027-01-02"),
    ("4-5-4", "2021-01-04"),
    ("4-4-5", "2024-02-29"),
    ("5-4-4", "2000-01-01"),
    ("4-5-4", "2059-12-31"),
]
START_MONTHS = (1, 2, 7, 12)


# --------------------------------------------------------------------------------------------------
# What they should be
# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Period:
    """One row of dim_accounting_periods."""

    name: str
    starts_on: date
    ends_on: date
    quarter: int
    year: int


def month_after(day: date) -> date:
    """The first day of the next month."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def months(start_month: int) -> Iterator[Period]:
    """The monthly calendar; a fiscal year is named by the year in which it ends."""
    day = FIRST_DAY
    while day <= LAST_DAY:
        months_into_year = (day.month - start_month) % 12
        last_month_of_year = day.month + 11 - months_into_year
        year = day.year + (1 if last_month_of_year > 12 else 0)
        last = month_after(day) - timedelta(days=1)
        yield Period(f"{day:%Y-%m}", day, last, months_into_year // 3 + 1, year)
        day = month_after(day)


def anniversary(day: date, year: int) -> date:
    """The same day of another year, 28 February where it has no 29th."""
    leap_day_is_missing = (day.month, day.day) == (2, 29) and (year % 4 != 0)
    return date(year, 2, 28) if leap_day_is_missing else day.replace(year=year)


def nearest(day: date, weekday: int) -> date:
    """The day with that weekday that is nearest to `day`."""
    around = [day + timedelta(days=offset) for offset in range(-3, 4)]
    return next(candidate for candidate in around if candidate.weekday() == weekday)


def weeks(pattern: tuple[int, int, int], first_day: date) -> Iterator[Period]:
    """A week calendar; week 53 belongs to P12.

    A year is named by the calendar year of the day before the anniversary that ends it: years
    that end around 1 January would else have one name twice.
    """
    for calendar_year in range(1995, 2065):
        ends = anniversary(first_day, calendar_year + 1)
        start = nearest(anniversary(first_day, calendar_year), first_day.weekday())
        next_start = nearest(ends, first_day.weekday())
        fiscal_year = (ends - timedelta(days=1)).year
        for number, length in enumerate(pattern * 4):
            end = next_start if number == 11 else start + length * WEEK
            name = f"FY{fiscal_year}-P{number + 1:02d}"
            yield Period(name, start, end - timedelta(days=1), number // 3 + 1, fiscal_year)
            start = end


# --------------------------------------------------------------------------------------------------
# What they are
# --------------------------------------------------------------------------------------------------


def build_calendar(warehouse: Warehouse, calendar: str, start: int | str) -> list[Row]:
    """The rows of dim_accounting_periods with these vars, in order of time."""
    variables = {"calendar": calendar, "fiscal_year_start": start, "as_of_date": "2026-06-30"}
    warehouse.build("run", "--select", "+dim_accounting_periods", vars=variables).check()
    return warehouse.table("dim_accounting_periods", order_by="starts_on")


def as_period(row: Row) -> Period:
    """A row as a Period."""
    return Period(
        row["accounting_period"],
        row["starts_on"],
        row["ends_on"],
        row["fiscal_quarter"],
        row["fiscal_year"],
    )


def assert_without_gap(rows: list[Row]) -> None:
    """Each period begins the day after the one before it; names are unique; numbers count."""
    for before, after in itertools.pairwise(rows):
        assert after["starts_on"] == before["ends_on"] + timedelta(days=1)
    assert all(row["starts_on"] <= row["ends_on"] for row in rows)
    assert [row["period_index"] for row in rows] == list(range(1, len(rows) + 1))
    assert len({row["accounting_period"] for row in rows}) == len(rows)


@pytest.mark.parametrize("start_month", START_MONTHS)
def test_monthly(warehouse: Warehouse, start_month: int) -> None:
    """The months of 2000 to 2059; the first month of a fiscal year moves quarters and years."""
    rows = build_calendar(warehouse, "monthly", start_month)
    assert_without_gap(rows)
    assert [as_period(row) for row in rows] == list(months(start_month))


@pytest.mark.parametrize(("calendar", "first_day"), WEEK_CALENDARS)
def test_weeks(warehouse: Warehouse, calendar: str, first_day: str) -> None:
    """Years of 52 or 53 weeks that begin on one weekday, in quarters of the pattern."""
    day = date.fromisoformat(first_day)
    rows = build_calendar(warehouse, calendar, first_day)
    assert_without_gap(rows)
    assert {row["starts_on"].weekday() for row in rows} == {day.weekday()}
    starts = [row["starts_on"] for row in rows[::12]]
    assert {(b - a).days for a, b in itertools.pairwise(starts)} == DAYS_OF_A_YEAR
    assert day in starts or not starts[0] <= day <= rows[-1]["ends_on"]
    expected = [p for p in weeks(PATTERNS[calendar], day) if p.year in FISCAL_YEARS]
    assert [as_period(row) for row in rows] == expected
