"""The sample company's Stripe account: it is what the generator writes, foots, and has it all."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from pathlib import Path

import duckdb
import pytest
import stripe

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ROOT / "seeds" / "sample_exports"
sys.path.insert(0, str(ROOT / "scripts"))

import generate_stripe_exports as script  # noqa: E402

Row = dict[str, str]


@pytest.fixture(scope="module")
def tables() -> dict[str, list[Row]]:
    """The shipped files."""
    found = {}
    for name in stripe.STRIPE_TYPES:
        path = SHIPPED / "stripe" / f"sample_stripe__{name}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            found[name] = list(csv.DictReader(file))
    return found


def test_the_shipped_files_are_what_the_generator_writes(tmp_path: Path) -> None:
    """Byte for byte."""
    (tmp_path / "stigg").mkdir()
    grants = "stigg/sample_stigg__credit_grants.csv"
    (tmp_path / grants).write_bytes((SHIPPED / grants).read_bytes())
    for name in script.write_sample(tmp_path):
        written, shipped = tmp_path / "stripe" / name, SHIPPED / "stripe" / name
        assert written.read_bytes() == shipped.read_bytes(), name


def test_columns_are_those_of_the_source(tables: dict[str, list[Row]]) -> None:
    """The files have the columns of the raw tables, in order."""
    for name, columns in stripe.STRIPE_TYPES.items():
        assert list(tables[name][0]) == list(columns), name


def test_totals_foot(tables: dict[str, list[Row]]) -> None:
    """Lines make invoices, changes make balances, and nothing is paid that is not due."""
    totals: Counter[str] = Counter()
    for row in tables["invoice_line_items"]:
        totals[row["invoice_id"]] += int(row["amount"]) - int(row["discount_amount"])
        if row["tax_inclusive"] == "false":
            totals[row["invoice_id"]] += int(row["tax_amount"])
    for row in tables["billing_credit_balance_transactions"]:
        if row["debit_type"] == "credits_applied":
            totals[row["invoice_id"]] -= int(row["debit_monetary_amount_value"])
    paid: Counter[str] = Counter()
    for row in tables["charges"]:
        if row["status"] == "succeeded" and row["captured"] == "true":
            paid[row["invoice_id"]] += int(row["amount"])
    for row in tables["invoices"]:
        if row["status"] != "draft":
            assert int(row["total"]) == totals[row["id"]], row
            assert paid[row["id"]] <= int(row["amount_due"]), row
    balances: Counter[str] = Counter()
    for row in tables["customer_balance_transactions"]:
        balances[row["customer_id"]] += int(row["amount"])
    for row in tables["customers"]:
        assert int(row["balance"]) == balances[row["id"]], row


def test_everything_happens_once_at_least(tables: dict[str, list[Row]]) -> None:
    """The statuses, currencies and kinds of rows that a reader wants to see."""
    values = {
        ("invoices", "status"): {"draft", "open", "paid", "uncollectible", "void"},
        ("invoices", "currency"): {"usd", "eur", "jpy"},
        ("invoices", "paid_out_of_band"): {"true", "false"},
        ("charges", "status"): {"succeeded", "pending", "failed"},
        ("charges", "captured"): {"true", "false"},
        ("refunds", "status"): {"succeeded", "failed"},
        ("disputes", "status"): {"won", "lost", "warning_closed"},
        ("credit_notes", "type"): {"pre_payment", "post_payment"},
        ("customer_balance_transactions", "type"): {
            "adjustment",
            "applied_to_invoice",
            "unapplied_from_invoice",
            "credit_note",
        },
        ("invoice_line_items", "proration"): {"true", "false"},
        ("billing_credit_grants", "category"): {"paid", "promotional"},
        ("billing_credit_grants", "monetary_amount_currency"): {"usd", "jpy"},
        ("billing_credit_balance_transactions", "credit_type"): {
            "credits_granted",
            "credits_application_invoice_voided",
        },
        ("billing_credit_balance_transactions", "debit_type"): {
            "credits_applied",
            "credits_expired",
        },
    }
    for (table, column), expected in values.items():
        assert {row[column] for row in tables[table]} >= expected, (table, column)
    recovered = [
        row
        for row in tables["invoices"]
        if row["status"] == "paid" and row["status_transitions_marked_uncollectible_at"]
    ]
    assert recovered, "an uncollectible invoice that was paid after all"
    assert any(row["deleted_at"] for row in tables["invoice_items"])
    assert any(row["voided_at"] for row in tables["credit_notes"])
    assert any(int(row["total"]) < 0 for row in tables["invoices"] if row["total"])
    assert any(int(row["discount_amount"]) for row in tables["invoice_line_items"])
    assert len(tables["customers"]) == 42


def test_credits_are_sold_on_the_invoices_of_their_grants(tables: dict[str, list[Row]]) -> None:
    """Three grants of the Stigg sample: same invoice, customer, currency, price and time."""
    with (SHIPPED / "stigg" / "sample_stigg__credit_grants.csv").open(encoding="utf-8") as file:
        grants = {row["invoice_id"]: row for row in csv.DictReader(file) if row["invoice_id"]}
    invoices = {row["id"]: row for row in tables["invoices"]}
    sold = [row for row in tables["invoice_line_items"] if row["product_id"] == "prod_credits"]
    assert [int(row["amount"]) for row in sold] == [17000, 183750, 74900, 80000, 54000]
    for row in sold[:3]:
        invoice, grant = invoices[row["invoice_id"]], grants[row["invoice_id"]]
        assert invoice["customer_id"] == grant["customer_id"]
        assert invoice["currency"].upper() == grant["cost_currency"]
        assert invoice["status_transitions_finalized_at"] == grant["effective_at"]
        assert invoice["total"] == row["amount"] and invoice["status"] == "paid"


def test_billing_credits_are_sold_on_invoices_of_the_account(
    tables: dict[str, list[Row]],
) -> None:
    """The invoice that the metadata name sells credits for the cost basis, and is paid."""
    grants = {row["id"]: row for row in tables["billing_credit_grants"]}
    invoices = {row["id"]: row for row in tables["invoices"]}
    lines = {row["invoice_id"]: row for row in tables["invoice_line_items"]}
    metadata: dict[str, Row] = {}
    for row in tables["billing_credit_grant_metadata"]:
        metadata.setdefault(row["credit_grant_id"], {})[row["key"]] = row["value"]
    assert metadata.keys() == {key for key, row in grants.items() if row["category"] == "paid"}
    for key, row in metadata.items():
        invoice, line = invoices[row["invoice_id"]], lines[row["invoice_id"]]
        minor = int(row["cost_basis"].replace(".", ""))
        assert line["product_id"] == "prod_credits"
        assert int(line["amount"]) == int(invoice["total"]) == minor
        assert minor < int(grants[key]["monetary_amount_value"])
        assert (invoice["status"], invoice["customer_id"]) == ("paid", grants[key]["customer_id"])


def test_credits_come_back_from_a_voided_invoice(tables: dict[str, list[Row]]) -> None:
    """As much as it had used, when it is voided."""
    invoices = {row["id"]: row for row in tables["invoices"]}
    moves = tables["billing_credit_balance_transactions"]
    (back,) = [row for row in moves if row["credit_type"] == script.REINSTATED]
    used = [
        row["debit_monetary_amount_value"]
        for row in moves
        if row["debit_type"] == "credits_applied" and row["invoice_id"] == back["invoice_id"]
    ]
    assert used == [back["credit_monetary_amount_value"]]
    voided = invoices[back["invoice_id"]]
    assert (voided["status"], voided["status_transitions_voided_at"]) == ("void", back["created"])


def test_the_benchmark_has_one_line_per_invoice(tmp_path: Path) -> None:
    """Parquet files of all tables; the lines have distinct ids and a year each."""
    script.write_bench(tmp_path, 1000)
    assert {path.stem for path in tmp_path.iterdir()} == set(stripe.STRIPE_TYPES)
    lines = tmp_path / "invoice_line_items.parquet"
    found = duckdb.sql(
        "select count(*), count(distinct id), count(distinct invoice_id), "
        f"count(*) filter (period_end = period_start + interval 1 year) from '{lines}'"
    ).fetchall()
    assert found == [(1000, 1000, 1000, 1000)]
    for name, columns in stripe.STRIPE_TYPES.items():
        described = duckdb.sql(f"describe select * from '{tmp_path / name}.parquet'").fetchall()
        assert [row[0] for row in described] == list(columns), name
