"""Two builds at once on one target, and builds that are killed.

Most tests build a project of one model with the macros, the hooks and the query comment of revrec:
it takes dbt a second to parse, and its model waits at a gate that the test opens.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from conftest import PostgresServer
from warehouse import REPOSITORY, BuildResult, Warehouse

PATIENCE = 90
LOCKED = "revrec: another build writes to schema 'public': dbt build since "
# The number of the advisory lock that is the gate on Postgres.
GATE = 7

# Its wait ends: a build that should have stopped before the gate fails there.
POSTGRES_MODEL = """
{{ config(materialized='table', pre_hook="set lock_timeout = '40s'") }}
select 42 as answer from (select pg_advisory_xact_lock_shared({{ var('gate') }})) as gate
"""
# A pipe: who reads it waits for its writer.
DUCKDB_MODEL = """
{{ config(materialized='table') }}
select 42 as answer
from read_csv('{{ var("gate") }}', header = false, columns = {'line': 'varchar'})
"""
# It does not wait.
PLAIN_MODEL = "{{ config(materialized='table') }} select 42 as answer"
DIVIDED_BY_ZERO = "{{ config(materialized='table') }} select 1 / (random()::int * 0) as answer"


# --------------------------------------------------------------------------------------------------
# A small project, its gate, and its builds
# --------------------------------------------------------------------------------------------------


def write_project(folder: Path, model: str, *, has_comment: bool = True) -> Path:
    """A project of one model in `folder`, with what revrec does around a run."""
    shipped = yaml.safe_load((REPOSITORY / "dbt_project.yml").read_text(encoding="utf-8"))
    kept = ["name", "version", "config-version", "profile", "flags", "vars"]
    kept += ["on-run-start", "on-run-end", *(["query-comment"] if has_comment else [])]
    project = {key: shipped[key] for key in kept}
    project["macro-paths"] = [os.path.relpath(REPOSITORY / "macros", folder)]
    (folder / "models").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text(yaml.safe_dump(project), encoding="utf-8")
    (folder / "models" / "slow.sql").write_text(model, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project for Postgres."""
    return write_project(tmp_path_factory.mktemp("small") / "project", POSTGRES_MODEL)


@pytest.fixture
def house(postgres_warehouse: Warehouse) -> Warehouse:
    """An empty database on Postgres."""
    postgres_warehouse.reset()
    return postgres_warehouse


@pytest.fixture
def sessions(postgres_server: PostgresServer) -> Iterator[tuple[Any, Any]]:
    """Cursors of two sessions that dbt's runs do not close; autocommit."""
    with ExitStack() as stack:
        houses = [Warehouse.postgres(postgres_server.uri, "revrec_test") for _ in range(2)]
        yield tuple(stack.enter_context(house).connection().cursor() for house in houses)


@pytest.fixture
def cursor(sessions: tuple[Any, Any]) -> Any:
    """The first of them."""
    return sessions[0]


def value(cursor: Any, sql: str) -> Any:
    """The only value of a query."""
    cursor.execute(sql)
    ((only,),) = cursor.fetchall()
    return only


def wait_for(condition: Callable[[], Any], what: str) -> Any:
    """What `condition` returns as soon as it is true.

    Raises:
        AssertionError: it did not become true.
    """
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if result := condition():
            return result
        time.sleep(0.05)
    raise AssertionError(f"waited in vain for {what}")


def waiting_at_gate(cursor: Any) -> int | None:
    """The pid of the session that waits at the gate, if there is one."""
    return value(
        cursor,
        "select min(pid) from pg_locks "
        f"where locktype = 'advisory' and objid = {GATE} and not granted",
    )


@contextmanager
def build_at_gate(
    house: Warehouse, project: Path, cursor: Any
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A build that waits at the gate, which `cursor` holds, and the pid of its session."""
    cursor.execute(f"select pg_advisory_lock({GATE})")
    with house.dbt_running("build", project_dir=project, vars={"gate": GATE}) as process:
        pid = wait_for(
            lambda: process.poll() is not None or waiting_at_gate(cursor), "a build at the gate"
        )
        assert process.poll() is None, process.communicate()[0]
        yield process, pid


def open_gate(cursor: Any) -> None:
    """Let the builds at the gate go on."""
    cursor.execute(f"select pg_advisory_unlock({GATE})")


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The return code of a build, and what it printed, on one line."""
    said, _ = process.communicate(timeout=PATIENCE)
    return process.returncode, " ".join(said.split())


def build(house: Warehouse, project: Path, **more: Any) -> BuildResult:
    """A build from its start to its end, in this process."""
    return house.build("build", project_dir=project, vars={"gate": GATE}, **more)


def assert_stopped(result: BuildResult) -> str:
    """A build stopped before it wrote anything; its message, on one line."""
    assert not result.success
    assert not result.nodes
    said = " ".join(result.log.split())
    assert LOCKED in said
    return said


def kill_at_random(process: subprocess.Popen[str], random: Random, seconds: float) -> float:
    """Kill a build with all it started, within `seconds` of the start of its first hook.

    Returns:
        After how many seconds.
    """
    for line in process.stdout:
        if "START hook" in line:
            break
    delay = random.uniform(0, seconds)
    time.sleep(delay)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return delay


def assert_is_right(house: Warehouse, schema: str | None = None) -> None:
    """The last build wrote what it should, and its lock is free."""
    assert house.table("slow", schema=schema) == [{"answer": 42}]
    if house.engine == "postgres":
        assert house.table("revrec_build_lock", schema=schema) == []


# --------------------------------------------------------------------------------------------------
# Two builds at once
# --------------------------------------------------------------------------------------------------


def test_the_second_build_stops_and_names_the_first(
    house: Warehouse, project: Path, cursor: Any
) -> None:
    """It changes nothing; dbt test and the builds of another schema are not stopped."""
    with build_at_gate(house, project, cursor) as (first, pid):
        said = assert_stopped(build(house, project))
        invocation = value(cursor, "select invocation_id from public.revrec_build_lock")
        assert f"pid {pid} of role postgres, invocation {invocation}." in said
        assert f"pg_terminate_backend({pid})" in said
        assert "query-comment" not in said

        house.build("test", project_dir=project, vars={"gate": GATE}).check()
        options = {"project_dir": project, "vars": {"gate": GATE + 1}, "schema": "other"}
        house.build("build", **options).check()
        assert_is_right(house, "other")

        assert first.poll() is None
        open_gate(cursor)
        code, said = ended(first)
        assert code == 0, said
    assert_is_right(house)


def test_a_project_without_the_query_comment_has_the_lock_too(
    house: Warehouse, tmp_path: Path, cursor: Any
) -> None:
    """Where queries do not name their run, any session of the role counts as the holder's."""
    project = write_project(tmp_path / "project", POSTGRES_MODEL, has_comment=False)
    with build_at_gate(house, project, cursor) as (first, pid):
        said = assert_stopped(build(house, project))
        assert f"pid {pid} of role postgres" in said
        assert "let query-comment in dbt_project.yml name the invocation_id" in said
        os.killpg(first.pid, signal.SIGKILL)
        open_gate(cursor)
    result = build(house, project).check()
    assert "no longer runs; this build takes it over." in result.log
    assert_is_right(house)


@pytest.mark.parametrize("has_table", [True, False])
def test_of_builds_at_the_same_instant_one_goes_on(
    house: Warehouse, project: Path, sessions: tuple[Any, Any], has_table: bool
) -> None:
    """Both stand before the lock, or before its table is made, when they are let go."""
    if has_table:
        build(house, project).check()
        barrier = "lock table public.revrec_build_lock in exclusive mode"
    else:
        barrier = "select pg_advisory_xact_lock(hashtext('revrec_build_lock'), hashtext('public'))"
    gate, cursor = sessions
    with ExitStack() as stack:
        gate.execute(f"select pg_advisory_lock({GATE})")
        cursor.execute(f"begin; {barrier}")
        builds = [
            stack.enter_context(
                house.dbt_running("build", project_dir=project, vars={"gate": GATE})
            )
            for _ in range(2)
        ]
        waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
        wait_for(lambda: value(gate, waiting) == 2, "two builds before the lock")
        cursor.execute("commit")

        stopped = wait_for(
            lambda: [process for process in builds if process.poll() is not None],
            "the build that stops",
        )
        assert len(stopped) == 1
        code, said = ended(stopped[0])
        assert code != 0
        assert LOCKED in said
        open_gate(gate)
        (other,) = (process for process in builds if process is not stopped[0])
        code, said = ended(other)
        assert code == 0, said
    assert_is_right(house)


# --------------------------------------------------------------------------------------------------
# The end of a build
# --------------------------------------------------------------------------------------------------


def test_a_killed_build_is_followed_by_one_that_takes_over(
    house: Warehouse, project: Path, cursor: Any
) -> None:
    """While its last query runs it is not dead: that may still write."""
    with build_at_gate(house, project, cursor) as (first, pid):
        invocation = value(cursor, "select invocation_id from public.revrec_build_lock")
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
        said = assert_stopped(build(house, project))
        assert f"pid {pid} " in said
        open_gate(cursor)
    result = build(house, project).check()
    assert f"revrec: invocation {invocation} holds the build lock of schema public" in result.log
    assert_is_right(house)


@pytest.mark.parametrize("kills", [1, pytest.param(20, marks=pytest.mark.long)])
def test_a_build_killed_at_any_point_is_repaired_by_the_next(
    warehouse: Warehouse, tmp_path: Path, seed: int, kills: int
) -> None:
    """Before it has the lock, with it, while it writes, at its end."""
    random = Random(seed)
    project = write_project(tmp_path / "project", PLAIN_MODEL)
    for number in range(kills):
        warehouse.reset()
        with warehouse.dbt_running("build", project_dir=project) as process:
            delay = kill_at_random(process, random, seconds=0.4)
        result = warehouse.build("build", project_dir=project)
        assert result.success, f"--seed {seed}, kill {number} after {delay} s\n{result}"
        assert_is_right(warehouse)


def test_a_build_with_failures_frees_the_lock(house: Warehouse, tmp_path: Path) -> None:
    project = write_project(tmp_path / "project", DIVIDED_BY_ZERO)
    result = house.build("build", project_dir=project)
    assert [key for key, _ in result.failed.items()] == ["model.revrec.slow"], str(result)
    assert house.table("revrec_build_lock") == []


def test_a_build_that_lost_its_lock_says_so(house: Warehouse, project: Path, cursor: Any) -> None:
    with build_at_gate(house, project, cursor) as (first, _):
        cursor.execute("delete from public.revrec_build_lock")
        open_gate(cursor)
        code, said = ended(first)
    assert code != 0
    assert "revrec: another build took over schema 'public' while this one stood still" in said


# --------------------------------------------------------------------------------------------------
# DuckDB
# --------------------------------------------------------------------------------------------------


def test_duckdb_names_who_has_the_file_open(duckdb_warehouse: Warehouse, tmp_path: Path) -> None:
    """DuckDB's own lock: one process per file."""
    project = write_project(tmp_path / "project", DUCKDB_MODEL)
    pipe = tmp_path / "gate"
    os.mkfifo(pipe)
    options = {"project_dir": project, "vars": {"gate": str(pipe)}}
    with duckdb_warehouse.dbt_running("build", **options) as first:
        for line in first.stdout:
            if "START sql table model" in line:
                break
        second = duckdb_warehouse.dbt_process("build", **options)
        said = " ".join(second.stdout.split())
        assert second.returncode != 0
        assert re.search(r"IO Error: Could not set lock on file .*warehouse\.duckdb", said), said
        assert f"(PID {first.pid})" in said
        with pipe.open("w", encoding="utf-8") as writer:
            writer.write("go on\n")
        code, said = ended(first)
        assert code == 0, said
    assert duckdb_warehouse.table("slow") == [{"answer": 42}]
