"""Books in a functional currency: rates, translation, and what is realised at settlement.

The credits worked example in euros is translated by hand. Invoices, payments and refunds enter as
postings (a table in place of the view `int_postings`), so that these tests say what translation
does with any posting, whatever made it.
"""

from __future__ import annotations

import csv
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import books
import pytest
from warehouse import Row, Warehouse

VECTORS = Path(__file__).parent / "vectors" / "credits_worked_example"
INVARIANTS = (
    "assert_functional_amounts_are_sound",
    "assert_functional_balances_balance",
    "assert_what_is_settled_has_no_functional_balance",
    "assert_no_amount_is_negative",
    "assert_debits_equal_credits",
)
USD = {"functional_currency": "USD"}


def vector(name: str) -> list[Row]:
    """The rows of one table of the worked example; an empty field is null."""
    with (VECTORS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [{k: v or None for k, v in row.items()} for row in csv.DictReader(file)]


def rate(day: str, currency: str, value: str, to_currency: str = "USD") -> Row:
    """A row of fx_rates."""
    return {"rate_date": day, "from_currency": currency, "to_currency": to_currency, "rate": value}


def check_invariants(warehouse: Warehouse, variables: dict[str, Any], **options: Any) -> None:
    """The tests of `tests/` that say what must hold of functional amounts pass."""
    result = warehouse.build("test", "--select", *INVARIANTS, vars=variables, **options).check()
    ran = {name.split(".")[2] for name, node in result.nodes.items() if node.status == "pass"}
    assert ran == set(INVARIANTS)


def half_away(value: Fraction) -> int:
    """The nearest integer, half away from zero."""
    sign = -1 if value < 0 else 1
    return sign * int(abs(value) + Fraction(1, 2))


# --------------------------------------------------------------------------------------------------
# Credits
# --------------------------------------------------------------------------------------------------

# g1 at 1.0817: 33.30 is 36.02, then 32.42, 30.61, 21.61 and nothing are left. g3 at 1.1033: 30.00
# is 33.10, then 29.40 and nothing are left.
TRANSLATED = {
    ("g1", "credit_granted", "2026-01", "2026-01"): 3602,
    ("g1", "credit_consumed", "2026-01", "2026-01"): 360,
    ("g1", "credit_consumed", "2026-01", "2026-02"): 181,
    ("g1", "credit_consumed", "2026-02", "2026-02"): 900,
    ("g1", "credit_expired", "2026-03", "2026-03"): 2161,
    ("g3", "credit_granted", "2026-02", "2026-02"): 3310,
    ("g3", "credit_consumed", "2026-03", "2026-03"): 370,
    ("g3", "credit_revoked", "2026-03", "2026-03"): 2940,
}
RATES = [
    rate("2026-01-02", "EUR", "1.0817"),
    rate("2026-02-10", "EUR", "1.1033"),
    rate("2026-02-11", "EUR", "1.5"),
    # Neither the inverse nor the way round by euros is taken.
    rate("2026-01-02", "USD", "0.75", "GBP"),
    rate("2026-01-02", "GBP", "1.15", "EUR"),
]
# Grant, currency, day of its sale.
MORE_GRANTS = [
    ("dollars", "USD", "2026-01-20"),
    ("before-any-rate", "EUR", "2026-01-01"),
    ("pounds", "GBP", "2026-01-20"),
    ("last-day", "EUR", "2026-03-14"),
    ("too-late", "EUR", "2026-03-15"),
]
EURO_VARS = books.company_vars("2026-03-31", **USD)


def euro_company() -> dict[str, list[Row]]:
    """The worked example in euros, and a grant for every fate of a rate."""
    grants, ledger = vector("grants"), vector("ledger")
    for row in grants:
        row["cost_currency"] = "EUR"
    for grant_id, currency, day in MORE_GRANTS:
        grants.append(
            {
                **dict.fromkeys(grants[0]),
                **{"grant_id": grant_id, "customer_id": "acme", "currency_id": "credits"},
                **{"category": "PAID", "amount_granted": "100", "cost_basis": "0.10"},
                **{"cost_currency": currency, "status": "ACTIVE", "effective_at": day},
            }
        )
        ledger.append(
            {
                **{"id": grant_id, "customer_id": "acme", "credit_grant_id": grant_id},
                **{"credit_currency_id": "credits", "event_type": "CREDITS_GRANTED"},
                **{"amount": "100", "timestamp": day, "created_at": day},
            }
        )
    return {"credit_grants": grants, "credit_ledger": ledger, "fx_rates": RATES}


@pytest.fixture(scope="module")
def company(warehouse: Warehouse) -> Warehouse:
    """The euro company, built in dollars on each engine."""
    books.load_company(warehouse, euro_company(), vector("closes"))
    marts = ("fct_journal_lines", "rec_exceptions", "rpt_monetary_balances")
    books.build_marts(warehouse, EURO_VARS, marts)
    return warehouse


def test_the_worked_example_in_another_currency(company: Warehouse) -> None:
    """Each entry is the change of the translated balance, at the rate of the grant's day."""
    actual = {
        (
            row["obligation_id"],
            row["event_type"],
            row["effective_period"],
            row["accounting_period"],
        ): row["functional_amount_minor"]
        for row in company.table("fct_journal_entries")
        if row["obligation_id"] in ("g1", "g3")
    }
    assert actual == TRANSLATED


def test_a_closed_grant_leaves_no_functional_balance(company: Warehouse) -> None:
    """Deferred revenue of g1 and g3 sums to zero, in euros and in dollars."""
    left: Counter = Counter()
    for row in company.table("fct_journal_entries"):
        if row["obligation_id"] in ("g1", "g3"):
            sign = 1 if row["credit_account"] == "deferred_revenue" else -1
            assert "deferred_revenue" in (row["debit_account"], row["credit_account"])
            left[row["obligation_id"]] += sign * row["functional_amount_minor"]
    assert left == {"g1": 0, "g3": 0}


def test_without_a_rate_an_entry_is_not_translated(company: Warehouse) -> None:
    """Its own amount stays in the books, and rec_exceptions names the obligation."""
    amounts = {
        row["obligation_id"]: (row["amount_minor"], row["functional_amount_minor"])
        for row in company.table("fct_journal_entries")
        if row["obligation_id"] not in ("g1", "g3")
    }
    assert amounts == {
        "dollars": (1000, 1000),
        "before-any-rate": (1000, None),
        "pounds": (1000, None),
        "last-day": (1000, 1500),
        "too-late": (1000, None),
    }
    listed = {
        (row["source_table"], row["source_key"], row["reason_code"])
        for row in company.table("rec_exceptions")
    }
    assert listed == {
        ("fx_rates", grant_id, "missing_fx_rate")
        for grant_id in ("before-any-rate", "pounds", "too-late")
    }


def test_balances_and_the_report_have_both_currencies(company: Warehouse) -> None:
    """Deferred revenue rolls in dollars; the monetary report has what the ledger revalues."""
    deferred = {
        row["accounting_period"]: row["functional_closing_minor"]
        for row in company.table("fct_account_balances")
        if (row["account"], row["currency"]) == ("deferred_revenue", "EUR")
    }
    assert deferred == {"2026-01": 3242, "2026-02": 2161 + 3310, "2026-03": 1500}
    monetary = {
        (row["account"], row["currency"]): (
            row["closing_minor"],
            row["functional_closing_minor"],
            row["functional_closing_amount"],
            row["functional_currency"],
        )
        for row in company.table("rpt_monetary_balances")
        if row["accounting_period"] == "2026-03" and row["currency"] in ("EUR", "USD")
    }
    assert monetary == {
        ("accounts_receivable", "EUR"): (3330, 3602, Fraction("36.02"), "USD"),
        ("cash", "EUR"): (3000 + 3000, 3310 + 1500, Fraction("48.10"), "USD"),
        ("refund_liability", "EUR"): (2665, 2940, Fraction("29.40"), "USD"),
        ("cash", "USD"): (1000, 1000, Fraction(10), "USD"),
    }


def test_what_must_hold_holds(company: Warehouse) -> None:
    """Also with entries that are not translated."""
    check_invariants(company, EURO_VARS)


# --------------------------------------------------------------------------------------------------
# Invoices
# --------------------------------------------------------------------------------------------------

POSTING_TYPES = {
    "entity_id": "varchar",
    "source_system": "varchar",
    "obligation_type": "varchar",
    "obligation_id": "varchar",
    "customer_id": "varchar",
    "product_id": "varchar",
    "event_type": "varchar",
    "accounting_period_index": "integer",
    "effective_period_index": "integer",
    "booked_date": "date",
    "last_date": "date",
    "debit_account": "varchar",
    "credit_account": "varchar",
    "value_minor": "bigint",
    "currency": "varchar",
    "minor_unit": "numeric(5, 4)",
    "units": "numeric(28, 9)",
    "source_entry_count": "bigint",
    "policy": "varchar",
    "invoice_id": "varchar",
    "settled_currency": "varchar",
    "settled_minor": "bigint",
    "is_settlement": "boolean",
    "settles_receivable": "boolean",
}
JANUARY_2019 = 229  # period_index of 2019-01: the calendar begins with 2000-01.
SCHEMA = "invoices"
INVOICE_VARS = books.company_vars("2020-12-31", **USD, fx_max_age_days=400)
AR, DEFERRED = "accounts_receivable", "deferred_revenue"


def posting(
    obligation: str,
    event_type: str,
    day: date,
    accounts: tuple[str, str],
    value: int,
    *,
    invoice: str | None = None,
    settled: int | None = None,
    booked: date | None = None,
    currency: str = "EUR",
) -> Row:
    """A row of int_postings; an obligation of its own name is an invoice's settlement."""
    index = JANUARY_2019 + (day.year - 2019) * 12 + day.month - 1
    return {
        "entity_id": "default",
        "source_system": "stripe",
        "obligation_type": "invoice" if obligation == invoice else "service_line",
        "obligation_id": obligation,
        "customer_id": "cus_1",
        "event_type": event_type,
        "accounting_period_index": index,
        "effective_period_index": index,
        "booked_date": booked or day,
        "last_date": day,
        "debit_account": accounts[0],
        "credit_account": accounts[1],
        "value_minor": value,
        "currency": currency,
        "minor_unit": "1" if currency == "JPY" else "0.01",
        "units": "1",
        "source_entry_count": 0,
        "policy": "test",
        "invoice_id": invoice,
        "settled_currency": None if settled is None else "USD",
        "settled_minor": settled,
        "is_settlement": obligation == invoice,
        "settles_receivable": obligation == invoice,
    }


def published() -> list[Row]:
    """E18: 30 EUR at 1.20, paid at 1.10. E51: it is refunded in full as well."""
    january, february, march = date(2019, 1, 1), date(2019, 2, 1), date(2019, 3, 1)
    rows = []
    for invoice, line in (("E18", "il_18"), ("E51", "il_51")):
        rows += [
            posting(line, "service_invoiced", january, (AR, DEFERRED), 3000, invoice=invoice),
            posting(
                line,
                "service_recognised",
                january,
                (DEFERRED, "service_revenue"),
                3000,
                invoice=invoice,
            ),
            posting(
                invoice,
                "payment_received",
                february,
                ("cash", AR),
                3000,
                invoice=invoice,
                settled=3300,
            ),
        ]
    return [
        *rows,
        posting(
            "il_51",
            "service_refunded",
            march,
            ("refunds", "cash"),
            3000,
            invoice="E51",
            settled=3300,
        ),
    ]


def random_invoices(rng: random.Random, count: int, prefix: str) -> list[Row]:
    """Invoices with parts, payments and reversals in any order; half end without a receivable.

    An event type has its number, so that no two postings are one journal entry.
    """
    rows = []
    for number in range(count):
        invoice, currency = f"{prefix}{number}", rng.choice(["EUR", "JPY"])
        day = date(2019, 1, 1) + timedelta(days=rng.randrange(300))
        # What is left of each line: deferred, recognised, and of the invoice: receivable, paid.
        lines = {f"{invoice}-{n}": [rng.randint(1, 30000), 0] for n in range(rng.randint(1, 4))}
        booked = {line: day for line in lines}
        receivable, paid = sum(amount for amount, _ in lines.values()), 0
        for line, (amount, _) in lines.items():
            about = {"invoice": invoice, "currency": currency}
            rows.append(posting(line, "service_invoiced", day, (AR, DEFERRED), amount, **about))
        closing = rng.random() < 0.5
        for step in range(rng.randint(1, 6)):
            day += timedelta(days=rng.randint(0, 25))
            about = {"invoice": invoice, "currency": currency}
            line = rng.choice(list(lines))
            left, recognised = lines[line]
            action = rng.choice(["recognise", "pay", "credit", "refund"])
            last = closing and step == 5
            if action == "recognise" and left:
                amount = rng.randint(1, left)
                accounts = (DEFERRED, "service_revenue")
                about["booked"] = booked[line]
                event = f"service_recognised_{step}"
                rows.append(posting(line, event, day, accounts, amount, **about))
                lines[line] = [left - amount, recognised + amount]
            elif (action == "pay" or last) and receivable:
                amount = receivable if last else rng.randint(1, receivable)
                if rng.random() < 0.5:
                    about["settled"] = rng.randint(0, 2 * amount)
                event = f"payment_received_{step}"
                rows.append(posting(invoice, event, day, ("cash", AR), amount, **about))
                receivable, paid = receivable - amount, paid + amount
            elif action in ("credit", "refund") and left + recognised:
                bound = receivable if action == "credit" else paid
                amount = min(rng.randint(1, left + recognised), bound)
                other = AR if action == "credit" else "cash"
                parts = (min(amount, left), amount - min(amount, left))
                for part, account in zip(parts, (DEFERRED, f"{action}s"), strict=True):
                    if not part:
                        continue
                    account = "credit_notes" if account == "credits" else account
                    if action == "refund" and rng.random() < 0.5:
                        about["settled"] = rng.randint(0, 2 * part)
                    event = f"service_{action}ed_{step}"
                    rows.append(posting(line, event, day, (account, other), part, **about))
                    about.pop("settled", None)
                lines[line] = [left - parts[0], recognised - parts[1]]
                receivable -= amount if action == "credit" else 0
                paid -= amount if action == "refund" else 0
        if closing and receivable:
            about = {"invoice": invoice, "currency": currency}
            accounts = ("cash", AR)
            rows.append(posting(invoice, "payment_received", day, accounts, receivable, **about))
    return rows


def random_rates(rng: random.Random) -> list[Row]:
    """Rates of about one day in ten, with up to twelve decimals; E18's on the first of January."""
    rates = [rate("2019-01-01", "EUR", "1.20"), rate("2019-01-01", "JPY", "0.009123456789")]
    for days in range(5, 700, 10):
        day = date(2019, 1, 1) + timedelta(days=days)
        for currency, low in (("EUR", "1."), ("JPY", "0.00")):
            digits = rng.randint(2, 10)
            rates.append(rate(str(day), currency, f"{low}{rng.randint(1, 10**digits):0{digits}d}"))
    return rates


@pytest.fixture(scope="module")
def invoiced(warehouse: Warehouse, seed: int) -> Iterator[tuple[Warehouse, list[Row], list[Row]]]:
    """The published and the random invoices, built upon postings that the test wrote."""
    rng = random.Random(seed)
    postings, rates = published() + random_invoices(rng, 150, "in_"), random_rates(rng)
    empty = {"credit_grants": [], "credit_ledger": [], "fx_rates": rates}
    books.load_company(warehouse, empty, [])
    options = {"vars": INVOICE_VARS, "schema": SCHEMA}
    selection = ("+int_postings", "+dim_accounts")
    warehouse.build("run", "--select", *selection, **options).check()
    cascade = " cascade" if warehouse.engine == "postgres" else ""
    warehouse.execute(f"drop view {SCHEMA}_intermediate.int_postings{cascade}")
    shuffled = rng.sample(postings, len(postings))
    warehouse.load(f"{SCHEMA}_intermediate", "int_postings", POSTING_TYPES, shuffled)
    marts = ("fct_account_balances", "fct_journal_lines", "rec_exceptions")
    selection = [part for mart in marts for part in ("--select", f"+{mart}")]
    leave_out = ("--exclude", "int_postings", "--exclude-resource-type", "test", "unit_test")
    warehouse.build("build", *selection, *leave_out, **options).check()
    yield warehouse, postings, rates


def net_by_account(warehouse: Warehouse, invoices: set[str]) -> dict[tuple[str, str, str], int]:
    """(invoice, account, period) -> functional debits less credits, but the zeros."""
    net: Counter = Counter()
    for row in warehouse.table("fct_journal_entries", schema=SCHEMA):
        if row["invoice_id"] in invoices:
            key = (row["invoice_id"], row["accounting_period"])
            net[key[0], row["debit_account"], key[1]] += row["functional_amount_minor"]
            net[key[0], row["credit_account"], key[1]] -= row["functional_amount_minor"]
    return {key: value for key, value in net.items() if value}


def test_published_examples(invoiced: tuple[Warehouse, list[Row], list[Row]]) -> None:
    """E18 of stripe_expected.csv, and E51: the refund undoes the loss, at the payment's rate."""
    assert net_by_account(invoiced[0], {"E18"}) == {
        ("E18", "accounts_receivable", "2019-01"): 3600,
        ("E18", "accounts_receivable", "2019-02"): -3600,
        ("E18", "service_revenue", "2019-01"): -3600,
        ("E18", "cash", "2019-02"): 3300,
        ("E18", "fx_loss", "2019-02"): 300,
    }
    assert net_by_account(invoiced[0], {"E51"}) == {
        ("E51", "accounts_receivable", "2019-01"): 3600,
        ("E51", "accounts_receivable", "2019-02"): -3600,
        ("E51", "service_revenue", "2019-01"): -3600,
        ("E51", "cash", "2019-02"): 3300,
        ("E51", "fx_loss", "2019-02"): 300,
        ("E51", "refunds", "2019-03"): 3600,
        ("E51", "cash", "2019-03"): -3300,
        ("E51", "fx_loss", "2019-03"): -300,
    }


def test_invariants_of_random_invoices(invoiced: tuple[Warehouse, list[Row], list[Row]]) -> None:
    """Books balance in dollars; what is settled has no balance; nothing is negative."""
    check_invariants(invoiced[0], INVOICE_VARS, schema=SCHEMA)
    assert invoiced[0].table("rec_exceptions", schema=SCHEMA) == []


def rate_on(rates: list[Row], currency: str, day: date) -> Fraction:
    """Cents for one minor unit of the currency, by the latest rate on or before the day."""
    known = [r for r in rates if r["from_currency"] == currency and r["rate_date"] <= str(day)]
    latest = max(known, key=lambda row: row["rate_date"])
    return Fraction(latest["rate"]) * (100 if currency == "JPY" else 1)


def test_random_invoices_agree_with_fractions(
    invoiced: tuple[Warehouse, list[Row], list[Row]],
) -> None:
    """Every account of every invoice and period, worked out from the postings with fractions.

    Deferred revenue and receivable by their balances, cash by what reached it; what is left is the
    difference that was realised. Two figures of one event may differ by rounding, never more.
    """
    warehouse, postings, rates = invoiced
    by_invoice: dict[str, list[Row]] = defaultdict(list)
    for row in postings:
        by_invoice[row["invoice_id"]].append(row)
    actual = net_by_account(warehouse, set(by_invoice))
    periods = {
        row["period_index"]: row["accounting_period"]
        for row in warehouse.table("dim_accounting_periods", schema=SCHEMA)
    }
    for invoice, rows in by_invoice.items():
        billed = min(r["booked_date"] for r in rows if r["event_type"] == "service_invoiced")
        own = rate_on(rates, rows[0]["currency"], billed)
        receivable, cash, paid, deferred = 0, 0, [0, 0], Counter()
        settled = before = functional_receivable = functional_cash = functional_deferred = 0
        for index in sorted({r["accounting_period_index"] for r in rows}):
            month = [r for r in rows if r["accounting_period_index"] == index]
            payments = [r for r in month if r["obligation_type"] == "invoice"]
            worth = {id(r): r["settled_minor"] for r in month}
            for r in payments:
                if r["settled_minor"] is None:
                    day_rate = rate_on(rates, r["currency"], r["booked_date"])
                    worth[id(r)] = half_away(r["value_minor"] * day_rate)
                paid[0] += r["value_minor"]
                paid[1] += worth[id(r)]
            for r in month:
                value = r["value_minor"]
                if DEFERRED in (r["debit_account"], r["credit_account"]):
                    sign = 1 if r["credit_account"] == DEFERRED else -1
                    deferred[r["obligation_id"]] += sign * value
                if AR in (r["debit_account"], r["credit_account"]):
                    receivable += value if r["debit_account"] == AR else -value
                if "cash" in (r["debit_account"], r["credit_account"]):
                    if worth[id(r)] is None:
                        worth[id(r)] = half_away(Fraction(value * paid[1], paid[0]))
                    sign = 1 if r["debit_account"] == "cash" else -1
                    cash += sign * worth[id(r)]
            name = periods[index]
            functional_deferred -= actual.get((invoice, DEFERRED, name), 0)
            assert functional_deferred == sum(half_away(v * own) for v in deferred.values())
            functional_cash += actual.get((invoice, "cash", name), 0)
            assert functional_cash == cash, (invoice, name)
            functional_receivable += actual.get((invoice, AR, name), 0)
            if payments or receivable == 0:
                assert functional_receivable == half_away(receivable * own), (invoice, name)
            else:
                settled += 1
                assert abs(functional_receivable - receivable * own) <= len(rows)
            before = functional_receivable
        assert before == functional_receivable
    assert settled > 0


# --------------------------------------------------------------------------------------------------
# The sample
# --------------------------------------------------------------------------------------------------

# Postgres has the invariants of functional amounts in the two companies above, every data test in
# test_stripe_vectors.py and test_policies.py, and the sample in test_engines.py.
LONG_ON_POSTGRES = ("test_the_sample_in_dollars_passes_every_test",)


def test_the_sample_in_dollars_passes_every_test(warehouse: Warehouse) -> None:
    """A build of the shipped company with a functional currency, with all its data tests."""
    options = {"vars": USD, "schema": "sample"}
    warehouse.build("build", "--exclude-resource-type", "unit_test", **options).check()
    entries = warehouse.table("fct_journal_entries", schema="sample")
    assert {row["currency"] for row in entries} == {"USD", "EUR", "JPY", "KWD"}
    assert all(row["functional_amount_minor"] is not None for row in entries)
    assert {row["functional_currency"] for row in entries} == {"USD"}


# --------------------------------------------------------------------------------------------------
# Rates that stop the build
# --------------------------------------------------------------------------------------------------

BROKEN_RATES = [
    ("no day", [rate("", "EUR", "1.1")], "rate_date is empty"),
    ("impossible day", [rate("2026-02-30", "EUR", "1.1")], "rate_date is empty or cannot"),
    ("unknown currency", [rate("2026-01-02", "EURO", "1.1")], "from_currency is empty or not"),
    ("unknown target", [rate("2026-01-02", "EUR", "1.1", "")], "to_currency is empty or not"),
    ("one currency", [rate("2026-01-02", "USD", "1")], "the two currencies are one"),
    ("no rate", [rate("2026-01-02", "EUR", "")], "rate is empty or cannot be read"),
    ("a comma", [rate("2026-01-02", "EUR", "1,1")], "rate is empty or cannot be read"),
    ("13 decimals", [rate("2026-01-02", "EUR", "1.0000000000001")], "rate is empty or cannot"),
    ("zero", [rate("2026-01-02", "EUR", "0")], "rate is not above zero"),
    ("twice", [rate("2026-01-02", "EUR", "1.1"), rate("2026-01-02", "eur", "1.2")], "several rows"),
]


@pytest.fixture(scope="module")
def before_rates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A DuckDB file in which all is built that does not depend on rates."""
    with Warehouse.duckdb(tmp_path_factory.mktemp("rates")) as house:
        books.load_company(house, euro_company(), vector("closes"))
        models = ("+int_postings", "+dim_accounts")
        house.build("run", "--select", *models, vars=EURO_VARS).check()
        yield house


@pytest.mark.parametrize(
    ("rates", "problem"),
    [case[1:] for case in BROKEN_RATES],
    ids=[case[0] for case in BROKEN_RATES],
)
def test_broken_rates_stop_the_build(
    before_rates: Warehouse, rates: list[Row], problem: str
) -> None:
    """A test fails, the log says what is wrong with the row, and no journal is built."""
    before_rates.load(books.FINANCE_SCHEMA, "fx_rates", books.FINANCE_TYPES["fx_rates"], rates)
    selection = ("--select", "int_fx_rates+", "--exclude-resource-type", "unit_test")
    result = before_rates.build("build", *selection, vars=EURO_VARS)
    failed = {name.split(".")[2] for name in result.failed}
    assert failed == {"assert_fx_rates_are_valid"}
    assert problem in result.log.split("assert_fx_rates_are_valid found:")[1]
    assert result.nodes["model.revrec.fct_journal_entries"].status == "skipped"


def test_a_functional_currency_without_an_exponent_stops_the_build(
    before_rates: Warehouse,
) -> None:
    """A code that looks like one is not enough."""
    variables = {**EURO_VARS, "functional_currency": "XXX"}
    name = "assert_functional_currency_has_an_exponent"
    selection = (
        "stg_finance__currencies",
        "fct_journal_entries",
        name,
        "--indirect-selection",
        "empty",
    )
    before_rates.load(books.FINANCE_SCHEMA, "fx_rates", books.FINANCE_TYPES["fx_rates"], [])
    result = before_rates.build("build", "--select", *selection, vars=variables)
    failed = {key.split(".")[2] for key in result.failed}
    assert failed == {name}
    assert result.nodes["model.revrec.fct_journal_entries"].status == "skipped"
