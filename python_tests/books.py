"""What the tests of the books share: raw tables of a company, how to build it, what comes out.

A company is a dict of raw tables (`credit_grants`, `credit_ledger`, `list_prices`), as `histories`
makes them. `load_company` puts it into a warehouse, `build_marts` runs dbt upon it, `Marts` reads
the result in the shape of the oracle.
"""

from __future__ import annotations

import csv
import hashlib
import os
import pickle
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import oracle
from warehouse import REPOSITORY, BuildResult, Row, Warehouse, kept_folder

FINANCE_SCHEMA = "finance_tables"
SEEDS = REPOSITORY / "seeds" / "finance"

GRANT_TYPES = {
    "grant_id": "text",
    "customer_id": "text",
    "resource_id": "text",
    "currency_id": "text",
    "display_name": "text",
    "category": "text",
    "amount_granted": "numeric(38, 9)",
    "amount_consumed": "numeric(38, 9)",
    "amount_remaining": "numeric(38, 9)",
    "cost_basis": "numeric(38, 12)",
    "cost_amount": "numeric(38, 12)",
    "cost_currency": "text",
    "priority": "numeric(38, 9)",
    "status": "text",
    "invoice_id": "text",
    "invoice_status": "text",
    "effective_at": "timestamp",
    "expires_at": "timestamp",
    "voided_at": "timestamp",
    "created_at": "timestamp",
    "updated_at": "timestamp",
}
LEDGER_TYPES = {
    "id": "text",
    "customer_id": "text",
    "credit_grant_id": "text",
    "credit_currency_id": "text",
    "event_type": "text",
    "amount": "numeric(38, 9)",
    "event_id": "text",
    "feature_id": "text",
    "resource_id": "text",
    "timestamp": "timestamp",
    "created_at": "timestamp",
}
STIGG_TYPES = {"credit_grants": GRANT_TYPES, "credit_ledger": LEDGER_TYPES}
FINANCE_TYPES = {
    "period_closes": {
        "accounting_period": "text",
        "closed_at": "timestamp",
        "reopened_at": "timestamp",
        "closed_by": "text",
    },
    "list_prices": dict.fromkeys(
        ("credit_unit", "currency", "list_price", "effective_from", "known_at"), "text"
    ),
    "account_mappings": dict.fromkeys(("account", "entity_id", "product_id", "gl_code"), "text"),
    "chart_of_accounts": dict.fromkeys(
        ("account", "account_name", "account_class", "normal_side", "gl_code"), "text"
    ),
    "currencies": {"currency": "text", "exponent": "integer", "stripe_exponent": "integer"},
    "fx_rates": dict.fromkeys(("rate_date", "from_currency", "to_currency", "rate"), "text"),
    "recognition_rules": dict.fromkeys(
        (
            "rule_priority",
            "rule_name",
            "effective_from",
            "effective_to",
            "known_at",
            "source_system",
            "currency",
            "product_id",
            "price_id",
            "customer_id",
            "email_contains",
            "description_contains",
            "amount_equals",
            "has_period",
            "treatment",
            "allocation_percent",
            "start_offset",
            "start_offset_unit",
            "duration",
            "duration_unit",
            "recognise_on",
            "backstop_months",
        ),
        "text",
    ),
    "exclusions": dict.fromkeys(("transaction_id", "excluded_at", "memo"), "text"),
    "standalone_selling_prices": dict.fromkeys(
        ("product_id", "currency", "unit_price", "effective_from", "known_at"), "text"
    ),
    "usage_estimates": dict.fromkeys(
        (
            "product_id",
            "customer_id",
            "billing_period_starts_on",
            "expected_quantity",
            "expected_unit_price",
            "known_at",
            "memo",
        ),
        "text",
    ),
    "usage_commitments": dict.fromkeys(
        (
            "commitment_id",
            "customer_id",
            "product_id",
            "subscription_id",
            "effective_from",
            "effective_to",
            "included_quantity",
            "minimum_amount",
            "currency",
            "known_at",
            "memo",
        ),
        "text",
    ),
    "credit_conversions": dict.fromkeys(
        ("credit_unit", "product_id", "usage_per_credit", "known_at"), "text"
    ),
    "opening_balances": dict.fromkeys(
        ("entity_id", "account", "currency", "as_of", "balance", "explained_amount", "memo"),
        "text",
    ),
    "opening_units": dict.fromkeys(("source_system", "grant_id", "units", "memo"), "text"),
    "breakage_estimates": dict.fromkeys(
        (
            "product_id",
            "credit_unit",
            "category",
            "term_months",
            "grant_month",
            "expected_unexercised_rate",
            "effective_from",
            "known_at",
            "source",
            "approved_by",
            "memo",
        ),
        "text",
    ),
    "remote_credits": dict.fromkeys(
        (
            "source_system",
            "grant_id",
            "is_remote",
            "remote_from",
            "known_at",
            "approved_by",
            "memo",
        ),
        "text",
    ),
    "unclaimed_property": dict.fromkeys(
        (
            "jurisdiction",
            "share",
            "dormancy_days",
            "counted_from",
            "effective_from",
            "known_at",
            "memo",
        ),
        "text",
    ),
}
# The raw tables natively typed, with a zone, and as an export that writes nothing but text.
TYPINGS = ("native", "zoned", "text")

# The marts that are appended to and what is read from them: they say when and by which build.
REMEMBERED = (
    "fct_period_seals",
    "fct_sealed_entries",
    "fct_seal_retirements",
    "fct_builds",
    "fct_build_entries",
    "fct_build_balances",
    "rec_explained_changes",
)
# All others are a pure function of what was loaded.
MARTS = tuple(
    sorted(
        path.stem
        for path in (REPOSITORY / "models" / "marts").rglob("*.sql")
        if path.stem not in REMEMBERED
    )
)
# What the oracle has an opinion on.
JUDGED_MARTS = (
    "fct_account_balances",
    "fct_credit_grant_periods",
    "fct_journal_entries",
    "fct_journal_evidence",
    "rec_completeness",
    "rec_exceptions",
    "rec_tie_outs",
)


# --------------------------------------------------------------------------------------------------
# Loading
# --------------------------------------------------------------------------------------------------


def types_of(columns: Mapping[str, str], typing: str) -> dict[str, str]:
    """The column types of a raw table, for one of TYPINGS."""
    if typing == "text":
        return dict.fromkeys(columns, "text")
    if typing == "zoned":
        return {n: "timestamptz" if kind == "timestamp" else kind for n, kind in columns.items()}
    return dict(columns)


def read_seed(name: str) -> list[Row]:
    """The rows of a finance seed of the project; an empty field is null."""
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [{k: v or None for k, v in row.items()} for row in csv.DictReader(file)]


def load_company(
    warehouse: Warehouse,
    tables: Mapping[str, list[Row]],
    closes: Iterable[Row],
    *,
    typing: str = "native",
    stigg_schema: str = "stigg",
    finance_schema: str = FINANCE_SCHEMA,
    keeps_seals: bool = False,
) -> None:
    """Load the raw tables of a company and the finance tables that `build_marts` reads.

    Args:
        warehouse: where to.
        tables: credit_grants and credit_ledger, perhaps finance tables other than period_closes.
        closes: the rows of period_closes.
        typing: one of TYPINGS, for the Stigg tables; times of the rows must fit (naive datetimes
            are UTC and get that zone for `zoned`).
        stigg_schema: the schema of the Stigg tables.
        finance_schema: the schema of the finance tables.
        keeps_seals: it is the company that was there before: what was sealed of it stays.

    Raises:
        ValueError: a value that a column cannot hold; see Warehouse.load.
    """
    for name, columns in STIGG_TYPES.items():
        rows = tables[name]
        if typing == "zoned":
            rows = [{k: with_zone(v) for k, v in row.items()} for row in rows]
        warehouse.load(stigg_schema, name, types_of(columns, typing), rows)
    load_finance(warehouse, tables, closes, schema=finance_schema, keeps_seals=keeps_seals)


def load_finance(
    warehouse: Warehouse,
    tables: Mapping[str, list[Row]],
    closes: Iterable[Row],
    *,
    schema: str = FINANCE_SCHEMA,
    keeps_seals: bool = False,
) -> None:
    """Load the finance tables: those of the company from `tables`, the rest from the seeds.

    Another company may not be held to what was sealed of the one before it, unless it is the same.
    """
    if not keeps_seals:
        forget_seals(warehouse)
    for name, columns in FINANCE_TYPES.items():
        rows = list(closes) if name == "period_closes" else tables.get(name) or read_seed(name)
        warehouse.load(schema, name, columns, rows)


def forget_seals(warehouse: Warehouse) -> None:
    """Remove what earlier builds appended of a company."""
    for name in REMEMBERED:
        warehouse.execute(f"drop table if exists {warehouse.schema}.{name} cascade")


def with_zone(value: Any) -> Any:
    """A naive datetime as the same instant in UTC; anything else as it is."""
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value


def company_vars(as_of_date: date | str, **more: Any) -> dict[str, Any]:
    """The vars of a build of a company that `load_company` has loaded."""
    return {
        "sample_data": False,
        "sources": ["stigg"],
        "finance_schema": FINANCE_SCHEMA,
        "as_of_date": str(as_of_date),
        **more,
    }


def build_marts(
    warehouse: Warehouse,
    variables: Mapping[str, Any],
    marts: Iterable[str] = JUDGED_MARTS,
    *options: str,
    is_whole: bool = False,
    tests: Iterable[str] = (),
    project_dir: Path = REPOSITORY,
) -> BuildResult:
    """Build marts and what they need, with the tests that are named: other tests run the others.

    A company of credits alone has no rows in the models of services and of usage, most of all
    models. So the first build of a company with its sources, of all modules and processes of a test
    run, builds them and sees that they are empty; later ones have empty tables in their place, and
    build all but them.

    Args:
        warehouse: where the company was loaded.
        variables: those of `company_vars`.
        marts: their names.
        options: more options of dbt.
        is_whole: build the empty models, too, whatever was built before.
        tests: names of dbt's tests; where there are some, a failure is in the result.
        project_dir: the dbt project, or one that installs it; always the same in a warehouse.

    Raises:
        AssertionError: a model failed, or a model has rows without a source of them.
    """
    marts = set(marts)
    sources = tuple(variables["sources"])
    without = None if is_whole else EmptyModels.known(warehouse, project_dir, sources, marts)
    selection = ["--select", *(f"+{mart}" for mart in sorted(marts))]
    selection += [*tests, "--indirect-selection", "empty"]
    selection += ["--exclude-resource-type", "unit_test", *([] if tests else ["test"])]
    if without is not None:
        without.put_in_place(warehouse)
        selection += ["--exclude", *without.left_out]
    result = warehouse.build("build", *selection, *options, vars=variables, project_dir=project_dir)
    if not tests:
        result.check()
    if without is None:
        WITH_EMPTY_TABLES.pop(warehouse, None)
        if result.success:
            EmptyModels.learn(warehouse, result, project_dir, sources, marts)
    return result


STAGING = "models/staging/"
SERVICES = "models/intermediate/services/"
USAGE = "models/intermediate/usage/"
BREAKAGE = "models/intermediate/breakage/"
# A list of accounts, and prices that credits have too: of a company without services as well.
WITH_ROWS = ("int_deferred_accounts", "int_standalone_selling_prices")
# Where credits reach invoiced services: credits that pay invoices, raw rows that are several
# entries. Of a company of credits alone they are empty.
CREDITS_IN_SERVICES = ("int_credit_applications", "int_service_other_reasons")


@dataclass
class EmptyModels:
    """Models of services, usage and breakage that are empty for companies with some sources.

    Attributes:
        marts: the marts for which all of them are known.
        left_out: all models that need not be built, for nothing of the company reaches them.
        tables: schema, name and columns of those that other models read.
    """

    marts: set[str]
    left_out: list[str]
    tables: list[tuple[str, str, str]]

    @staticmethod
    def _file(warehouse: Warehouse, project_dir: Path, sources: tuple[str, ...]) -> Path:
        """Where what is known of them is kept for all processes of the test run."""
        key = (warehouse.engine, warehouse.schema, str(project_dir), sources)
        return kept_folder() / f"empty-{hashlib.sha256(repr(key).encode()).hexdigest()[:20]}"

    @classmethod
    def known(
        cls, warehouse: Warehouse, project_dir: Path, sources: tuple[str, ...], marts: set[str]
    ) -> EmptyModels | None:
        """What a build of these marts, or of more, has found, or None."""
        file = cls._file(warehouse, project_dir, sources)
        found = pickle.loads(file.read_bytes()) if file.exists() else None
        return found if found is not None and marts <= found.marts else None

    @classmethod
    def learn(
        cls,
        warehouse: Warehouse,
        built: BuildResult,
        project_dir: Path,
        sources: tuple[str, ...],
        marts: set[str],
    ) -> None:
        """Keep what a build of everything has found, for the next one.

        Raises:
            AssertionError: one of the models has rows.
        """
        nodes = [item.node for item in built.result.results if item.node.resource_type == "model"]
        # What comes of the company's exports; dbt has built it in order.
        rooms = tuple(f"{STAGING}{source}/" for source in sources)
        of_company: set[str] = set()
        for node in nodes:
            if node.name in CREDITS_IN_SERVICES and {*sources} <= {"stigg", "metering"}:
                continue
            if node.original_file_path.startswith(rooms) or of_company & {*node.depends_on.nodes}:
                of_company.add(node.unique_id)
        of_breakage = cls.of_breakage(warehouse, nodes) if project_dir == REPOSITORY else set()
        empty = [
            node
            for node in nodes
            if (
                node.original_file_path.startswith(SERVICES)
                and {*sources} <= {"stigg", "metering"}
                and node.unique_id not in of_company
                and node.name not in WITH_ROWS
            )
            # Credits cover usage, so usage comes of them; without a meter there is none.
            or (node.original_file_path.startswith(USAGE) and "metering" not in sources)
            or node.unique_id in of_breakage
        ]
        left_out = [node.name for node in empty]
        read = {key for node in nodes if node not in empty for key in node.depends_on.nodes}
        tables = []
        for node in empty:
            if node.unique_id in read:
                (found,) = warehouse.fetch(
                    f"select count(*) as row_count from {node.schema}.{node.name}"
                )
                assert found["row_count"] == 0, f"{node.name} has rows without a source of them"
                columns = ", ".join(
                    f'"{name}" {kind}'
                    for name, kind in warehouse.columns(node.name, node.schema).items()
                )
                tables.append((node.schema, node.name, columns))
        file = cls._file(warehouse, project_dir, sources)
        unfinished = file.with_suffix(f".{os.getpid()}")
        unfinished.write_bytes(pickle.dumps(cls(marts, left_out, tables)))
        unfinished.replace(file)

    @staticmethod
    def of_breakage(warehouse: Warehouse, nodes: list[Any]) -> set[str]:
        """The models of grants whose breakage is more than their expiry, which have no rows.

        By the project's own policies there are no such grants.
        """
        found: set[str] = set()
        for node in nodes:
            follows = node.name == "int_breakage_grants" or found & {*node.depends_on.nodes}
            if node.original_file_path.startswith(BREAKAGE) and follows:
                (counted,) = warehouse.fetch(
                    f"select count(*) as row_count from {node.schema}.{node.name}"
                )
                if counted["row_count"] == 0:
                    found.add(node.unique_id)
        return found

    def put_in_place(self, warehouse: Warehouse) -> None:
        """Put empty tables in the place of the models, unless they are these already."""
        if WITH_EMPTY_TABLES.get(warehouse) == self.tables:
            return
        found = warehouse.fetch(
            "select table_schema, table_name, table_type from information_schema.tables"
        )
        views = {
            (row["table_schema"], row["table_name"]) for row in found if row["table_type"] == "VIEW"
        }
        cascade = " cascade" if warehouse.engine == "postgres" else ""
        for schema, name, columns in self.tables:
            kind = "view" if (schema, name) in views else "table"
            warehouse.execute(f"create schema if not exists {schema}")
            warehouse.execute(f"drop {kind} if exists {schema}.{name}{cascade}")
            warehouse.execute(f"create table {schema}.{name} ({columns})")
        WITH_EMPTY_TABLES[warehouse] = self.tables


# The empty tables that are in the place of models, since the last build of all of them.
WITH_EMPTY_TABLES: WeakKeyDictionary[Warehouse, list[tuple[str, str, str]]] = WeakKeyDictionary()


# --------------------------------------------------------------------------------------------------
# Reading
# --------------------------------------------------------------------------------------------------

ENTRY_COLUMNS = (
    "obligation_id",
    "customer_id",
    "product_id",
    "event_type",
    "booked_date",
    "entry_date",
    "effective_period",
    "accounting_period",
    "is_correction",
    "debit_account",
    "credit_account",
    "amount_minor",
    "amount",
    "currency",
    "quantity",
    "source_entry_count",
)
BALANCE_COLUMNS = (
    "account",
    "currency",
    "accounting_period",
    "opening_minor",
    "debit_minor",
    "credit_minor",
    "closing_minor",
)
PERIOD_COLUMNS = (
    "grant_id",
    "customer_id",
    "credit_unit",
    "currency",
    "accounting_period",
    *(
        f"{kind}_units"
        for kind in (
            "opening",
            "granted",
            "consumed",
            "expired",
            "revoked",
            "adjusted",
            "closing",
        )
    ),
    "opening_deferred_minor",
    *(f"{kind}_minor" for kind in ("granted", "consumed", "expired", "revoked", "adjusted")),
    "closing_deferred_minor",
)


def entries_of(warehouse: Warehouse) -> list[Row]:
    """The journal, with the columns that the oracle has."""
    return [
        {column: row[column] for column in ENTRY_COLUMNS}
        for row in warehouse.table("fct_journal_entries")
    ]


def periods_of(warehouse: Warehouse) -> list[Row]:
    """The grant periods, with the columns that the oracle has."""
    return [
        {column: row[column] for column in PERIOD_COLUMNS}
        for row in warehouse.table("fct_credit_grant_periods")
    ]


def balances_of(warehouse: Warehouse) -> list[Row]:
    """The account balances, with the columns that the oracle has."""
    return [
        {column: row[column] for column in BALANCE_COLUMNS}
        for row in warehouse.table("fct_account_balances")
    ]


def exceptions_of(warehouse: Warehouse) -> set[tuple]:
    """(table, key, reason) of all exceptions, as far as the oracle knows them.

    It knows nothing of what the source says of itself: balances and days of expiry.

    A row without an id has a key that only the SQL can make; it becomes None.
    """
    return {
        (row["source_table"], nameless(row["source_key"]), row["reason_code"])
        for row in warehouse.table("rec_exceptions")
        if row["reason_code"] not in ("source_balance_drift", "expired_with_balance")
    }


def nameless(key: str) -> str | None:
    """The key of a raw row, None where it is a hash of the row."""
    return None if key.startswith("row:") else key


def dispositions_of(warehouse: Warehouse) -> dict[str, dict[tuple, int]]:
    """Per table, (disposition, reason) -> number of raw rows, without the reasons of memo rows.

    A raw row supports one journal entry at most, so its rows in the evidence are raw rows.
    """
    found: dict[str, Counter] = {"credit_grants": Counter(), "credit_ledger": Counter()}
    rows = warehouse.fetch(
        "select source_table, disposition, reason, count(*) as row_count "
        "from fct_journal_evidence group by source_table, disposition, reason"
    )
    for row in rows:
        reason = None if row["disposition"] == "memo" else row["reason"]
        found[row["source_table"]][row["disposition"], reason] += row["row_count"]
    return {table: dict(counts) for table, counts in found.items()}


def assert_all_is_accounted_for(warehouse: Warehouse, context: str) -> None:
    """Every raw row has a disposition and every tie-out is tied."""
    untied = [row for row in warehouse.table("rec_tie_outs") if not row["is_tied"]]
    assert not untied, f"{context}: {len(untied)} tie-outs are not tied: {untied[:5]}"
    lost = [row for row in warehouse.table("rec_completeness") if row["unaccounted"] != 0]
    assert not lost, f"{context}: raw rows are lost: {lost}"


# --------------------------------------------------------------------------------------------------
# Comparing
# --------------------------------------------------------------------------------------------------


def frozen(row: Mapping[str, Any]) -> tuple:
    """A row as something that can be counted."""
    return tuple(sorted(row.items()))


def row_differences(expected: Iterable[Row], actual: Iterable[Row]) -> list[tuple[str, Row]]:
    """The rows that only one of the two has, as often as it has them more, in a stable order."""
    wanted, found = Counter(map(frozen, expected)), Counter(map(frozen, actual))
    only = [("missing", dict(row)) for row in (wanted - found).elements()]
    only += [("too much", dict(row)) for row in (found - wanted).elements()]
    return sorted(only, key=lambda item: (repr(sorted(item[1].items())), item[0]))


def history_of(tables: Mapping[str, list[Row]], grant_id: str | None) -> str:
    """The raw rows of one grant, for messages."""
    lines = [f"history of {grant_id}:"]
    for name, column in (("credit_grants", "grant_id"), ("credit_ledger", "credit_grant_id")):
        for row in tables[name]:
            if row[column] == grant_id:
                lines.append(f"  {name} { {k: v for k, v in row.items() if v is not None} }")
    return "\n".join(lines)


def oracle_books(
    tables: Mapping[str, list[Row]], closes: Iterable[Row], variables: Mapping[str, Any]
) -> oracle.Books:
    """What the oracle makes of a company, with the vars of its build."""
    return oracle.build_books(
        {**tables, "period_closes": list(closes), "currencies": read_seed("currencies")},
        as_of_date=date.fromisoformat(variables["as_of_date"]),
        timezone=variables.get("accounting_timezone", "UTC"),
        calendar=variables.get("calendar", "monthly"),
        fiscal_year_start=variables.get("fiscal_year_start", 1),
    )


def oracle_dispositions(books: oracle.Books) -> dict[str, dict[tuple, int]]:
    """The oracle's dispositions, without the reasons of memo rows."""
    found: dict[str, dict[tuple, int]] = {}
    for table, counts in books.dispositions.items():
        merged: Counter = Counter()
        for (disposition, reason), count in counts.items():
            merged[disposition, None if disposition == "memo" else reason] += count
        found[table] = dict(merged)
    return found
