"""Measure revrec against the floor: the same answer by one hand-written statement, same file.

Three workloads, each written by a generator and then read by the floor statement and `dbt build`:

- credits: a Stigg ledger of N rows; the floor drops its copies and groups it;
- services: a Stripe account of N invoice lines of twelve months; the floor spreads each over its
  months by days and rounds the cumulative;
- usage: a meter of N events; the floor drops copies and retries, groups them by billing period and
  accounting period, rates the running quantity and rounds the cumulative.

The bars: the models that read the ledger, the lines or the events take at most 2 times the floor,
all models at most 4 times, models and tests at most 6 times.

dbt runs with one thread (DuckDB still uses every core), so that the times of models add up.

Usage: python scripts/bench.py [--workload credits] [--rows 10000000] [--folder bench] [--keep]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
from generate_usage_exports import RATED_SQL, write_usage

ROOT = Path(__file__).resolve().parent.parent
BARS = {"models that read it": 2, "all models": 4, "models and tests": 6}

# The best of two ways to drop repeated ids that were tried (the other: select distinct).
LEDGER_FLOOR = """
create or replace table bench_floor as
with repeated as (
    select id from stigg.credit_ledger group by id having count(*) > 1
),
rows as (
    select credit_grant_id, "timestamp", event_type, amount
    from stigg.credit_ledger
    where id not in (select id from repeated)
    union all
    select distinct on (id) credit_grant_id, "timestamp", event_type, amount
    from stigg.credit_ledger
    where id in (select id from repeated)
),
grouped as (
    select
        credit_grant_id,
        date_trunc('month', "timestamp") as month,
        event_type,
        sum(amount) as units,
        count(*) as row_count
    from rows
    group by all
)
select
    grouped.*,
    grants.customer_id,
    grants.category,
    grants.cost_currency,
    grants.cost_basis,
    grants.cost_amount
from grouped
inner join stigg.credit_grants as grants on grants.grant_id = grouped.credit_grant_id
"""


# The best of two ways to spread that were tried (the other: a range join to the months).
LINES_FLOOR = """
create or replace table bench_floor as
with lines as (
    select
        id,
        amount,
        cast(period_start as date) as starts_on,
        cast(period_end as date) - cast(period_start as date) as days
    from stripe.invoice_line_items
),
months as (
    select
        *,
        date_trunc('month', starts_on) + to_months(cast(n as integer)) as month,
        cast(date_trunc('month', starts_on) + to_months(cast(n as integer)) as date)
        - starts_on as days_before,
        cast(date_trunc('month', starts_on) + to_months(cast(n + 1 as integer)) as date)
        - starts_on as days_after
    from lines
    cross join range(13) as series (n)
)
select
    id,
    month,
    (2 * amount * least(days_after, days) + days) // (2 * days)
    - (2 * amount * greatest(days_before, 0) + days) // (2 * days) as amount
from months
where days_before < days
"""


USAGE_FLOOR = f"create or replace table bench_floor as {RATED_SQL}"


def write_ledger(path: Path, rows: int) -> None:
    """Write a Stigg export of `rows` ledger rows into a DuckDB file."""
    generator = ROOT / "scripts" / "generate_exports.py"
    subprocess.run(
        [sys.executable, str(generator), "load", "--rows", str(rows), "--duckdb", str(path)],
        check=True,
    )


def write_lines(path: Path, rows: int) -> None:
    """Write a Stripe account of `rows` invoice lines into a DuckDB file."""
    generator = ROOT / "scripts" / "generate_stripe_exports.py"
    folder = path.parent / "stripe"
    subprocess.run(
        [sys.executable, str(generator), "--lines", str(rows), "--folder", str(folder)],
        check=True,
    )
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema stripe")
        connection.execute("create schema finance")
        for file in sorted(folder.glob("*.parquet")):
            connection.execute(f"create table stripe.{file.stem} as from '{file}'")
    shutil.rmtree(folder)


@dataclass(frozen=True)
class Workload:
    """What is measured: the export and its main table, the floor, the bench's defaults."""

    write: Callable[[Path, int], object]
    source: str
    table: str
    floor: str
    as_of_date: str
    rows: int


WORKLOADS = {
    "credits": Workload(
        write_ledger, "stigg", "credit_ledger", LEDGER_FLOOR, "2026-01-31", 10_000_000
    ),
    "services": Workload(
        write_lines, "stripe", "invoice_line_items", LINES_FLOOR, "2025-12-31", 1_000_000
    ),
    "usage": Workload(
        write_usage, "metering", "usage_events", USAGE_FLOOR, "2025-12-31", 10_000_000
    ),
}


def prepare(workload: Workload, path: Path, rows: int) -> None:
    """Write the export and the finance tables that it lacks into a DuckDB file."""
    workload.write(path, rows)
    with duckdb.connect(str(path)) as connection:
        for seed in sorted((ROOT / "seeds" / "finance").glob("*.csv")):
            connection.execute(
                f"create table if not exists finance.{seed.stem} as "
                f"select * from read_csv('{seed}', header=true, all_varchar=true)"
            )


def time_floor(workload: Workload, path: Path) -> float:
    """Run the floor statement twice and return the faster time in seconds."""
    times = []
    with duckdb.connect(str(path)) as connection:
        connection.execute("set enable_progress_bar = false")
        for _ in range(2):
            started = time.perf_counter()
            connection.execute(workload.floor)
            times.append(time.perf_counter() - started)
        connection.execute("drop table bench_floor")
    return min(times)


def run_dbt(workload: Workload, path: Path, folder: Path) -> tuple[dict, dict]:
    """Build the books over the file; return dbt's run results and manifest.

    Raises subprocess.CalledProcessError where the build fails.
    """
    profiles = folder / "profiles"
    profiles.mkdir(exist_ok=True)
    shutil.copy(ROOT / "profiles.yml.example", profiles / "profiles.yml")
    settings = {
        "sample_data": False,
        "sources": [workload.source],
        "finance_schema": "finance",
        "as_of_date": workload.as_of_date,
    }
    command = [
        *(str(Path(sys.executable).with_name("dbt")), "build"),
        *("--exclude-resource-type", "unit_test", "--threads", "1"),
        *("--project-dir", str(ROOT), "--profiles-dir", str(profiles)),
        *("--target-path", str(folder / "target"), "--log-path", str(folder / "logs")),
        *("--vars", json.dumps(settings)),
    ]
    environment = {**os.environ, "REVREC_DUCKDB_PATH": str(path)}
    with (folder / "dbt.log").open("w") as log:
        subprocess.run(command, check=True, env=environment, stdout=log, stderr=log)
    results = json.loads((folder / "target" / "run_results.json").read_text())
    manifest = json.loads((folder / "target" / "manifest.json").read_text())
    return results, manifest


def reading_models(manifest: dict, table: str) -> set[str]:
    """Return the ids of the tables that read a raw table, through views alone."""
    nodes = manifest["nodes"]

    def reads(unique_id: str) -> bool:
        if unique_id.startswith("source."):
            return unique_id.endswith(f".{table}")
        return any(
            parent.endswith(f".{table}") or (is_view(parent) and reads(parent))
            for parent in nodes[unique_id]["depends_on"]["nodes"]
        )

    def is_view(unique_id: str) -> bool:
        return unique_id in nodes and nodes[unique_id]["config"]["materialized"] == "view"

    return {
        unique_id
        for unique_id, node in nodes.items()
        if node["resource_type"] == "model"
        and node["config"]["materialized"] == "table"
        and reads(unique_id)
    }


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workload", choices=WORKLOADS, default="credits")
    parser.add_argument(
        "--rows", type=int, help="10 million ledger rows or events, 1 million lines"
    )
    parser.add_argument("--folder", type=Path, default=ROOT / "target" / "bench")
    parser.add_argument("--keep", action="store_true", help="use the file that is there")
    options = parser.parse_args()

    workload = WORKLOADS[options.workload]
    rows = options.rows or workload.rows
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"bench_{options.workload}_{rows}.duckdb"
    if not (options.keep and path.exists()):
        path.unlink(missing_ok=True)
        prepare(workload, path, rows)

    floor = time_floor(workload, path)
    results, manifest = run_dbt(workload, path, folder)
    seconds = {result["unique_id"]: result["execution_time"] for result in results["results"]}
    models = {key: value for key, value in seconds.items() if key.startswith("model.")}
    tests = sum(value for key, value in seconds.items() if key.startswith("test."))
    readers = {key: models[key] for key in reading_models(manifest, workload.table)}
    with duckdb.connect(str(path), read_only=True) as connection:
        entries = connection.execute("select count(*) from fct_journal_entries").fetchall()[0][0]

    measured = {
        "models that read it": sum(readers.values()),
        "all models": sum(models.values()),
        "models and tests": sum(models.values()) + tests,
    }
    print(f"{rows:,} rows of {workload.table}, {entries:,} journal entries, {os.cpu_count()} cores")
    print(f"{'floor':<28} {floor:8.1f} s")
    for name, value in measured.items():
        verdict = "within" if value <= BARS[name] * floor else "ABOVE"
        print(f"{name:<28} {value:8.1f} s  {value / floor:4.1f} x  {verdict} {BARS[name]} x")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024 / 1024
    print(f"{measured['all models'] / entries * 1e6:.1f} s per million journal entries")
    print(f"{rows / measured['all models']:,.0f} rows per second")
    print(f"{peak:.1f} GiB peak memory")
    print("slowest models and tests:")
    for key, value in sorted(seconds.items(), key=lambda item: -item[1])[:10]:
        print(f"    {value:6.1f} s  {key.split('.')[2]}")


if __name__ == "__main__":
    main()
