"""A build that is killed while it seals leaves nothing half done: the next one ends right.

The seals of three months are taken out, as if this build were the first to see their closes. It is
killed anywhere between its first hook and its end, or while everything left of the seals is built.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import books
import histories
import pytest
from test_build_safety import kill_at_random
from warehouse import Row, Warehouse

CLOSES = histories.CLOSE_CALENDARS["monthly"]
VARS = books.company_vars("2026-06-30")
# On Postgres builds are killed anywhere in every run.
LONG_ON_POSTGRES = ("test_killed_while_it_seals",)
# The models from what was sealed before to the seals of this build, and all that they need.
TAIL = ("--select", "+fct_period_seals,int_seals_before+")
WHOLE = ("--select", "+fct_period_seals")
WITHOUT = ("--exclude-resource-type", "test", "unit_test")
REMOVED = "'2026-01', '2026-02', '2026-03'"
# What differs between two builds that seal the same.
OF_THE_BUILD = ("sealed_at", "invocation_id")


def sealed(warehouse: Warehouse) -> dict[str, list[Row]]:
    """The seals, the entries that count, and the journal."""
    return {
        "seals": [
            {k: v for k, v in row.items() if k not in OF_THE_BUILD}
            for row in warehouse.table("fct_period_seals", order_by="seal_id")
        ],
        "entries": warehouse.table("fct_sealed_entries", order_by=("seal_id", "journal_entry_id")),
        "journal": warehouse.table("fct_journal_entries", order_by="journal_entry_id"),
    }


@dataclass
class Sealed:
    """A company whose closes are sealed, and how long a build of the seals takes."""

    warehouse: Warehouse
    state: dict[str, list[Row]]
    seconds: float

    def take_out_seals(self) -> None:
        """As if no build had seen the last closes."""
        for name in ("fct_period_seals", "fct_sealed_entries"):
            self.warehouse.execute(
                f"delete from {self.warehouse.schema}.{name} where accounting_period in ({REMOVED})"
            )

    def killed_and_built(self, random: Random, selection: tuple[str, ...], seconds: float) -> str:
        """Kill one build, let the next one end; what to say of it in a failure."""
        self.take_out_seals()
        with self.warehouse.dbt_running("build", *selection, *WITHOUT, vars=VARS) as process:
            delay = kill_at_random(process, random, seconds)
        self.warehouse.build("build", *selection, *WITHOUT, vars=VARS).check()
        return f"killed {delay:.2f} of {seconds:.2f} s after its first hook"


@pytest.fixture(scope="module")
def company(warehouse: Warehouse, seed: int) -> Iterator[Sealed]:
    """A company of credits, built and sealed once on each engine."""
    books.load_company(warehouse, histories.random_company(seed, 20, closes=CLOSES), CLOSES)
    books.build_marts(warehouse, VARS, ("fct_period_seals",))
    state = sealed(warehouse)
    assert {row["accounting_period"] for row in state["seals"]} > {"2026-01", "2026-02", "2026-03"}
    started = time.monotonic()
    warehouse.build("build", *TAIL, *WITHOUT, vars=VARS).check()
    yield Sealed(warehouse, state, time.monotonic() - started)


def kills_of(warehouse: Warehouse, on_duckdb: int, on_postgres: int) -> int:
    """How often to kill on an engine."""
    return on_duckdb if warehouse.engine == "duckdb" else on_postgres


@pytest.mark.parametrize(
    ("on_duckdb", "on_postgres"),
    [pytest.param(4, 1, id="some"), pytest.param(20, 20, id="many", marks=pytest.mark.long)],
)
def test_killed_while_it_seals(
    company: Sealed, seed: int, on_duckdb: int, on_postgres: int
) -> None:
    random = Random(f"{seed} killed {company.warehouse.engine}")
    for number in range(kills_of(company.warehouse, on_duckdb, on_postgres)):
        said = company.killed_and_built(random, TAIL, company.seconds)
        assert sealed(company.warehouse) == company.state, f"--seed {seed}, kill {number}: {said}"


def test_killed_anywhere(company: Sealed, seed: int) -> None:
    """The next build builds everything again, too."""
    random = Random(f"{seed} anywhere {company.warehouse.engine}")
    said = company.killed_and_built(random, WHOLE, 8 * company.seconds)
    assert sealed(company.warehouse) == company.state, f"--seed {seed}: {said}"


def test_entries_of_a_killed_build_do_not_count(company: Sealed) -> None:
    """Killed between the two appends: the entries are there, the seal that commits them is not."""
    company.warehouse.execute(
        f"delete from {company.warehouse.schema}.fct_period_seals"
        f" where accounting_period in ({REMOVED})"
    )
    company.warehouse.build("build", *TAIL, *WITHOUT, vars=VARS).check()
    assert sealed(company.warehouse) == company.state
