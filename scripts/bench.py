"""Measure revrec against the floor: the same ledger, grouped by one hand-written statement.

Writes a Stigg export of N rows with generate_exports.py, runs the floor statement and then
`dbt build` on the same DuckDB file, and prints both with their ratios and the bars:

- the models that read the ledger: at most 2 times the floor;
- all models: at most 4 times;
- models and tests: at most 6 times.

dbt runs with one thread (DuckDB still uses every core), so that the times of models add up.

Usage: python scripts/bench.py [--rows 10000000] [--folder bench] [--keep]
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
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parent.parent
BARS = {"models that read the ledger": 2, "all models": 4, "models and tests": 6}

# The best of two ways to drop repeated ids that were tried (the other: select distinct).
FLOOR = """
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


def prepare(path: Path, rows: int) -> None:
    """Write the export of `rows` ledger rows and the finance tables into a DuckDB file."""
    generator = ROOT / "scripts" / "generate_exports.py"
    subprocess.run(
        [sys.executable, str(generator), "load", "--rows", str(rows), "--duckdb", str(path)],
        check=True,
    )
    with duckdb.connect(str(path)) as connection:
        for table in (
            *("chart_of_accounts", "currencies", "account_mappings", "list_prices"),
            "fx_rates",
        ):
            seed = ROOT / "seeds" / "finance" / f"{table}.csv"
            connection.execute(
                f"create table finance.{table} as "
                f"select * from read_csv('{seed}', header=true, all_varchar=true)"
            )


def time_floor(path: Path) -> float:
    """Run the floor statement twice and return the faster time in seconds."""
    times = []
    with duckdb.connect(str(path)) as connection:
        for _ in range(2):
            started = time.perf_counter()
            connection.execute(FLOOR)
            times.append(time.perf_counter() - started)
        connection.execute("drop table bench_floor")
    return min(times)


def run_dbt(path: Path, folder: Path) -> tuple[dict, dict]:
    """Build the books over the file; return dbt's run results and manifest.

    Raises subprocess.CalledProcessError where the build fails.
    """
    profiles = folder / "profiles"
    profiles.mkdir(exist_ok=True)
    shutil.copy(ROOT / "profiles.yml.example", profiles / "profiles.yml")
    settings = {
        "sample_data": False,
        "sources": ["stigg"],
        "finance_schema": "finance",
        "as_of_date": "2026-01-31",
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


def ledger_models(manifest: dict) -> set[str]:
    """Return the ids of the tables that read the ledger, through views alone."""
    nodes = manifest["nodes"]

    def reads_ledger(unique_id: str) -> bool:
        if unique_id.startswith("source."):
            return unique_id.endswith(".credit_ledger")
        return any(
            parent.endswith(".credit_ledger") or (is_view(parent) and reads_ledger(parent))
            for parent in nodes[unique_id]["depends_on"]["nodes"]
        )

    def is_view(unique_id: str) -> bool:
        return unique_id in nodes and nodes[unique_id]["config"]["materialized"] == "view"

    return {
        unique_id
        for unique_id, node in nodes.items()
        if node["resource_type"] == "model"
        and node["config"]["materialized"] == "table"
        and reads_ledger(unique_id)
    }


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path, default=ROOT / "target" / "bench")
    parser.add_argument("--keep", action="store_true", help="use the file that is there")
    options = parser.parse_args()

    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"bench_{options.rows}.duckdb"
    if not (options.keep and path.exists()):
        path.unlink(missing_ok=True)
        prepare(path, options.rows)

    floor = time_floor(path)
    results, manifest = run_dbt(path, folder)
    seconds = {result["unique_id"]: result["execution_time"] for result in results["results"]}
    models = {key: value for key, value in seconds.items() if key.startswith("model.")}
    tests = sum(value for key, value in seconds.items() if key.startswith("test."))
    ledger = {key: models[key] for key in ledger_models(manifest)}
    with duckdb.connect(str(path), read_only=True) as connection:
        entries = connection.execute("select count(*) from fct_journal_entries").fetchall()[0][0]

    measured = {
        "models that read the ledger": sum(ledger.values()),
        "all models": sum(models.values()),
        "models and tests": sum(models.values()) + tests,
    }
    print(f"{options.rows:,} ledger rows, {entries:,} journal entries, {os.cpu_count()} cores")
    print(f"{'floor':<28} {floor:8.1f} s")
    for name, value in measured.items():
        verdict = "within" if value <= BARS[name] * floor else "ABOVE"
        print(f"{name:<28} {value:8.1f} s  {value / floor:4.1f} x  {verdict} {BARS[name]} x")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024 / 1024
    print(f"{measured['all models'] / entries * 1e6:.1f} s per million journal entries")
    print(f"{options.rows / measured['all models']:,.0f} ledger rows per second")
    print(f"{peak:.1f} GiB peak memory")
    print("slowest models and tests:")
    for key, value in sorted(seconds.items(), key=lambda item: -item[1])[:10]:
        print(f"    {value:6.1f} s  {key.split('.')[2]}")


if __name__ == "__main__":
    main()
