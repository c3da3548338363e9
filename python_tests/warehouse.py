"""One interface to the two engines of the tests: load raw rows, run dbt, read the result.

>>> house = Warehouse.duckdb(folder)
>>> house.load("stigg", "grants", {"id": "text", "amount": "numeric(38, 9)"}, rows)
>>> house.build("build", "--select", "+fct_journal_entries", vars={"sample_data": False}).check()
>>> house.table("fct_journal_entries", order_by="journal_entry_id")

dbt runs inside this process (0.5 s instead of 3 s a build) and keeps connections of its own;
`build` closes them, so that `fetch`, another Warehouse or another process can open the same
file at once. Nothing is written into the project: profiles, target and logs lie in a temporary
folder of this process, one per project and set of vars, where partial parsing finds them again.

To parse revrec takes dbt as long as to build a hundred models. So what `dbt parse` gives is kept,
for this process and the other processes of the test run, until a file of the project changes: see
KeptManifests.
"""

from __future__ import annotations

import atexit
import gc
import hashlib
import json
import os
import pickle
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import duckdb
import psycopg2
from quick_dbt import quickened, quickly_parsed

REPOSITORY = Path(__file__).resolve().parent.parent
PROFILE = "revrec"
CHUNK = 20_000
# Vars of revrec that count when a model is compiled, and not when it is parsed: projects that were
# parsed with other values of them are the same. test_vars.py proves it.
RUN_VARS = frozenset(
    {
        "accounting_timezone",
        "as_of_date",
        "books_start",
        "calendar",
        "entity_id",
        "fiscal_year_start",
        "functional_currency",
        "fx_max_age_days",
        "ignore_credit_events",
        "known_as_of",
        "on_seal_break",
        "keep_build_history",
        "stripe_cost_basis_key",
        "stripe_invoice_key",
    }
)
# The commands that need a parsed project.
PARSING = frozenset({"build", "compile", "list", "parse", "run", "run-operation", "seed", "test"})
# The folder that the processes of a test run share; conftest.py makes it.
MANIFESTS = "REVREC_TEST_MANIFESTS"

Row = dict[str, Any]


class NodeResult(NamedTuple):
    """What became of one node of a dbt run."""

    status: str
    message: str | None
    failures: int | None


@dataclass
class BuildResult:
    """What one dbt invocation did.

    `nodes` holds every node that was selected, `failed` those with status error, fail or
    runtime error (not the skipped ones), both by unique id. `log` is what dbt said at level
    info and above, `target` dbt's target folder, with every statement (until the next build
    with the same vars). `result` is dbt's own result.
    """

    success: bool
    nodes: dict[str, NodeResult] = field(default_factory=dict)
    failed: dict[str, NodeResult] = field(default_factory=dict)
    exception: BaseException | None = None
    log: str = ""
    target: Path | None = None
    result: Any = field(default=None, repr=False)

    def check(self) -> BuildResult:
        """Return itself.

        Raises:
            AssertionError: the run did not succeed; the message names every failed node.
        """
        if not self.success:
            raise AssertionError(str(self))
        return self

    def __str__(self) -> str:
        if self.success:
            return f"dbt succeeded, {len(self.nodes)} nodes"
        lines = [f"dbt failed, {len(self.failed)} of {len(self.nodes)} nodes"]
        lines += [
            f"  {node}: {result.status} ({result.failures}): {result.message}"
            for node, result in self.failed.items()
        ]
        if self.exception is not None:
            lines.append(f"  {type(self.exception).__name__}: {self.exception}")
        if not self.failed:
            lines.append(self.log[-4000:])
        return "\n".join([*lines, f"  statements: {self.target}"])


class Warehouse:
    """A database of one engine, and dbt upon it.

    Attributes:
        engine: `duckdb` or `postgres`.
        schema: the target schema unless `build` is told another (`main` or `public`).
        session_timezone: the time zone of dbt's sessions and of `fetch` and `execute`; None
            leaves dbt's to the engine and makes ours UTC. It can be set at any time.
    """

    def __init__(self, engine: str, path: Path | None, dsn: str | None) -> None:
        """Use `Warehouse.duckdb` or `Warehouse.postgres`."""
        self.engine = engine
        self.schema = "main" if engine == "duckdb" else "public"
        self._path = path
        self._dsn = dsn
        self._connection: Any = None
        self._session_timezone: str | None = None

    @classmethod
    def duckdb(cls, folder: Path | str, session_timezone: str | None = None) -> Warehouse:
        """A DuckDB file `warehouse.duckdb` in `folder`, which is made if it is missing."""
        folder = Path(folder).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        house = cls("duckdb", folder / "warehouse.duckdb", None)
        house.session_timezone = session_timezone
        return house

    @classmethod
    def postgres(cls, uri: str, database: str, session_timezone: str | None = None) -> Warehouse:
        """An existing `database` of the Postgres server at `uri` (any libpq string)."""
        house = cls("postgres", None, psycopg2.extensions.make_dsn(uri, dbname=database))
        house.session_timezone = session_timezone
        return house

    def __repr__(self) -> str:
        return f"Warehouse({self.engine}, {self._path or self._dsn})"

    def __enter__(self) -> Warehouse:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def session_timezone(self) -> str | None:
        """The time zone of the sessions, or None."""
        return self._session_timezone

    @session_timezone.setter
    def session_timezone(self, zone: str | None) -> None:
        if zone is not None and not re.fullmatch(r"[A-Za-z0-9_+/-]+", zone):
            raise ValueError(f"{zone!r} is no name of a time zone")
        self.close()
        self._session_timezone = zone

    # Our own connection: opened when it is needed, closed before dbt runs.

    def connection(self) -> Any:
        """Our own connection (DB-API, autocommit); `build` closes it, so do not keep it."""
        if self._connection is None:
            zone = self._session_timezone or "UTC"
            if self.engine == "duckdb":
                self._connection = duckdb.connect(str(self._path))
                self._connection.execute(f"set TimeZone = '{zone}'")
            else:
                self._connection = psycopg2.connect(self._dsn, options=f"-c TimeZone={zone}")
                self._connection.autocommit = True
        return self._connection

    def _cursor(self) -> Any:
        # A cursor of DuckDB is a session of its own, without the settings of the connection.
        connection = self.connection()
        return connection if self.engine == "duckdb" else connection.cursor()

    def close(self) -> None:
        """Close our own connection; the next call opens a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def execute(self, sql: str) -> None:
        """Run statements that return nothing.

        Raises:
            duckdb.Error, psycopg2.Error: what the engine says.
        """
        self._cursor().execute(sql)

    def fetch(self, sql: str) -> list[Row]:
        """The rows of a query, as dicts, with Decimal, int, str, bool, date and datetime.

        Raises:
            ValueError: two columns have the same name.
            duckdb.Error, psycopg2.Error: what the engine says.
        """
        cursor = self._cursor()
        cursor.execute(sql)
        names = [column[0] for column in cursor.description]
        if len(set(names)) != len(names):
            raise ValueError(f"two columns have the same name: {names}")
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        return rows

    def table(
        self, name: str, order_by: str | Sequence[str] | None = None, schema: str | None = None
    ) -> list[Row]:
        """All rows of a table or view.

        They are sorted here, nulls first, and not by the engine: collations differ.

        Args:
            name: the relation.
            order_by: one column or several; None leaves the order to the engine.
            schema: its schema, the target schema by default.
        """
        rows = self.fetch(f"select * from {_quoted(schema or self.schema)}.{_quoted(name)}")
        if order_by is not None:
            keys = [order_by] if isinstance(order_by, str) else list(order_by)
            rows.sort(key=lambda row: [(row[key] is not None, row[key]) for key in keys])
        return rows

    def columns(self, name: str, schema: str | None = None) -> dict[str, str]:
        """The columns of a table or view and their SQL types, in order.

        Args:
            name: the relation.
            schema: its schema, the target schema by default.
        """
        full_name = f"{_quoted(schema or self.schema)}.{_quoted(name)}"
        if self.engine == "duckdb":
            rows = self.fetch(f"describe {full_name}")
            return {row["column_name"]: row["column_type"] for row in rows}
        rows = self.fetch(
            "select attname, format_type(atttypid, atttypmod) as kind from pg_attribute"
            f" where attrelid = '{full_name}'::regclass and attnum > 0 and not attisdropped"
            " order by attnum"
        )
        return {row["attname"]: row["kind"] for row in rows}

    def load(
        self, schema: str, table: str, columns: Mapping[str, str], rows: Iterable[Mapping[str, Any]]
    ) -> None:
        """Drop and create `schema.table` and fill it; every value arrives as it is or not at all.

        On Postgres, views upon the table are dropped with it; the next build makes them again.

        Args:
            schema: made if it is missing.
            table: the table; a table of that name is replaced.
            columns: column name to SQL type, in order.
            rows: a missing column is null. A str goes to a column of any type as it is and the
                engine reads it; other values are rendered exactly, dicts and lists as JSON.

        Raises:
            ValueError: a value the column cannot hold exactly (a datetime with a zone in a
                column without one or the reverse, too many decimals, a float in a numeric
                column), an unknown column, or `numeric` without precision and scale (engines
                differ on its meaning).
            TypeError: a value of a type that is not known here.
            duckdb.Error, psycopg2.Error: what the engine says.
        """
        rows = list(rows)
        for row in rows:
            if not row.keys() <= columns.keys():
                unknown = sorted(row.keys() - columns.keys())
                raise ValueError(f"{schema}.{table} has no column {', '.join(unknown)}")
        rendered = [
            [None if (value := row.get(name)) is None else render(value) for row in rows]
            for name, render in ((n, _renderer(n, kind)) for n, kind in columns.items())
        ]
        target = f"{_quoted(schema)}.{_quoted(table)}"
        cascade = " cascade" if self.engine == "postgres" else ""
        definitions = ", ".join(f"{_quoted(name)} {kind}" for name, kind in columns.items())
        self.execute(f"create schema if not exists {_quoted(schema)}")
        self.execute(f"drop table if exists {target}{cascade}")
        self.execute(f"create table {target} ({definitions})")
        if not rows:
            return
        if self.engine == "duckdb":
            places = ", ".join(f"unnest(${i + 1}::varchar[])" for i in range(len(columns)))
            for start in range(0, len(rows), CHUNK):
                chunk = [column[start : start + CHUNK] for column in rendered]
                self.connection().execute(f"insert into {target} select {places}", chunk)
        else:
            escapes = str.maketrans({"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"})
            lines = StringIO()
            for values in zip(*rendered, strict=True):
                fields = (r"\N" if v is None else v.translate(escapes) for v in values)
                lines.write("\t".join(fields) + "\n")
            lines.seek(0)
            with self.connection().cursor() as cursor:
                cursor.copy_expert(f"copy {target} from stdin", lines)

    def reset(self) -> None:
        """Empty the database: a fresh file, or no schema but `public`."""
        if self.engine == "duckdb":
            self.close()
            for file in self._path.parent.glob(f"{self._path.name}*"):
                file.unlink()
            return
        schemas = self.fetch(
            "select nspname from pg_namespace where nspname !~ '^(pg_|information_schema)'"
        )
        for row in schemas:
            self.execute(f"drop schema {_quoted(row['nspname'])} cascade")
        self.execute("create schema public")

    # dbt.

    def build(
        self,
        *args: str,
        vars: Mapping[str, Any] | None = None,
        project_dir: Path | str = REPOSITORY,
        schema: str | None = None,
        artifacts: bool = False,
        parsed_with: Mapping[str, Any] | None = None,
        is_fresh: bool = False,
        by_materializations: bool = False,
    ) -> BuildResult:
        """Run dbt in this process.

        Args:
            args: the command and its options, `build` by default.
            vars: for `--vars`.
            project_dir: the dbt project.
            schema: the target schema, `main` or `public` by default.
            artifacts: write manifest.json and its like to `target` of the result; without
                them a small build takes half the time.
            parsed_with: the vars with which dbt parses the project, `vars` by default: to see
                what a run does with vars that it would refuse to parse.
            is_fresh: parse as for a user's first run, whatever has been kept.
            by_materializations: let dbt's materializations make the tables and views, with the
                comments, as for users; see quick_dbt.py.

        Returns:
            The outcome; failures, usage errors and dbt's exceptions are in it, not raised.

        Raises:
            KeyboardInterrupt: the run was interrupted.
            RuntimeError: dbt left its connection to the DuckDB file open.
        """
        from dbt.cli.main import dbtRunner

        said: list[str] = []

        def listen(event: Any) -> None:
            if event.info.level not in ("debug", "test"):
                said.append(event.info.msg)

        args = args or ("build",)
        manifest, project = None, None
        if args[0] in PARSING and not is_fresh:
            shaping = vars if parsed_with is None else parsed_with
            manifest, project = self._manifest(shaping, project_dir, schema)
        with self._dbt(args, vars, project_dir, schema) as (command, environment, folder):
            if not artifacts:
                command.append("--no-write-json")
            runner = dbtRunner(manifest, callbacks=[listen])
            with (
                _environment(environment),
                quickened(project, args, by_materializations=by_materializations),
            ):
                outcome = runner.invoke([*command, "--log-level", "none"])
            exception = outcome.exception
            if exception is not None:
                # A traceback keeps dbt's frames, and with them its cursors, alive.
                said.append("".join(traceback.format_exception(exception)))
                _forget_frames(exception)
            close_dbt_connections()
            if isinstance(exception, KeyboardInterrupt):
                raise exception
            if self.engine == "duckdb":
                _assert_closed(_work_folder() / "current" / self._path.name)
        nodes = {
            result.node.unique_id: NodeResult(str(result.status), result.message, result.failures)
            for result in getattr(outcome.result, "results", [])
            if getattr(result, "node", None) is not None
        }
        return BuildResult(
            success=outcome.success,
            nodes=nodes,
            failed={
                k: v for k, v in nodes.items() if v.status in ("error", "fail", "runtime error")
            },
            exception=exception,
            log="\n".join(said),
            target=folder / "target",
            result=outcome.result,
        )

    def _manifest(
        self, variables: Mapping[str, Any] | None, project_dir: Path | str, schema: str | None
    ) -> tuple[Any, str | None]:
        """A copy of the parsed project, and its key.

        Both are None where dbt cannot parse it: who asked shall run dbt to see why.
        """
        from dbt.cli.main import dbtRunner

        shaping = {k: v for k, v in (variables or {}).items() if k not in RUN_VARS}
        if self._path is not None:
            database = self._path.stem
        else:
            database = psycopg2.extensions.parse_dsn(self._dsn)["dbname"]
        target = (self.engine, database, schema or self.schema)
        key = KeptManifests.key(Path(project_dir).resolve(), shaping, target)
        if not KeptManifests.holds(key):
            with self._dbt(("parse",), variables, project_dir, schema) as (command, given, _):
                with _environment(given), quickly_parsed():
                    command += ["--no-write-json", "--log-level", "none"]
                    outcome = dbtRunner().invoke(command)
                close_dbt_connections()
            if not outcome.success:
                _forget_frames(outcome.exception)
                return None, None
            KeptManifests.keep(key, outcome.result)
        return KeptManifests.copy(key), key

    def dbt_process(
        self,
        *args: str,
        vars: Mapping[str, Any] | None = None,
        project_dir: Path | str = REPOSITORY,
        schema: str | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run dbt as its users do, in a process of its own. Arguments as for `build`.

        Returns:
            The finished process; its `returncode` is 0 if dbt succeeded, and its `stdout` has
            what dbt printed, errors included.
        """
        with self.dbt_running(*args, vars=vars, project_dir=project_dir, schema=schema) as process:
            said, _ = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, said)

    @contextmanager
    def dbt_running(
        self,
        *args: str,
        vars: Mapping[str, Any] | None = None,
        project_dir: Path | str = REPOSITORY,
        schema: str | None = None,
    ) -> Iterator[subprocess.Popen[str]]:
        """The same while it runs, as the leader of a process group; what is left is killed."""
        with (
            self._dbt(args, vars, project_dir, schema) as (command, environment, _),
            subprocess.Popen(
                [sys.executable, "-m", "dbt.cli.main", *command],
                env={**os.environ, **environment},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            ) as process,
        ):
            try:
                yield process
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)

    @contextmanager
    def _dbt(
        self,
        args: Sequence[str],
        variables: Mapping[str, Any] | None,
        project_dir: Path | str,
        schema: str | None,
    ) -> Iterator[tuple[list[str], dict[str, str], Path]]:
        """The command line, the environment and the folder of one dbt run."""
        self.close()
        zone = self._session_timezone
        project_dir = Path(project_dir).resolve()
        given = json.dumps(variables or {}, sort_keys=True, default=str)
        output: dict[str, Any] = {
            "type": self.engine,
            "schema": schema or self.schema,
            "threads": 2,
        }
        environment = {"DO_NOT_TRACK": "1"}
        if self.engine == "duckdb":
            # dbt parses everything anew when a connection's path changes. So all files have
            # one path, through a link that leads to the folder of the warehouse in use.
            link = _work_folder() / "current"
            has_link = link.is_symlink() and link.readlink() == self._path.parent
            if not has_link:
                link.unlink(missing_ok=True)
                link.symlink_to(self._path.parent)
            output["path"] = str(link / self._path.name)
            if zone:
                output["settings"] = {"TimeZone": zone}
        else:
            server = self.connection().info
            parameters = server.dsn_parameters
            output |= {
                "host": parameters.get("host", "localhost"),
                "port": int(parameters["port"]),
                "user": parameters["user"],
                "password": server.password or "",
                "dbname": parameters["dbname"],
            }
            self.close()
            if zone:
                environment["PGOPTIONS"] = f"-c TimeZone={zone}"
        profile = json.dumps({PROFILE: {"target": self.engine, "outputs": {self.engine: output}}})
        key = hashlib.sha256(f"{project_dir}\n{profile}\n{given}".encode()).hexdigest()[:12]
        folder = _work_folder() / key
        folder.mkdir(exist_ok=True)
        (folder / "profiles.yml").write_text(profile, encoding="utf-8")
        command = [
            *(args or ("build",)),
            *("--project-dir", str(project_dir)),
            *("--profiles-dir", str(folder)),
            *("--target", self.engine),
            *("--target-path", str(folder / "target")),
            *("--log-path", str(folder / "logs")),
            *("--vars", given),
            "--no-use-colors",
            "--no-send-anonymous-usage-stats",
        ]
        try:
            yield command, environment, folder
        finally:
            # One dbt may start while another runs: the link is the first one's.
            if self.engine == "duckdb" and not has_link:
                link.unlink()


class KeptManifests:
    """What `dbt parse` gave, by project, shaping vars and target, pickled.

    Every run gets a copy of its own, for dbt writes compiled code into what it runs. The files
    are for all processes of a test run: a manifest says nothing about paths and connections.
    """

    _last: ClassVar[tuple[str, bytes]] = ("", b"")

    @staticmethod
    def key(project: Path, shaping: Mapping[str, Any], target: Sequence[str | None]) -> str:
        """A hash of the project's files, of the vars and of the target."""
        packages = sorted((project / "dbt_packages").glob("*"))
        files = [
            (str(path), path.stat().st_mtime_ns, path.stat().st_size)
            for root in (project, *(package.resolve() for package in packages))
            for part in ("*.yml", "models", "macros", "seeds", "tests", "analyses")
            for folder in root.glob(part)
            for path in (folder.rglob("*") if folder.is_dir() else (folder,))
        ]
        known = json.dumps([sorted(files), shaping, target], sort_keys=True, default=str)
        return hashlib.sha256(known.encode()).hexdigest()[:20]

    @classmethod
    def holds(cls, key: str) -> bool:
        """Whether some process of the test run has kept it."""
        return (kept_folder() / key).exists()

    @classmethod
    def copy(cls, key: str) -> Any:
        """A copy of what was kept."""
        if cls._last[0] != key:
            cls._last = (key, (kept_folder() / key).read_bytes())
        # A hundred thousand new objects, none of them garbage: to look for some doubles the time.
        gc.disable()
        try:
            return pickle.loads(cls._last[1])
        finally:
            gc.enable()

    @classmethod
    def keep(cls, key: str, manifest: Any) -> None:
        """Keep a manifest; another process sees all of it or nothing."""
        # dbt makes its look-up tables when it needs them, and its own pickling mixes them up.
        for name in vars(manifest):
            if name.endswith("_lookup"):
                setattr(manifest, name, None)
        unfinished = kept_folder() / f"{key}.{os.getpid()}"
        unfinished.write_bytes(pickle.dumps(manifest))
        unfinished.replace(kept_folder() / key)


def kept_folder() -> Path:
    """The folder that the processes of a test run share, or one of this process alone."""
    folder = Path(os.environ.get(MANIFESTS) or _work_folder() / "manifests")
    folder.mkdir(exist_ok=True)
    return folder


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for a run of dbt, which may also change the directory."""
    before = {name: os.environ.get(name) for name in variables}
    directory = Path.cwd()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.chdir(directory)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def close_dbt_connections() -> None:
    """Close every connection that dbt has open in this process.

    `reset_adapters` closes the cursors of dbt's threads; dbt-duckdb's environment holds the
    database itself, and its `close_all_connections` only forgets it.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.adapters.factory import reset_adapters

    reset_adapters()
    if DuckDBConnectionManager._ENV is not None:
        DuckDBConnectionManager._ENV.close()
        DuckDBConnectionManager.close_all_connections()


def _assert_closed(path: Path) -> None:
    """Raise RuntimeError if this process still has the DuckDB file at `path` open.

    DuckDB refuses a second configuration of a file that is open: that is how it shows.
    """
    if not path.exists():
        return
    for last in (False, True):
        try:
            duckdb.connect(str(path), read_only=True).close()
            return
        except duckdb.ConnectionException as error:
            if last:
                raise RuntimeError(f"dbt left {path.resolve()} open") from error
            gc.collect()


def _forget_frames(exception: BaseException | None) -> None:
    """Drop the tracebacks of an exception and of those that led to it."""
    seen: set[int] = set()
    while exception is not None and id(exception) not in seen:
        seen.add(id(exception))
        exception.__traceback__ = None
        exception = exception.__cause__ or exception.__context__


@cache
def _work_folder() -> Path:
    """The folder of this process for profiles, targets and logs, removed at its end."""
    folder = Path(tempfile.mkdtemp(prefix="revrec-dbt-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _renderer(column: str, kind: str) -> Callable[[Any], str]:
    """A function that renders values for a column of the SQL type `kind` exactly."""
    plain = kind.strip().lower()
    if plain in ("numeric", "decimal"):
        raise ValueError(f"{column}: {kind} needs a precision and a scale")
    numeric = re.match(r"(?:numeric|decimal)\s*\(\s*\d+\s*(?:,\s*(\d+)\s*)?\)", plain)
    scale = int(numeric[1] or 0) if numeric else None
    has_zone = plain.startswith("timestamptz") or "with time zone" in plain

    def refuse(value: Any) -> ValueError:
        return ValueError(f"{column} {kind} cannot hold {value!r} exactly")

    def render(value: Any) -> str:
        match value:
            case str():
                return value
            case bool():
                return "true" if value else "false"
            case int():
                return str(value)
            case Decimal():
                if not value.is_finite():
                    raise refuse(value)
                if scale is not None and (Fraction(value) * 10**scale).denominator != 1:
                    raise refuse(value)
                return f"{value:f}"
            case float():
                if scale is not None:
                    raise refuse(value)
                return repr(value)
            case datetime():
                if (value.tzinfo is not None) != has_zone:
                    raise refuse(value)
                return (value.astimezone(UTC) if has_zone else value).isoformat(" ")
            case date() | time():
                return value.isoformat()
            case dict() | list():
                return json.dumps(value, ensure_ascii=False)
        raise TypeError(f"{column} {kind}: {type(value).__name__} is not known here")

    return render
