"""The harness itself: what is loaded arrives, builds and our own reading take turns."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
import pytest
from warehouse import Warehouse

PROJECT = {
    "dbt_project.yml": """
        name: tiny
        version: "1.0"
        profile: revrec
        vars: {at_least: -100}
        """,
    "models/sources.yml": """
        sources:
          - name: raw
            tables: [{name: facts}]
        """,
    "models/kept.sql": """
        {{ config(materialized='view') }}
        select id, amount, happened_at from {{ source('raw', 'facts') }}
        where amount >= {{ var('at_least') }}
        """,
    "models/total.sql": """
        {{ config(materialized='table') }}
        select sum(amount) as total, count(*) as rows_in,
            max(cast(happened_at as date)) as last_day
        from {{ ref('kept') }}
        """,
    "tests/none_is_large.sql": "select * from {{ ref('kept') }} where amount > 1000",
}

COLUMNS = {"id": "integer", "amount": "numeric(38, 9)", "happened_at": "timestamp with time zone"}
INSTANT = datetime(2024, 1, 1, 2, 30, tzinfo=UTC)


def write_project(folder: Path, files: dict[str, str] = PROJECT) -> Path:
    """Write a dbt project of two models and a test, or other files, into `folder`."""
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dbt project that the tests leave as it is, so that it is parsed once per engine."""
    return write_project(tmp_path_factory.mktemp("project"))


def facts(*amounts: str) -> list[dict[str, object]]:
    """Raw rows with these amounts."""
    return [
        {"id": i, "amount": Decimal(amount), "happened_at": INSTANT}
        for i, amount in enumerate(amounts)
    ]


def test_what_is_loaded_arrives_unchanged(warehouse: Warehouse) -> None:
    columns = {
        "Key": "bigint",
        "note": "text",
        "amount": "numeric(38, 9)",
        "naive": "timestamp",
        "aware": "timestamptz",
        "day": "date",
        "flag": "boolean",
    }
    rows = [
        {
            "Key": 2**63 - 1,
            "note": "it's \"quoted\",\nbroken\r\n\tand \\N {'x': 1}\u00e9\u4e2d\U0001f600",
            "amount": Decimal("12345678901234567890123456789.123456789"),
            "naive": datetime(2024, 2, 29, 23, 59, 59, 999999),
            "aware": datetime(
                2024, 3, 10, 1, 30, tzinfo=timezone(timedelta(hours=-5, minutes=-30))
            ),
            "day": date(1, 1, 1),
            "flag": False,
        },
        {
            "Key": -(2**63),
            "note": "",
            "amount": Decimal("-1E-9"),
            "naive": datetime(1970, 1, 1),
            "aware": datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=UTC),
            "day": date(9999, 12, 31),
            "flag": True,
        },
        {"Key": 0, "note": "NULL", "amount": Decimal(0)},
        dict.fromkeys(columns),
    ]
    warehouse.load("raw data", "odd", columns, rows)
    read = warehouse.table("odd", order_by="Key", schema="raw data")
    expected = [dict.fromkeys(columns) | rows[i] for i in (3, 1, 2, 0)]
    assert read == expected
    assert [[type(v) for v in row.values()] for row in read] == [
        [type(v) for v in row.values()] for row in expected
    ]


def test_values_as_text_are_read_by_the_engine(warehouse: Warehouse) -> None:
    warehouse.load(
        "raw",
        "texts",
        {"a": "numeric(38, 9)", "b": "timestamp with time zone", "c": "text"},
        [{"a": "1.5", "b": "2024-01-01T00:00:00+01:00", "c": {"k": ["v"]}}],
    )
    assert warehouse.table("texts", schema="raw") == [
        {"a": Decimal("1.5"), "b": datetime(2023, 12, 31, 23, tzinfo=UTC), "c": '{"k": ["v"]}'}
    ]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("numeric(38, 2)", Decimal("0.001")),
        ("numeric(38, 9)", Decimal("NaN")),
        ("numeric(38, 9)", 0.1),
        ("numeric", Decimal(1)),
        ("timestamp", INSTANT),
        ("timestamptz", INSTANT.replace(tzinfo=None)),
    ],
)
def test_a_value_that_would_change_is_refused(
    duckdb_warehouse: Warehouse, kind: str, value: object
) -> None:
    with pytest.raises(ValueError):
        duckdb_warehouse.load("raw", "refused", {"x": kind}, [{"x": value}])


def test_unknown_columns_are_refused(duckdb_warehouse: Warehouse) -> None:
    with pytest.raises(ValueError, match="no column y"):
        duckdb_warehouse.load("raw", "refused", {"x": "integer"}, [{"y": 1}])


def test_many_rows_load_quickly(warehouse: Warehouse, seed: int) -> None:
    chance = random.Random(seed)
    rows = [
        {"id": i, "amount": Decimal(chance.randrange(10**18)).scaleb(-9), "happened_at": INSTANT}
        for i in range(50_000)
    ]
    start = time.monotonic()
    warehouse.load("raw", "many", COLUMNS, rows)
    assert time.monotonic() - start < 10
    (read,) = warehouse.fetch("select count(*) as n, sum(amount) as total from raw.many")
    assert read == {"n": 50_000, "total": sum(row["amount"] for row in rows)}


def test_builds_and_reading_take_turns(warehouse: Warehouse, project: Path) -> None:
    warehouse.load("raw", "facts", COLUMNS, facts("1.5", "2"))
    first = warehouse.build(project_dir=project)
    assert first.check().nodes.keys() == {
        "model.tiny.kept",
        "model.tiny.total",
        "test.tiny.none_is_large",
    }
    assert warehouse.table("total")[0]["total"] == Decimal("3.5")

    warehouse.load("raw", "facts", COLUMNS, facts("1.5", "2", "-4"))
    second = warehouse.build("build", "--select", "+total", project_dir=project).check()
    assert "Unable to do partial parsing" not in second.log
    assert warehouse.fetch("select total, rows_in from total") == [
        {"total": Decimal("-0.5"), "rows_in": 3}
    ]

    warehouse.build(project_dir=project, vars={"at_least": 2}).check()
    assert warehouse.table("total")[0]["total"] == 2


SIGNED = {
    "models/signed.sql": """
        {{ config(materialized='table') }}
        select amount, id as number from {{ ref('kept') }}
        """,
    "models/signed.yml": """
        models:
          - name: signed
            config:
              contract: {enforced: true}
            columns:
              - name: number
                data_type: integer
                constraints: [{type: not_null}]
              - name: amount
                data_type: numeric(38,9)
        """,
}


def test_tables_in_one_statement_are_those_of_dbt(warehouse: Warehouse, tmp_path: Path) -> None:
    """The same rows, columns, types and kinds of relations; a constraint holds in both."""
    project = write_project(tmp_path, {**PROJECT, **SIGNED})
    found = []
    for by_materializations in (True, False, True):
        warehouse.load("raw", "facts", COLUMNS, facts("1.5", "2"))
        warehouse.build(project_dir=project, by_materializations=by_materializations).check()
        kinds = warehouse.fetch(
            "select table_name, table_type from information_schema.tables"
            f" where table_schema = '{warehouse.schema}' order by table_name"
        )
        names = ("kept", "total", "signed")
        tables = [(warehouse.columns(name), warehouse.table(name)) for name in names]
        found.append((kinds, tables))
        warehouse.load("raw", "facts", COLUMNS, [{"id": None, "amount": Decimal(1)}])
        options = {"project_dir": project, "by_materializations": by_materializations}
        broken = warehouse.build(**options)
        assert broken.failed.keys() == {"model.tiny.signed"}
        assert "null" in str(broken).lower()
    assert found[0] == found[1] == found[2]
    assert [*found[0][1][2][0]] == ["number", "amount"]


def test_a_target_schema_of_its_own(warehouse: Warehouse, project: Path) -> None:
    warehouse.load("raw", "facts", COLUMNS, facts("7"))
    warehouse.build(project_dir=project, schema="elsewhere").check()
    assert warehouse.table("total", schema="elsewhere")[0]["total"] == 7


def test_failures_are_told_apart_and_leave_nothing_open(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    project = write_project(tmp_path)
    warehouse.load("raw", "facts", COLUMNS, facts("1001", "2000"))
    result = warehouse.build(project_dir=project)
    assert not result.success
    assert result.failed.keys() == {"test.tiny.none_is_large"}
    assert result.failed["test.tiny.none_is_large"].failures == 2
    with pytest.raises(AssertionError, match=r"none_is_large: fail \(2\)"):
        result.check()

    (project / "models" / "total.sql").write_text("select 1 as n from nowhere_at_all")
    broken = warehouse.build(project_dir=project)
    assert broken.failed["model.tiny.total"].status == "error"
    assert "nowhere_at_all" in broken.failed["model.tiny.total"].message

    (project / "models" / "total.sql").write_text("select * from {{ ref('no_such_model') }}")
    unparsed = warehouse.build(project_dir=project)
    assert not unparsed.success
    assert "no_such_model" in str(unparsed.exception)
    assert "no_such_model" in str(unparsed)
    assert not warehouse.build("no-such-command", project_dir=project).success

    (project / "models" / "total.sql").write_text("{{ exceptions.raise_compiler_error('stop') }}")
    assert not warehouse.build(project_dir=project).success
    assert len(warehouse.table("facts", schema="raw")) == 2


def test_another_process_can_build_in_between(warehouse: Warehouse, project: Path) -> None:
    warehouse.load("raw", "facts", COLUMNS, facts("1", "2"))
    warehouse.build(project_dir=project).check()
    warehouse.load("raw", "facts", COLUMNS, facts("3"))
    warehouse.session_timezone = "America/Los_Angeles"
    done = warehouse.dbt_process("build", project_dir=project)
    assert done.returncode == 0, done.stdout
    assert "Completed successfully" in done.stdout
    warehouse.session_timezone = None
    (row,) = warehouse.table("total")
    assert row == {"total": 3, "rows_in": 1, "last_day": date(2023, 12, 31)}


def test_nothing_is_written_into_the_project(warehouse: Warehouse, project: Path) -> None:
    before = sorted(project.rglob("*"))
    folder = Path.cwd()
    warehouse.load("raw", "facts", COLUMNS, facts("1"))
    warehouse.build(project_dir=project).check()
    assert sorted(project.rglob("*")) == before
    assert Path.cwd() == folder


def test_the_session_time_zone_reaches_dbt(warehouse: Warehouse, project: Path) -> None:
    warehouse.load("raw", "facts", COLUMNS, facts("1"))
    days = {}
    for zone in (None, "Pacific/Kiritimati", "America/Los_Angeles"):
        warehouse.session_timezone = zone
        warehouse.build(project_dir=project).check()
        (row,) = warehouse.fetch("select last_day from total")
        (now,) = warehouse.fetch("select current_setting('TimeZone') as zone")
        days[zone] = (row["last_day"], now["zone"])
    warehouse.session_timezone = None
    assert days["Pacific/Kiritimati"] == (date(2024, 1, 1), "Pacific/Kiritimati")
    assert days["America/Los_Angeles"] == (date(2023, 12, 31), "America/Los_Angeles")
    assert days[None][1] == "UTC"
    assert "PGOPTIONS" not in os.environ


def test_two_warehouses_of_an_engine_in_one_process(
    warehouse: Warehouse, project: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if warehouse.engine == "duckdb":
        other = Warehouse.duckdb(tmp_path / "other")
    else:
        server = request.getfixturevalue("postgres_server")
        server.create_database("revrec_other")
        other = Warehouse.postgres(server.uri, "revrec_other")
    with other:
        for house, amount in ((warehouse, "1"), (other, "2"), (warehouse, "3"), (other, "4")):
            house.load("raw", "facts", COLUMNS, facts(amount))
            house.build(project_dir=project).check()
            assert house.table("total")[0]["total"] == Decimal(amount)
        assert warehouse.table("total")[0]["total"] == 3
        other.reset()
        with pytest.raises((duckdb.Error, psycopg2.Error)):
            other.table("total")


def test_postgres_sorts_like_a_dictionary(
    postgres_warehouse: Warehouse, postgres_server: Any
) -> None:
    if postgres_server.collation == "PG_UNICODE_FAST":
        pytest.skip("no locale could be compiled here, see the header")
    (row,) = postgres_warehouse.fetch(
        """
        select 'a' < 'B' as here, 'a' < 'B' collate "C" as in_c,
            '_b' < 'c' and '_b' > 'a' as punctuation, lower('\u00c9') as small, datcollate
        from pg_database where datname = current_database()
        """
    )
    assert row == {
        "here": True,
        "in_c": False,
        "punctuation": True,
        "small": "\u00e9",
        "datcollate": postgres_server.collation,
    }


def test_the_server_ends_when_pytest_is_killed() -> None:
    script = (
        "from conftest import running_server; import time\n"
        "with running_server() as server:\n"
        "    print(server.uri, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parent,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        uri = process.stdout.readline().strip()
        psycopg2.connect(uri).close()
        process.send_signal(signal.SIGKILL)
    folder = Path(psycopg2.extensions.parse_dsn(uri)["host"])
    for _ in range(100):
        if not folder.exists():
            break
        time.sleep(0.1)
    assert not folder.exists()
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(uri)
