"""One line of the project is broken, and a test with a sensible name fails.

A small company is built once in DuckDB. Each mutation changes one place in a copy of the project,
and only what lies between the broken model and the test that should find it is built again, on a
copy of the file. Where no dbt test finds it, the journal is compared with the oracle's, and the
last column says JOURNAL.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import books
import pytest
from warehouse import REPOSITORY, BuildResult, Row, Warehouse

VECTORS = Path(__file__).parent / "vectors" / "credits_worked_example"
VARS = books.company_vars("2026-03-31")
JOURNAL = "the journal"

CREDITS = "models/intermediate/credits"
CALENDAR = "models/intermediate/calendar"
POSTINGS = "models/intermediate/postings"
LEDGER = "models/marts/ledger"
SERVICES = "models/intermediate/services"


class Mutation(NamedTuple):
    """A line that is broken, and what finds it.

    `model` is the first model that must be built again, None where the test is a unit test;
    `found_by` is the name of a dbt test, or JOURNAL.
    """

    name: str
    file: str
    before: str
    after: str
    model: str | None
    found_by: str


MUTATIONS = [
    Mutation(
        "money is cut off instead of rounded",
        "macros/money/value.sql",
        '"2 * " ~ nano ~ " * " ~ numerator ~ " + " ~ denominator, ',
        '"2 * " ~ nano ~ " * " ~ numerator, ',
        "int_credit_grant_movements",
        "rec_deferred_revenue_ties_out",
    ),
    Mutation(
        "half is rounded down",
        "macros/money/value.sql",
        '" * " ~ numerator ~ " + " ~ denominator, ',
        '" * " ~ numerator ~ " + " ~ denominator ~ " - 1", ',
        None,
        "the_cumulative_is_rounded_in_book_order",
    ),
    Mutation(
        "rounded in the order of events, not of the books",
        f"{CREDITS}/int_credit_grant_movements.sql",
        "order by accounting_period_index, effective_period_index, event_rank",
        "order by effective_period_index, accounting_period_index, event_rank",
        "int_credit_grant_movements",
        "rec_deferred_revenue_ties_out",
    ),
    Mutation(
        "overdrawn units have value",
        f"{CREDITS}/int_credit_grant_movements.sql",
        """            when grants.is_capped
                then least(
                    greatest(cumulated.released_after, 0)""",
        """            when not grants.is_capped
                then least(
                    greatest(cumulated.released_after, 0)""",
        "int_credit_grant_movements",
        "assert_deferred_revenue_ends_with_the_units",
    ),
    Mutation(
        "a reversal has the wrong sign",
        f"{CREDITS}/int_credit_grant_movements.sql",
        "case cumulated.release_sign when -1 then -1 else 1 end as direction",
        "case cumulated.release_sign when -1 then 1 else 1 end as direction",
        None,
        "use_is_taken_back_at_the_same_cost",
    ),
    Mutation(
        "a reversal is valued as more use",
        f"{CREDITS}/int_credit_grant_movements.sql",
        "case cumulated.release_sign when -1 then -1 else 1 end as direction",
        "1 as direction",
        "int_credit_grant_movements",
        "assert_valued_units_follow_the_units",
    ),
    Mutation(
        "a reversal releases units",
        f"{CREDITS}/int_credit_grant_movements.sql",
        "sum(release_sign * units) as released_change",
        "sum(abs(release_sign) * units) as released_change",
        "int_credit_grant_movements",
        "assert_valued_units_follow_the_units",
    ),
    Mutation(
        "an adjustment down is valued as one up",
        f"{CREDITS}/int_credit_grant_movements.sql",
        "sum(case release_sign when 0 then units else 0 end) as granted_change",
        "sum(case release_sign when 0 then abs(units) else 0 end) as granted_change",
        "int_credit_grant_movements",
        "assert_valued_units_follow_the_units",
    ),
    Mutation(
        "reversals are left out of the grant periods",
        f"{CREDITS}/int_credit_grant_period_changes.sql",
        "events.tie_out_sign * movements.units as units,",
        "greatest(events.tie_out_sign, 0) * movements.units as units,",
        "int_credit_grant_period_changes",
        "rec_units_ties_out",
    ),
    Mutation(
        "debit and credit of an expiry are swapped",
        f"{POSTINGS}/int_postings__credit_expired.sql",
        "case movements.event_rank when 0 then -1 else 1 end * movements.value_minor",
        "-1 * movements.value_minor",
        "int_postings__credit_expired",
        "rec_expiry_ties_out",
    ),
    Mutation(
        "an expiry is revenue from use",
        f"{POSTINGS}/int_postings__credit_expired.sql",
        "else 'breakage_revenue'",
        "else 'credit_revenue'",
        None,
        "what_expires_is_breakage_not_use",
    ),
    Mutation(
        "an adjustment is dated when its grant was booked",
        f"{POSTINGS}/int_postings__credit_adjusted.sql",
        "coalesce(movements.last_date, grants.booked_date) as booked_date",
        "grants.booked_date",
        None,
        "more_or_fewer_credits_at_the_same_cost",
    ),
    Mutation(
        "a negative value does not swap the sides",
        f"{POSTINGS}/int_journal_entries.sql",
        "value_minor < 0 or (value_minor = 0 and units < 0) as is_swapped",
        "false as is_swapped",
        "int_journal_entries",
        "rec_additions_ties_out",
    ),
    Mutation(
        "adjustments are not posted",
        f"{POSTINGS}/int_credit_postings.sql",
        "from {{ ref('int_postings__credit_adjusted') }}\n",
        "from {{ ref('int_postings__credit_adjusted') }} where 1 = 0\n",
        "int_credit_postings",
        "assert_one_entry_per_movement",
    ),
    Mutation(
        "an entry is joined to every period up to its own",
        f"{POSTINGS}/int_journal_entries.sql",
        "on signed.accounting_period_index = posted.period_index",
        "on signed.accounting_period_index >= posted.period_index",
        "int_journal_entries",
        "assert_one_entry_per_movement",
    ),
    Mutation(
        "a correction is dated when it happened",
        f"{POSTINGS}/int_journal_entries.sql",
        "greatest(coalesce(signed.last_date, posted.starts_on), posted.starts_on)",
        "coalesce(signed.last_date, posted.starts_on)",
        "int_journal_entries",
        "assert_corrections_post_later",
    ),
    Mutation(
        "what credits pay beyond their cost is lost",
        f"{POSTINGS}/int_postings__credit_applied.sql",
        "money_minor - released_minor as value_minor",
        "0 as value_minor",
        None,
        "credits_pay_an_invoice_at_their_cost_and_the_rest_is_a_discount",
    ),
    Mutation(
        "late facts do not take an expiry back",
        f"{CREDITS}/int_credit_expiries.sql",
        "expired_units - lag(expired_units, 1, 0)",
        "expired_units - 0 * lag(expired_units, 1, 0)",
        None,
        "what_remains_expires_and_late_facts_change_it_where_they_post",
    ),
    Mutation(
        "late facts post to their own period",
        f"{CREDITS}/int_credit_movements.sql",
        "            close_intervals.first_open_period_index,\n",
        "",
        "int_credit_movements",
        "assert_closed_periods_stay_closed",
    ),
    Mutation(
        "when the grant became known is ignored",
        f"{CREDITS}/int_credit_movements.sql",
        "greatest(entry_groups.known_interval, coalesce(grants.known_interval, 1))",
        "entry_groups.known_interval",
        "int_credit_movements",
        "assert_closed_periods_stay_closed",
    ),
    Mutation(
        "a memo row counts as journaled",
        f"{CREDITS}/int_credit_movements.sql",
        "            else 'memo'\n",
        "            else 'journaled'\n",
        "int_credit_movements",
        "assert_journaled_rows_count_once",
    ),
    Mutation(
        "still closed at the instant of the reopening",
        f"{CALENDAR}/int_close_intervals.sql",
        "or boundaries.known_from < closes.reopened_at",
        "or boundaries.known_from <= closes.reopened_at",
        None,
        "closes_with_a_reopening",
    ),
    Mutation(
        "open at the instant of the close",
        f"{CALENDAR}/int_close_intervals.sql",
        "boundaries.known_from >= closes.closed_at",
        "boundaries.known_from > closes.closed_at",
        "int_close_intervals",
        "assert_closed_periods_stay_closed",
    ),
    Mutation(
        "a fact at the instant of a close is in two intervals",
        f"{CREDITS}/int_credit_entries_reasoned.sql",
        "and scaled.posted_known_at < known_days.known_to",
        "and scaled.posted_known_at <= known_days.known_to",
        "int_credit_entries_reasoned",
        "assert_every_raw_row_has_one_disposition",
    ),
    Mutation(
        "the calendar has the first half of the days only",
        f"{CALENDAR}/int_accounting_days.sql",
        "{{ integers(42) }}",
        "{{ integers(15) }}",
        "int_accounting_days",
        "assert_accounting_days_are_complete",
    ),
    Mutation(
        "as_of_date is ignored",
        f"{CALENDAR}/int_accounting_days.sql",
        "<= cast('{{ as_of_date() }}' as date) as is_counted",
        "<= cast('2059-12-31' as date) as is_counted",
        "int_accounting_days",
        "assert_nothing_counts_after_as_of_date",
    ),
    Mutation(
        "raw rows are filtered before anything counts them",
        "models/staging/stigg/stg_stigg__credit_entries.sql",
        "    select * from {{ raw('stigg', 'credit_ledger') }}\n",
        "    select * from {{ raw('stigg', 'credit_ledger') }} where id <> 'overdrawn-11'\n",
        "stg_stigg__credit_entries",
        "assert_every_raw_row_has_one_disposition",
    ),
    Mutation(
        "use of credits is revenue from breakage",
        f"{POSTINGS}/int_postings__credit_consumed.sql",
        "'credit_revenue' as credit_account",
        "'breakage_revenue' as credit_account",
        "int_postings__credit_consumed",
        "rec_consumption_ties_out",
    ),
    Mutation(
        "a void takes nothing from deferred revenue",
        f"{POSTINGS}/int_postings__credit_revoked.sql",
        "grants.balance_account as debit_account",
        "'discounts' as debit_account",
        "int_postings__credit_revoked",
        "rec_revocations_ties_out",
    ),
    Mutation(
        "a balance has the largest entry of its period only",
        f"{POSTINGS}/int_account_movements.sql",
        "sum(amount_minor) as amount_minor",
        "max(amount_minor) as amount_minor",
        "int_account_movements",
        "rec_balances_ties_out",
    ),
    Mutation(
        "duplicates count twice",
        f"{CREDITS}/int_credit_entries_repeated.sql",
        "when copy_number > 1 and (entry_id is not null",
        "when copy_number > 2 and (entry_id is not null",
        None,
        "repeated_rows_are_duplicates_conflicts_or_neither",
    ),
    Mutation(
        "the oldest version of a grant counts",
        f"{CREDITS}/int_credit_grant_versions.sql",
        "dated_at = max(dated_at) over (partition by source_system, grant_id) as is_newest",
        "dated_at = min(dated_at) over (partition by source_system, grant_id) as is_newest",
        None,
        "the_newest_version_of_a_grant_counts",
    ),
    Mutation(
        "promotional credits are treated as paid",
        f"{CREDITS}/int_credit_grant_prices.sql",
        "when grants.funding in ('paid', 'prepayment', 'gift_card') then 'deferred'",
        "when grants.funding in ('paid', 'promotional') then 'deferred'",
        None,
        "a_price_is_never_guessed",
    ),
    Mutation(
        "numerator and denominator of the price are swapped",
        f"{CREDITS}/int_credit_grants_priced.sql",
        "integer_divide('minor_numerator', 'common_divisor')",
        "integer_divide('nano_denominator', 'common_divisor')",
        None,
        "a_price_is_a_fraction_in_lowest_terms",
    ),
    Mutation(
        "a dinar has a hundred fils",
        "macros/money/power_of_ten.sql",
        "when 3 then 1000\n",
        "when 3 then 100\n",
        "stg_finance__currencies",
        "assert_minor_units_are_exact",
    ),
    Mutation(
        "balances of all currencies run together",
        f"{LEDGER}/fct_account_balances.sql",
        "partition by entity_id, account, currency",
        "partition by entity_id, account",
        "fct_account_balances",
        "assert_account_balances_roll",
    ),
    Mutation(
        "a void forfeits by default",
        "macros/policy/revocation.sql",
        "    'by_settlement'\n{%- endmacro -%}",
        "    'forfeit'\n{%- endmacro -%}",
        "int_credit_grants",
        JOURNAL,
    ),
    Mutation(
        "the odd cent of a purchase with bonus credits is lost",
        f"{CREDITS}/int_credit_bonus_prices.sql",
        "case when ranked.place <= ranked.left_minor then 1 else 0 end",
        "0",
        None,
        "bonus_credits_share_the_price_of_their_purchase",
    ),
    Mutation(
        "a period that has not ended makes an estimate",
        "models/intermediate/breakage/int_breakage_states.sql",
        "least(last_estimated_minor, remaining_minor)",
        "estimated_minor",
        None,
        "a_period_that_has_not_ended_makes_no_estimate",
    ),
    Mutation(
        "a general estimate goes before a specific one",
        "models/intermediate/breakage/int_breakage_cohort_rates.sql",
        "matched.specificity desc",
        "matched.specificity asc",
        None,
        "the_most_specific_estimate_acts",
    ),
    Mutation(
        "what a law keeps is revenue",
        "models/intermediate/breakage/int_breakage_states.sql",
        "1000000 - share_micro as revenue_micro",
        "1000000 as revenue_micro",
        None,
        "a_law_keeps_its_share_until_it_is_dormant",
    ),
    Mutation(
        "what was recognised ahead expires once more",
        "models/intermediate/breakage/int_breakage_changes.sql",
        "least(greatest(revenue_minor, 0), at_cost_minor)",
        "at_cost_minor",
        None,
        "what_expires_takes_first_what_is_new",
    ),
    Mutation(
        "a fault hides what is in the books",
        f"{SERVICES}/int_service_rows.sql",
        "min(outcome_rank) as outcome_rank",
        "max(outcome_rank) as outcome_rank",
        None,
        "of_a_raw_row_the_strongest_disposition_counts",
    ),
    Mutation(
        "rows that share an id in conflict count as one",
        f"{SERVICES}/int_service_rows.sql",
        "'duplicate', 'duplicate_conflict', 'superseded_version', 'missing_id'",
        "'duplicate', 'superseded_version', 'missing_id'",
        None,
        "of_a_raw_row_the_strongest_disposition_counts",
    ),
    Mutation(
        "a line that is excluded in part is left out",
        f"{SERVICES}/int_service_idle_lines.sql",
        "            and counted.idle_count = part_counts.part_count\n",
        "",
        None,
        "a_line_without_an_entry_says_why",
    ),
    Mutation(
        "an item is left out though some of it is earned",
        f"{SERVICES}/int_service_idle_lines.sql",
        "    where entered_parts.line_id is null",
        "    where 1 = 1",
        None,
        "a_line_without_an_entry_says_why",
    ),
    Mutation(
        "an event supports entries of other periods",
        f"{SERVICES}/int_event_evidence.sql",
        "            and events.effective_period_index = entries.effective_period_index\n",
        "",
        None,
        "an_event_supports_the_entries_that_it_caused",
    ),
]


# --------------------------------------------------------------------------------------------------
# The company: the worked example, and what it does not have
# --------------------------------------------------------------------------------------------------


def vector(name: str) -> list[Row]:
    """The rows of one table of the worked example; an empty field is null."""
    with (VECTORS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [{k: v or None for k, v in row.items()} for row in csv.DictReader(file)]


def paid(grant_id: str, cost_basis: str, **columns: str) -> Row:
    """A paid grant in dollars unless `columns` say otherwise."""
    return {
        "grant_id": grant_id,
        "customer_id": "more",
        "currency_id": "credits",
        "category": "PAID",
        "cost_basis": cost_basis,
        "cost_currency": "USD",
        "status": "ACTIVE",
        "updated_at": "2026-01-10",
        **columns,
    }


MORE_GRANTS = [
    paid("order", "0.0333"),
    paid("late", "0.50"),
    paid("adjusted", "0.70"),
    paid("overdrawn", "1"),
    paid("dinars", "0.125", cost_currency="KWD"),
    paid("versions", "0.90", updated_at="2026-01-05"),
    paid("versions", "0.80"),
]
# Grant, event, amount, when it happened, when it was recorded.
MORE_LEDGER = [
    # In March 50 of January become known; February had to be rounded without them.
    ("order", "GRANTED", "1000", "2026-01-05", "2026-01-05"),
    ("order", "CONSUMED", "100", "2026-01-25", "2026-01-25"),
    ("order", "CONSUMED", "250", "2026-02-12", "2026-02-12"),
    ("order", "CONSUMED", "50", "2026-01-30", "2026-03-05"),
    # Recorded after January was closed, although it was used before.
    ("late", "GRANTED", "10", "2026-01-08", "2026-02-04"),
    ("late", "CONSUMED", "4", "2026-01-09", "2026-01-09"),
    ("late", "CONSUMPTION_TRANSFER_SOURCE", "1", "2026-03-09", "2026-03-09"),
    # Recorded at the very instant of the close, and after as_of_date.
    ("adjusted", "GRANTED", "10", "2026-01-16", "2026-02-03"),
    ("adjusted", "UPDATED", "-3", "2026-03-02", "2026-03-02"),
    ("adjusted", "CONSUMED", "1", "2026-04-01", "2026-04-01"),
    ("overdrawn", "GRANTED", "10", "2026-02-10", "2026-02-10"),
    ("overdrawn", "CONSUMED", "12", "2026-02-20", "2026-02-20"),
    ("dinars", "GRANTED", "40", "2026-02-10", "2026-02-10"),
    ("dinars", "CONSUMED", "3", "2026-02-20", "2026-02-20"),
    ("versions", "GRANTED", "10", "2026-02-10", "2026-02-10"),
]


def raw_tables() -> dict[str, list[Row]]:
    """The raw tables of the company; the last ledger row is there twice."""
    more = [
        {
            "id": f"{grant_id}-{number}",
            "customer_id": "more",
            "credit_grant_id": grant_id,
            "event_type": f"CREDITS_{event}",
            "amount": amount,
            "timestamp": happened,
            "created_at": recorded,
        }
        for number, (grant_id, event, amount, happened, recorded) in enumerate(MORE_LEDGER)
    ]
    return {
        "credit_grants": [*vector("grants"), *MORE_GRANTS],
        "credit_ledger": [*vector("ledger"), *more, more[-1]],
    }


CLOSES = [*vector("closes"), {"accounting_period": "2026-02", "closed_at": "2026-03-03"}]


# --------------------------------------------------------------------------------------------------
# Building
# --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project. One for all mutations: dbt parses again only what has changed."""
    copy = tmp_path_factory.mktemp("mutations") / "project"
    for folder in ("models", "macros", "seeds", "tests"):
        shutil.copytree(REPOSITORY / folder, copy / folder)
    shutil.copy(REPOSITORY / "dbt_project.yml", copy)
    (copy / "analyses").mkdir()
    return copy


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Iterator[Path]:
    """The DuckDB file of the company, built by the project as it is."""
    with Warehouse.duckdb(tmp_path_factory.mktemp("healthy")) as house:
        books.load_company(house, raw_tables(), CLOSES)
        everything = ("build", "--exclude-resource-type", "test", "unit_test")
        house.build(*everything, vars=VARS, project_dir=project).check()
        house.close()
        yield house._path


@pytest.fixture
def house(healthy: Path, tmp_path: Path) -> Iterator[Warehouse]:
    """A copy of the healthy books."""
    shutil.copy(healthy, tmp_path / healthy.name)
    with Warehouse.duckdb(tmp_path) as warehouse:
        yield warehouse


@contextmanager
def broken(project: Path, mutation: Mutation) -> Iterator[None]:
    """The project with one line broken."""
    file = project / mutation.file
    text = file.read_text(encoding="utf-8")
    assert text.count(mutation.before) == 1, f"{mutation.file} has changed: {mutation.before!r}"
    file.write_text(text.replace(mutation.before, mutation.after), encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(text, encoding="utf-8")


def build_up_to(house: Warehouse, project: Path, model: str | None, last: str) -> BuildResult:
    """Build what lies between a model and a test (or model), and nothing else."""
    if model is None:
        return house.build("test", "--select", last, vars=VARS, project_dir=project)
    options = ("--select", f"{model}+,+{last}", "--indirect-selection", "empty")
    return house.build("build", *options, vars=VARS, project_dir=project)


def differs_from_the_oracle(house: Warehouse) -> list[tuple[str, Row]]:
    """The entries that the oracle and the journal do not share."""
    tables, closes = raw_tables(), [dict(row) for row in CLOSES]
    expected = books.oracle_books(tables, closes, VARS).entries
    wanted = [{column: row[column] for column in books.ENTRY_COLUMNS} for row in expected]
    return books.row_differences(wanted, books.entries_of(house))


# --------------------------------------------------------------------------------------------------
# The tests
# --------------------------------------------------------------------------------------------------


def test_unbroken_every_named_test_passes(house: Warehouse, project: Path) -> None:
    """What finds the mutations finds nothing in the project as it is."""
    names = {mutation.found_by for mutation in MUTATIONS} - {JOURNAL}
    result = house.build("test", "--select", *sorted(names), vars=VARS, project_dir=project)
    ran = {part for key in result.check().nodes for part in key.split(".")}
    assert names <= ran
    assert differs_from_the_oracle(house) == []


@pytest.mark.parametrize("mutation", MUTATIONS, ids=[mutation.name for mutation in MUTATIONS])
def test_mutation_is_found(house: Warehouse, project: Path, mutation: Mutation) -> None:
    """The test that is named for it fails, or the journal is another."""
    with broken(project, mutation):
        if mutation.found_by == JOURNAL:
            build_up_to(house, project, mutation.model, "fct_journal_entries").check()
            assert differs_from_the_oracle(house) != []
            return
        result = build_up_to(house, project, mutation.model, mutation.found_by)
    assert not result.success, "the mutation survives"
    assert all(mutation.found_by in name for name in result.failed), str(result)
    assert {node.status for node in result.failed.values()} == {"fail"}, str(result)
