"""The sample company and the load generator: what they must contain, and that they repeat."""

from __future__ import annotations

import csv
import importlib.util
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ROOT / "seeds" / "sample_exports"
GRANTS = "stigg/sample_stigg__credit_grants.csv"
LEDGER = "stigg/sample_stigg__credit_ledger.csv"
GENERIC_GRANTS = "generic/sample_generic__credit_grants.csv"
GENERIC_ENTRIES = "generic/sample_generic__credit_entries.csv"
CLOSES = "finance/sample_finance__period_closes.csv"
LIST_PRICES = "finance/sample_finance__list_prices.csv"
FX_RATES = "finance/sample_finance__fx_rates.csv"
FILES = (GRANTS, LEDGER, GENERIC_GRANTS, GENERIC_ENTRIES, CLOSES, LIST_PRICES, FX_RATES)

Row = dict[str, str]


def _load_script() -> ModuleType:
    path = ROOT / "scripts" / "generate_exports.py"
    spec = importlib.util.spec_from_file_location("generate_exports", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


script = _load_script()


def _read(name: str) -> list[Row]:
    with (SHIPPED / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture(scope="module")
def grants() -> list[Row]:
    """Rows of credit_grants."""
    return _read(GRANTS)


@pytest.fixture(scope="module")
def ledger() -> list[Row]:
    """Rows of credit_ledger."""
    return _read(LEDGER)


@pytest.fixture(scope="module")
def closes() -> list[Row]:
    """Rows of period_closes."""
    return _read(CLOSES)


def _grant(grants: list[Row], grant_id: str) -> Row:
    """The newest version of a grant."""
    return max((r for r in grants if r["grant_id"] == grant_id), key=lambda r: r["updated_at"])


def _rows(ledger: list[Row], grant_id: str, event_type: str) -> list[Row]:
    found = (r for r in ledger if r["credit_grant_id"] == grant_id)
    return [r for r in found if r["event_type"] == event_type]


def _units(rows: list[Row]) -> Decimal:
    return sum((Decimal(r["amount"]) for r in rows), Decimal(0))


def _last_close(closes: list[Row], period: str) -> str:
    return max(r["closed_at"] for r in closes if r["accounting_period"] == period)


# -- the files


def test_shipped_files_are_a_fresh_run(tmp_path: Path) -> None:
    assert script.main(["sample", "--seed", "20260630", "--out", str(tmp_path)]) == 0
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (SHIPPED / name).read_bytes(), name
    shipped = {str(p.relative_to(SHIPPED)) for p in SHIPPED.rglob("*.csv")}
    assert set(FILES) <= shipped


@pytest.mark.parametrize("seed", range(8))
def test_any_seed_gives_a_company_that_agrees_with_its_ledger(seed: int) -> None:
    # build_sample raises SampleError where a grant contradicts its ledger.
    files = script.build_sample(seed)
    assert set(files) == set(FILES)
    assert 4000 <= len(files[LEDGER][1]) <= 6000


def test_self_check_finds_a_wrong_balance_and_an_overdrawn_grant() -> None:
    at = script.datetime
    start, later = at(2025, 1, 1), at(2025, 1, 2)
    moves = [
        script.Movement("g", "grant", Decimal(10), start, start),
        script.Movement("g", "consume", Decimal(-12), later, later),
    ]
    wrong = script.Terms("g", False, start, None, Decimal(12), Decimal(0))
    with pytest.raises(script.SampleError, match="g: remaining 0"):
        script.check_books([wrong], moves, [])
    overdrawn = script.Terms("g", False, start, None, Decimal(12), Decimal(-2))
    with pytest.raises(script.SampleError, match="g: overdrawn"):
        script.check_books([overdrawn], moves, [])


def test_columns_are_those_of_the_input_contract(grants: list[Row], ledger: list[Row]) -> None:
    assert list(grants[0]) == [
        "grant_id",
        "customer_id",
        "resource_id",
        "currency_id",
        "display_name",
        "category",
        "amount_granted",
        "amount_consumed",
        "amount_remaining",
        "cost_basis",
        "cost_amount",
        "cost_currency",
        "priority",
        "status",
        "invoice_id",
        "invoice_status",
        "effective_at",
        "expires_at",
        "voided_at",
        "created_at",
        "updated_at",
    ]
    assert list(ledger[0]) == [
        "id",
        "customer_id",
        "credit_grant_id",
        "credit_currency_id",
        "event_type",
        "amount",
        "event_id",
        "feature_id",
        "resource_id",
        "timestamp",
        "created_at",
    ]


def test_size_and_spread(grants: list[Row], ledger: list[Row]) -> None:
    assert 4000 <= len(ledger) <= 6000
    assert len({r["customer_id"] for r in grants}) == 40
    assert {r["cost_currency"] for r in grants if r["cost_currency"]} == {"USD", "EUR", "JPY"}
    assert {r["currency_id"] for r in grants} == {"api-credits", "gpu-minutes"}
    months = {r["timestamp"][:7] for r in ledger}
    assert len(months) == 18 and min(months) == "2025-01" and max(months) == "2026-06"
    assert max(max(r["timestamp"], r["created_at"]) for r in ledger) < "2026-07"


def test_digits_of_usage(ledger: list[Row]) -> None:
    used = [r["amount"] for r in ledger if r["event_type"] == "CREDITS_CONSUMED"]
    digits = Counter(len(a.partition(".")[2]) for a in used)
    assert max(digits) == 9 and digits[3] > len(used) / 2
    assert not any("E" in a.upper() for a in used)


def test_ledger_ids_are_distinct_but_for_the_repeated_row(ledger: list[Row]) -> None:
    ids = Counter(r["id"] for r in ledger if r["id"])
    assert [n for n in ids.values() if n > 1] == [2]


def test_paid_grants_have_exactly_one_price(grants: list[Row]) -> None:
    for row in grants:
        if row["category"] in ("PAID", "RECURRING"):
            assert bool(row["cost_basis"]) != bool(row["cost_amount"]), row["grant_id"]


def test_exactly_two_bad_rows(grants: list[Row], ledger: list[Row]) -> None:
    known = {r["grant_id"] for r in grants}
    unknown = [r for r in ledger if r["credit_grant_id"] not in known]
    assert [r["credit_grant_id"] for r in unknown] == ["grant_saltmarsh_studio_99"]
    assert [r["event_type"] for r in unknown] == ["CREDITS_CONSUMED"]
    refunded = [r for r in ledger if r["event_type"] not in script.EVENT_TYPES]
    assert [r["event_type"] for r in refunded] == ["CREDITS_REFUNDED"]
    assert refunded[0]["customer_id"] == "cus_tallgrass_bio"


# -- the stories


def test_story_late_usage(ledger: list[Row], closes: list[Row]) -> None:
    late = [
        r
        for r in ledger
        if r["event_type"] == "CREDITS_CONSUMED"
        and r["timestamp"][:7] < "2026-06"
        and r["created_at"] > _last_close(closes, r["timestamp"][:7])
    ]
    assert {r["customer_id"] for r in late} == {"cus_lumen_forge"}
    assert {r["timestamp"][:7] for r in late} == {"2025-03", "2025-11"}


def test_story_reopened_month(ledger: list[Row], closes: list[Row]) -> None:
    first, second = (r for r in closes if r["accounting_period"] == "2025-09")
    (october,) = (r for r in closes if r["accounting_period"] == "2025-10")
    assert first["closed_at"] < first["reopened_at"] < second["closed_at"] < october["closed_at"]
    inside = [
        r
        for r in ledger
        if r["timestamp"].startswith("2025-09")
        and first["reopened_at"] <= r["created_at"] < second["closed_at"]
    ]
    assert {r["customer_id"] for r in inside} == {"cus_windmill_travel"}


@pytest.mark.parametrize(
    ("grant_id", "has_invoice", "invoice_status"),
    [
        ("grant_quillstack_01", True, "PAID"),
        ("grant_harborline_01", True, "OPEN"),
        ("grant_tinkerbay_01", False, ""),
    ],
)
def test_story_revocation(
    grants: list[Row],
    ledger: list[Row],
    grant_id: str,
    has_invoice: bool,
    invoice_status: str,
) -> None:
    grant = _grant(grants, grant_id)
    assert (bool(grant["invoice_id"]), grant["invoice_status"]) == (has_invoice, invoice_status)
    assert grant["status"] == "VOIDED" and grant["amount_remaining"] == "0"
    assert _units(_rows(ledger, grant_id, "CREDITS_VOIDED")) > 0


def test_story_expiry_with_remainder(ledger: list[Row]) -> None:
    assert _units(_rows(ledger, "grant_oakmere_legal_01", "CREDITS_EXPIRED")) > 20_000


def test_story_overdraft_settled_in_full(grants: list[Row], ledger: list[Row]) -> None:
    overdraft = _grant(grants, "grant_vantage_loop_02")
    assert (overdraft["category"], overdraft["status"]) == ("OVERDRAFT", "VOIDED")
    used = _rows(ledger, "grant_vantage_loop_02", "CREDITS_CONSUMED")
    source = _rows(ledger, "grant_vantage_loop_02", "CREDITS_CONSUMPTION_TRANSFER_SOURCE")
    target = _rows(ledger, "grant_vantage_loop_03", "CREDITS_CONSUMPTION_TRANSFER_TARGET")
    assert len(used) > 1 and _units(used) == _units(source) == _units(target)


def test_story_overdraft_settled_in_part(grants: list[Row], ledger: list[Row]) -> None:
    overdraft = _grant(grants, "grant_pebblepost_02")
    assert (overdraft["category"], overdraft["status"]) == ("OVERDRAFT", "ACTIVE")
    used = _rows(ledger, "grant_pebblepost_02", "CREDITS_CONSUMED")
    source = _rows(ledger, "grant_pebblepost_02", "CREDITS_CONSUMPTION_TRANSFER_SOURCE")
    assert _units(source) == 2000 < _units(used)
    assert Decimal(overdraft["amount_remaining"]) == 2000 - _units(used)


def test_story_promotional_burn(grants: list[Row], ledger: list[Row]) -> None:
    assert _grant(grants, "grant_sunny_ledger_01")["category"] == "promo"
    assert _units(_rows(ledger, "grant_sunny_ledger_01", "CREDITS_CONSUMED")) == 1500


def test_story_promotional_expiry(grants: list[Row], ledger: list[Row]) -> None:
    assert _grant(grants, "grant_driftwood_games_01")["category"] == "PROMOTIONAL"
    assert _units(_rows(ledger, "grant_driftwood_games_01", "CREDITS_EXPIRED")) > 0


def test_story_recurring_with_cost(grants: list[Row]) -> None:
    recurring = [r for r in grants if r["category"] == "RECURRING"]
    assert len(recurring) == 15 and all(r["cost_basis"] for r in recurring)
    assert {r["customer_id"] for r in recurring} == {"cus_copperleaf_clinics"}


def test_story_adjusted_up_and_by_zero(grants: list[Row], ledger: list[Row]) -> None:
    updates = {
        r["credit_grant_id"]: r["amount"] for r in ledger if r["event_type"] == "CREDITS_UPDATED"
    }
    assert updates == {"grant_northlight_media_03": "2500", "grant_granite_gate_01": "0"}
    assert _grant(grants, "grant_northlight_media_03")["amount_granted"] == "22500"


def test_story_payment_pending(grants: list[Row], ledger: list[Row]) -> None:
    pending = [r for r in grants if r["status"] == "PAYMENT_PENDING"]
    assert [r["grant_id"] for r in pending] == ["grant_foxglove_retail_02"]
    assert [r["event_type"] for r in ledger if r["credit_grant_id"] == pending[0]["grant_id"]] == [
        "CREDITS_GRANTED"
    ]


def test_story_late_grant(ledger: list[Row], closes: list[Row]) -> None:
    late = [
        r
        for r in ledger
        if r["event_type"] == "CREDITS_GRANTED"
        and r["timestamp"][:7] < "2026-06"
        and r["created_at"] > _last_close(closes, r["timestamp"][:7])
    ]
    assert [r["credit_grant_id"] for r in late] == ["grant_kestrel_freight_03"]


def test_story_superseded_version(grants: list[Row]) -> None:
    versions = Counter(r["grant_id"] for r in grants)
    assert [g for g, n in versions.items() if n > 1] == ["grant_bluefin_analytics_02"]


def test_story_repeated_row(ledger: list[Row]) -> None:
    repeated = [r for r, n in Counter(tuple(r.values()) for r in ledger).items() if n > 1]
    assert len(repeated) == 1 and repeated[0][1] == "cus_marigold_schools" and repeated[0][0]


def test_story_rows_without_id(ledger: list[Row]) -> None:
    bare = [r for r in ledger if not r["id"]]
    assert len(bare) > 30 and all(r["event_id"] for r in bare)
    assert {r["customer_id"] for r in bare} == {"cus_ironbark_energy"}


def test_in_house_ledger() -> None:
    grants, entries = _read(GENERIC_GRANTS), _read(GENERIC_ENTRIES)
    assert (len(grants), len(entries)) == (5, 60)
    assert len({r["customer_id"] for r in grants}) == 3
    assert [r["grant_id"] for r in grants if r["currency"] == "KWD"] == ["PR-G1"]
    kinds = Counter(r["entry_type"] for r in entries)
    assert kinds["consume_reversal"] == 1
    assert kinds["consume_moved_from"] == kinds["consume_moved_to"] == 1


def test_finance_tables(closes: list[Row]) -> None:
    periods = [r["accounting_period"] for r in closes]
    assert len(set(periods)) == 17 and (periods[0], periods[-1]) == ("2025-01", "2026-05")
    priced = {(r["credit_unit"], r["currency"]) for r in _read(LIST_PRICES)}
    for unit in ("api-credits", "gpu-minutes"):
        assert {(unit, "USD"), (unit, "EUR"), (unit, "JPY")} <= priced
    foreign = {r["from_currency"] for r in _read(FX_RATES) if r["to_currency"] == "USD"}
    currencies = {r["cost_currency"] for r in _read(GRANTS)} | {"KWD"}
    assert foreign == currencies - {"", "USD"}


# -- the load


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """A file of 10,000 ledger rows, opened to read."""
    path = tmp_path_factory.mktemp("load") / "load.duckdb"
    assert script.main(["load", "--rows", "10000", "--duckdb", str(path)]) == 0
    return duckdb.connect(str(path), read_only=True)


def _one(db: duckdb.DuckDBPyConnection, query: str) -> tuple[object, ...]:
    row = db.execute(query).fetchone()
    assert row is not None
    return row


def test_load_shape(load: duckdb.DuckDBPyConnection) -> None:
    counts = dict(
        load.execute("select event_type, count(*) from stigg.credit_ledger group by 1").fetchall()
    )
    assert counts == {"CREDITS_GRANTED": 100, "CREDITS_CONSUMED": 9800, "CREDITS_EXPIRED": 100}
    assert _one(load, "select count(*), count(distinct id) from stigg.credit_ledger") == (
        10_000,
        9_990,
    )
    assert _one(load, "select count(*) from (select distinct * from stigg.credit_ledger)") == (
        9_990,
    )
    assert _one(load, "select count(*) from finance.period_closes") == (11,)
    assert _one(
        load,
        "select count(distinct date_trunc('month', \"timestamp\")) from stigg.credit_ledger",
    ) == (12,)


def test_load_columns_and_types(load: duckdb.DuckDBPyConnection) -> None:
    def types(table: str) -> dict[str, str]:
        return {r[0]: r[1] for r in load.execute(f"describe stigg.{table}").fetchall()}

    assert list(types("credit_grants")) == script.GRANT_COLUMNS
    assert list(types("credit_ledger")) == script.LEDGER_COLUMNS
    assert types("credit_ledger")["amount"] == "DECIMAL(28,9)"
    assert types("credit_ledger")["created_at"] == "TIMESTAMP"
    assert types("credit_grants")["cost_basis"] == "DECIMAL(28,12)"


def test_load_grants_agree_with_the_ledger(load: duckdb.DuckDBPyConnection) -> None:
    query = """
        with sums as (
            select
                credit_grant_id,
                sum(if(event_type = 'CREDITS_GRANTED', amount, -amount)) as remaining,
                sum(amount) filter (event_type = 'CREDITS_CONSUMED') as consumed
            from (select distinct * from stigg.credit_ledger)
            group by all
        )
        select count(*)
        from stigg.credit_grants as g
        inner join sums as s on g.grant_id = s.credit_grant_id
        where s.remaining = g.amount_remaining and s.consumed = g.amount_consumed
    """
    assert _one(load, query) == (100,)


def test_load_has_two_percent_late_rows(load: duckdb.DuckDBPyConnection) -> None:
    query = """
        select count(*)
        from stigg.credit_ledger as l
        inner join finance.period_closes as c
            on strftime(l."timestamp", '%Y-%m') = c.accounting_period
        where l.created_at >= c.closed_at
    """
    (late,) = _one(load, query)
    assert 180 <= int(str(late)) <= 200


def test_load_is_in_order_of_time(load: duckdb.DuckDBPyConnection) -> None:
    # Repeated rows come again later (10 here); recording takes up to a minute.
    query = """
        select count(*)
        from (
            select created_at, lag(created_at) over (order by rowid) as previous
            from stigg.credit_ledger
        )
        where created_at < previous - interval 1 minute
    """
    (out_of_order,) = _one(load, query)
    assert int(str(out_of_order)) <= 10


def test_load_replaces_and_repeats(tmp_path: Path) -> None:
    path = tmp_path / "load.duckdb"
    checksums = []
    for _ in range(2):
        script.write_load(path, 1000, schema="raw_stigg", finance_schema="raw_finance", seed=7)
        with duckdb.connect(str(path)) as db:
            query = "select count(*), sum(hash(l)) from raw_stigg.credit_ledger as l"
            checksums.append(_one(db, query))
    assert checksums[0] == checksums[1] and checksums[0][0] == 1000


@pytest.mark.parametrize(
    ("rows", "schema", "message"),
    [(150, "stigg", "multiple of 100"), (0, "stigg", "multiple of 100"), (100, "a;b", "schema")],
)
def test_load_refuses(tmp_path: Path, rows: int, schema: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        script.write_load(tmp_path / "x.duckdb", rows, schema=schema)
