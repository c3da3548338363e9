"""Every option of every policy, chosen per customer by a project that installs revrec.

`installing_project` overrides each policy without a fork (dbt finds an override by the name
`default__<policy>` in the package that the search order names first), so one build per engine
holds them all.
The entries that follow are worked out here by hand. January 2026 is closed at 3 February.

The list prices of `credits` in dollars: 0.10, known from the start, and 0.20, which holds from
1 January 2026 too, but became known on 10 February only.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import books
import pytest
import rooms
from installing import install, replace
from warehouse import BuildResult, Row, Warehouse

INSTALLING = Path(__file__).parent / "installing_project"
VARS = books.company_vars("2026-04-30", sources=["stigg", "generic"])
STIGG_VARS = {**VARS, "sources": ["stigg"]}
CLOSES = [{"accounting_period": "2026-01", "closed_at": "2026-02-03", "closed_by": "controller"}]
LIST_PRICES = [
    dict(
        zip(
            ("credit_unit", "currency", "list_price", "effective_from", "known_at"),
            values,
            strict=True,
        )
    )
    for values in (
        ("credits", "USD", "0.10", "2025-01-01", "2024-12-20"),
        ("credits", "USD", "0.20", "2026-01-01", "2026-02-10"),
        ("minutes", "USD", "0.30", "2026-01-01", "2026-02-20"),
        ("seats", "USD", "0.10", "2026-01-01", "2025-12-20"),
        ("seats", "EUR", "0.10", "2026-01-01", "2025-12-20"),
        ("gems", "USD", "99999999.123456789012", "2026-01-01", "2025-12-20"),
    )
]

# account_mappings: for any entity, for one, for a product (which concerns lines only).
ACCOUNT_MAPPINGS = [
    {"account": account, "entity_id": entity, "product_id": product, "gl_code": code}
    for account, entity, product, code in (
        ("deferred_revenue", None, None, "2400"),
        ("deferred_revenue", "emea", None, "2400-EU"),
        ("deferred_revenue", "apac", "credits", "2400-P"),
        ("credit_revenue", "emea", None, "4000-EU"),
        ("cash", None, "credits", "1000-P"),
    )
]

Entry = tuple[str, str, str, str, str, str, Decimal]
"""Grant, event, effective period, accounting period, debit, credit, amount."""

GRANTED, CONSUMED = "CREDITS_GRANTED", "CREDITS_CONSUMED"
EXPIRED, VOIDED, UPDATED = "CREDITS_EXPIRED", "CREDITS_VOIDED", "CREDITS_UPDATED"
MOVED_FROM = "CREDITS_CONSUMPTION_TRANSFER_SOURCE"
MOVED_TO = "CREDITS_CONSUMPTION_TRANSFER_TARGET"


# --------------------------------------------------------------------------------------------------
# The company: its grant ids begin with the policy that they are about
# --------------------------------------------------------------------------------------------------


def grant(grant_id: str, customer: str, category: str = "PAID", **columns: str | None) -> Row:
    """A raw grant row, in dollars unless `columns` say otherwise."""
    return {
        "grant_id": grant_id,
        "customer_id": customer,
        "category": category,
        "currency_id": "credits",
        "cost_currency": "USD",
        "status": "ACTIVE",
        "effective_at": "2026-01-05",
        "updated_at": "2026-01-05",
        **columns,
    }


COMPANY: list[tuple[Row, list[tuple[str, str, str]]]] = [
    # Void 80 of 100 at 0.50, after 20 were used.
    (
        grant("revocation-forfeit", "c_forfeit", cost_basis="0.50", invoice_id="i1"),
        [(GRANTED, "100", "01-05"), (CONSUMED, "20", "01-20"), (VOIDED, "80", "02-10")],
    ),
    (
        grant("revocation-reverse", "c_reverse", cost_basis="0.50"),
        [(GRANTED, "100", "01-05"), (CONSUMED, "20", "01-20"), (VOIDED, "80", "02-10")],
    ),
    (
        grant(
            "revocation-paid",
            "c_settled",
            cost_basis="0.50",
            invoice_id="i2",
            invoice_status="paid",
        ),
        [(GRANTED, "100", "01-05"), (VOIDED, "80", "02-10")],
    ),
    (
        grant(
            "revocation-open",
            "c_settled",
            cost_basis="0.50",
            invoice_id="i3",
            invoice_status="OPEN",
        ),
        [(GRANTED, "100", "01-05"), (VOIDED, "80", "02-10")],
    ),
    (
        grant("revocation-cash", "c_settled", cost_basis="0.50"),
        [(GRANTED, "100", "01-05"), (VOIDED, "80", "02-10")],
    ),
    # Given away: 33 used in January, 3 taken back in February, 10 used in March, the rest expires.
    (
        grant("promotional-memo", "c_memo", "PROMOTIONAL"),
        [(GRANTED, "100", "01-05"), (CONSUMED, "33", "01-20"), (EXPIRED, "67", "03-31")],
    ),
    (
        grant("promotional-gross", "c_gross", "PROMO"),
        [
            (GRANTED, "100", "01-05"),
            (CONSUMED, "33", "01-20"),
            (MOVED_FROM, "3", "02-12"),
            (CONSUMED, "10", "03-01"),
            (EXPIRED, "60", "03-31"),
        ],
    ),
    (
        grant("promotional-gross-later", "c_gross", "PROMO"),
        [(GRANTED, "100", "02-15"), (CONSUMED, "10", "02-20")],
    ),
    # Its only price became known after January was closed.
    (
        grant("promotional-gross-late-price", "c_gross", "PROMO", currency_id="minutes"),
        [(GRANTED, "100", "01-05"), (CONSUMED, "10", "01-20")],
    ),
    (
        grant("promotional-gross-unpriced", "c_gross", "PROMO", currency_id="tokens"),
        [(GRANTED, "100", "01-05"), (CONSUMED, "10", "01-20")],
    ),
    # 30 used beyond the balance, settled by a grant at 0.40: 20 in February, 10 in March.
    (
        grant("overdraft-memo", "c_at_settlement", "OVERDRAFT"),
        [(CONSUMED, "30", "01-20"), (MOVED_FROM, "20", "02-12"), (MOVED_FROM, "10", "03-12")],
    ),
    (
        grant("overdraft-memo-settled-by", "c_at_settlement", cost_basis="0.40"),
        [(GRANTED, "100", "02-12"), (MOVED_TO, "20", "02-12"), (MOVED_TO, "10", "03-12")],
    ),
    (
        grant("overdraft-accrued", "c_when_used", "OVERDRAFT"),
        [(CONSUMED, "30", "01-20"), (MOVED_FROM, "20", "02-12"), (MOVED_FROM, "10", "03-12")],
    ),
    (
        grant("overdraft-accrued-settled-by", "c_when_used", cost_basis="0.40"),
        [(GRANTED, "100", "02-12"), (MOVED_TO, "20", "02-12"), (MOVED_TO, "10", "03-12")],
    ),
    (
        grant("late-overdraft", "c_when_used_late", "OVERDRAFT"),
        [(CONSUMED, "7", "03-20")],
    ),
    (
        grant("overdraft-unpriced", "c_when_used", "OVERDRAFT", currency_id="tokens"),
        [(CONSUMED, "30", "01-20")],
    ),
    # Nobody invoices an overdraft, so it may have no currency. One of its list prices has it.
    (
        grant("overdraft-no-currency", "c_when_used", "OVERDRAFT", cost_currency=None),
        [(CONSUMED, "30", "01-20"), (MOVED_FROM, "30", "02-12")],
    ),
    (
        grant("overdraft-empty-currency", "c_when_used", "OVERDRAFT", cost_currency=""),
        [(CONSUMED, "10", "03-01"), (MOVED_FROM, "10", "03-12")],
    ),
    (
        grant(
            "overdraft-which-currency",
            "c_when_used",
            "OVERDRAFT",
            currency_id="seats",
            cost_currency=None,
        ),
        [(CONSUMED, "30", "01-20")],
    ),
    # Each use could be valued, both together could not: the build goes on without them.
    (
        grant("overdraft-too-much", "c_when_used", "OVERDRAFT", currency_id="gems"),
        [(CONSUMED, "90000000000", "01-20"), (CONSUMED, "90000000000", "02-20")],
    ),
    # A subscription's credits.
    (
        grant("recurring-paid", "c_subscriber", "RECURRING", cost_amount="30"),
        [(GRANTED, "90", "01-05"), (CONSUMED, "10", "01-20")],
    ),
    (
        grant("recurring-unpriced", "c_subscriber", "RECURRING"),
        [(GRANTED, "90", "01-05"), (CONSUMED, "10", "01-20")],
    ),
    (
        grant("recurring-included", "c_included", "RECURRING", cost_amount="30"),
        [(GRANTED, "90", "01-05"), (CONSUMED, "10", "01-20")],
    ),
    (
        grant("recurring-included-unpriced", "c_included", "RECURRING"),
        [(GRANTED, "90", "01-05"), (CONSUMED, "10", "01-20")],
    ),
    # Sold on an invoice, for cash, and through a market place; then 10 more or fewer.
    (
        grant("debit-invoice", "c_debit", cost_basis="1", invoice_id="i4"),
        [(GRANTED, "25", "01-05"), (UPDATED, "10", "02-05")],
    ),
    (
        grant("debit-cash", "c_debit", cost_basis="1"),
        [(GRANTED, "25", "01-05"), (UPDATED, "-10", "02-05")],
    ),
    (
        grant("debit-market-place", "c_market_place", cost_basis="1", invoice_id="i5"),
        [(GRANTED, "25", "01-05"), (UPDATED, "10", "02-05")],
    ),
    # Sold by a line of an invoice of 25.00 that the billing source has too; 20 are voided.
    (
        grant("debit-clearing", "c_debit", cost_basis="1", invoice_id="debit-clearing-invoice"),
        [(GRANTED, "25", "01-05"), (CONSUMED, "5", "01-20"), (VOIDED, "20", "02-10")],
    ),
    # Three currencies, three entities.
    (
        grant("entity-euro", "c_entity", cost_basis="2", cost_currency="eur"),
        [(GRANTED, "50", "01-05"), (CONSUMED, "20", "03-03")],
    ),
    (
        grant("entity-yen", "c_entity", cost_amount="1000", cost_currency="JPY"),
        [(GRANTED, "300", "01-05"), (CONSUMED, "100", "03-03")],
    ),
]

# The invoice of debit-clearing: 20.00 are credited as the credits are voided, 5.00 are paid.
SERVICES: dict[str, list[Row]] = {
    "service_lines": [
        {
            "line_id": "debit-clearing-line",
            "invoice_id": "debit-clearing-invoice",
            "customer_id": "c_debit",
            "product_id": "credit-package",
            "currency": "USD",
            "amount": "25.00",
            "booked_at": "2026-01-05",
        }
    ],
    "line_events": [
        {
            "event_id": "credit-note",
            "event_type": "credit_note",
            "invoice_id": "debit-clearing-invoice",
            "customer_id": "c_debit",
            "currency": "USD",
            "amount": "20.00",
            "effective_at": "2026-02-10",
        }
    ],
    "settlements": [
        {
            "settlement_id": "payment",
            "settlement_type": "payment",
            "invoice_id": "debit-clearing-invoice",
            "customer_id": "c_debit",
            "currency": "USD",
            "amount": "5.00",
            "effective_at": "2026-03-05",
        }
    ],
}
RECOGNITION_RULES = [
    {
        "rule_priority": "10",
        "rule_name": "Credit packages",
        "known_at": "2025-12-01",
        "product_id": "credit-package",
        "treatment": "credit_purchase",
        "allocation_percent": "100",
    }
]

EXPECTED = """
revocation-forfeit granted  01 01 accounts_receivable deferred_revenue    50.00
revocation-forfeit consumed 01 01 deferred_revenue    credit_revenue      10.00
revocation-forfeit revoked  02 02 deferred_revenue    breakage_revenue    40.00
revocation-reverse granted  01 01 cash                deferred_revenue    50.00
revocation-reverse consumed 01 01 deferred_revenue    credit_revenue      10.00
revocation-reverse revoked  02 02 deferred_revenue    cash                40.00
revocation-paid    granted  01 01 accounts_receivable deferred_revenue    50.00
revocation-paid    revoked  02 02 deferred_revenue    refund_liability    40.00
revocation-open    granted  01 01 accounts_receivable deferred_revenue    50.00
revocation-open    revoked  02 02 deferred_revenue    accounts_receivable 40.00
revocation-cash    granted  01 01 cash                deferred_revenue    50.00
revocation-cash    revoked  02 02 deferred_revenue    refund_liability    40.00

promotional-gross            consumed             01 01 discounts      credit_revenue 3.30
promotional-gross            consumption_reversed 02 02 credit_revenue discounts      0.30
promotional-gross            consumed             03 03 discounts      credit_revenue 1.00
promotional-gross-later      consumed             02 02 discounts      credit_revenue 2.00
promotional-gross-late-price consumed             01 02 discounts      credit_revenue 3.00

overdraft-memo-settled-by    granted              02 02 cash             deferred_revenue 40.00
overdraft-memo-settled-by    consumed             02 02 deferred_revenue credit_revenue    8.00
overdraft-memo-settled-by    consumed             03 03 deferred_revenue credit_revenue    4.00
overdraft-accrued            consumed             01 01 contract_asset   credit_revenue    3.00
overdraft-accrued            consumption_reversed 02 02 credit_revenue   contract_asset    2.00
overdraft-accrued            consumption_reversed 03 03 credit_revenue   contract_asset    1.00
overdraft-no-currency        consumed             01 01 contract_asset   credit_revenue    3.00
overdraft-no-currency        consumption_reversed 02 02 credit_revenue   contract_asset    3.00
overdraft-empty-currency     consumed             03 03 contract_asset   credit_revenue    2.00
overdraft-empty-currency     consumption_reversed 03 03 credit_revenue   contract_asset    2.00
overdraft-accrued-settled-by granted              02 02 cash             deferred_revenue 40.00
overdraft-accrued-settled-by consumed             02 02 deferred_revenue credit_revenue    8.00
overdraft-accrued-settled-by consumed             03 03 deferred_revenue credit_revenue    4.00
late-overdraft               consumed             03 03 contract_asset   credit_revenue    1.40

recurring-paid granted  01 01 cash             deferred_revenue 30.00
recurring-paid consumed 01 01 deferred_revenue credit_revenue    3.33

debit-invoice      granted  01 01 accounts_receivable deferred_revenue 25.00
debit-invoice      adjusted 02 02 accounts_receivable deferred_revenue 10.00
debit-cash         granted  01 01 cash                deferred_revenue 25.00
debit-cash         adjusted 02 02 deferred_revenue    cash             10.00
debit-market-place granted  01 01 external_asset      deferred_revenue 25.00
debit-market-place adjusted 02 02 external_asset      deferred_revenue 10.00

debit-clearing         granted          01 01 credit_clearing     deferred_revenue    25.00
debit-clearing         consumed         01 01 deferred_revenue    credit_revenue       5.00
debit-clearing         revoked          02 02 deferred_revenue    credit_clearing     20.00
debit-clearing-line    service_invoiced 01 01 accounts_receivable credit_clearing     25.00
debit-clearing-line    service_credited 02 02 credit_clearing     accounts_receivable 20.00
debit-clearing-invoice payment_received 03 03 cash                accounts_receivable  5.00

entity-euro granted  01 01 cash             deferred_revenue  100.00
entity-euro consumed 03 03 deferred_revenue credit_revenue     40.00
entity-yen  granted  01 01 cash             deferred_revenue 1000
entity-yen  consumed 03 03 deferred_revenue credit_revenue    333
"""


def expected_entries(about: str) -> list[Entry]:
    """The entries of EXPECTED whose grants are about one policy."""
    rows = [line.split() for line in EXPECTED.splitlines() if line]
    return [(*row[:-1], Decimal(row[-1])) for row in rows if row[0].startswith(about)]


def raw_tables() -> dict[str, list[Row]]:
    """The raw tables of the company; every row was recorded when it happened."""
    ledger = [
        {
            "id": f"{terms['grant_id']}/{number}",
            "credit_grant_id": terms["grant_id"],
            "customer_id": terms["customer_id"],
            "event_type": event,
            "amount": amount,
            "timestamp": f"2026-{day}",
        }
        for terms, events in COMPANY
        for number, (event, amount, day) in enumerate(events, start=1)
    ]
    grants = [terms for terms, _ in COMPANY]
    return {
        "credit_grants": grants,
        "credit_ledger": ledger,
        "list_prices": LIST_PRICES,
        "account_mappings": ACCOUNT_MAPPINGS,
        "recognition_rules": RECOGNITION_RULES,
    }


# --------------------------------------------------------------------------------------------------
# Installing and building
# --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the installing project, with revrec installed by `dbt deps`."""
    return install(INSTALLING, tmp_path_factory.mktemp("installing"))


def build(warehouse: Warehouse, project: Path) -> BuildResult:
    """Build all of revrec with its data tests (unit tests stand for its own defaults)."""
    return warehouse.build(
        "build", "--exclude-resource-type", "unit_test", vars=VARS, project_dir=project
    )


@pytest.fixture(scope="module")
def company(warehouse: Warehouse, project: Path) -> Warehouse:
    """The company, built by the installing project, on each engine."""
    books.load_company(warehouse, raw_tables(), CLOSES)
    rooms.load_room(warehouse, "generic", SERVICES)
    build(warehouse, project).check()
    return warehouse


def entries(company: Warehouse, about: str) -> list[Row]:
    """The journal entries whose grants are about one policy."""
    journal = company.table("fct_journal_entries", order_by="journal_entry_id")
    return [row for row in journal if row["obligation_id"].startswith(about)]


def as_expected(row: Row) -> Entry:
    """A journal entry as a row of EXPECTED."""
    return (
        row["obligation_id"],
        row["event_type"].removeprefix("credit_"),
        row["effective_period"].removeprefix("2026-"),
        row["accounting_period"].removeprefix("2026-"),
        row["debit_account"],
        row["credit_account"],
        row["amount"],
    )


def assert_entries(company: Warehouse, about: str) -> None:
    """The entries about a policy are those worked out by hand, and the books tie."""
    actual = sorted(as_expected(row) for row in entries(company, about))
    assert actual == sorted(expected_entries(about))
    books.assert_all_is_accounted_for(company, about)


def listed(company: Warehouse, about: str) -> set[tuple[str, str]]:
    """Key and reason of the exceptions about a policy."""
    return {
        (key, reason)
        for _, key, reason in books.exceptions_of(company)
        if key is not None and key.startswith(about)
    }


def dispositions(company: Warehouse, grant_id: str) -> set[str]:
    """The dispositions of the ledger rows of a grant."""
    rows = company.fetch(
        "select disposition from fct_journal_evidence "
        f"where source_table = 'credit_ledger' and source_key like '{grant_id}/%'"
    )
    return {row["disposition"] for row in rows}


def closing_balances(company: Warehouse, entity: str) -> dict[str, Decimal]:
    """The closing balances of an entity in the last period, by account."""
    return {
        row["account"]: row["closing_amount"]
        for row in company.table("fct_account_balances")
        if row["entity_id"] == entity and row["accounting_period"] == "2026-04"
    }


# --------------------------------------------------------------------------------------------------
# The policies
# --------------------------------------------------------------------------------------------------


def test_revocation(company: Warehouse) -> None:
    """by_settlement (paid, open, no invoice), reverse and forfeit; the entry names the option."""
    assert_entries(company, "revocation")
    policies = {
        row["obligation_id"]: row["policy"]
        for row in entries(company, "revocation")
        if row["event_type"] == "credit_revoked"
    }
    assert policies == {
        "revocation-forfeit": "revocation: forfeit",
        "revocation-reverse": "revocation: reverse",
        "revocation-paid": "revocation: by_settlement",
        "revocation-open": "revocation: by_settlement",
        "revocation-cash": "revocation: by_settlement",
    }


def test_promotional_presentation(company: Warehouse) -> None:
    """memo has no entry; gross is worth the list price known at booking, for good.

    The price of 0.20 became known after January was closed: the grant of January stays at 0.10
    even in March, the grant of 15 February has 0.20. Where the only price became known after the
    close, the use of January is revenue of February.
    """
    assert_entries(company, "promotional")
    unpriced = "promotional-gross-unpriced"
    assert listed(company, "promotional") == {
        (key, "missing_list_price") for key in (unpriced, f"{unpriced}/1", f"{unpriced}/2")
    }
    assert dispositions(company, "promotional-memo") == {"memo"}
    assert dispositions(company, "promotional-gross") == {"memo", "journaled"}
    assert dispositions(company, unpriced) == {"exception"}


def test_gross_promotions_leave_net_revenue_as_it_is(company: Warehouse) -> None:
    """What gross presentation adds to revenue it takes away as discounts."""
    net = Decimal(0)
    for row in entries(company, "promotional"):
        sides = {row["debit_account"], row["credit_account"]}
        assert sides == {"discounts", "credit_revenue"}
        net += row["amount"] if row["credit_account"] == "credit_revenue" else -row["amount"]
    assert closing_balances(company, "americas")["discounts"] == net == Decimal("9.00")


def test_overdraft_recognition(company: Warehouse) -> None:
    """at_settlement waits for the grant that settles it; when_used accrues and gives it back."""
    assert_entries(company, "overdraft")
    assert listed(company, "overdraft-unpriced") == {
        ("overdraft-unpriced", "missing_list_price"),
        ("overdraft-unpriced/1", "missing_list_price"),
    }
    assert dispositions(company, "overdraft-memo") == {"memo"}
    policies = {row["policy"] for row in entries(company, "overdraft-accrued")}
    assert "overdraft_recognition: when_used" in policies
    # What was settled is no asset any more; only the late overdraft is left.
    open_overdraft = [row["amount"] for row in entries(company, "late-overdraft")]
    assert closing_balances(company, "americas")["contract_asset"] == sum(open_overdraft)


def test_an_overdraft_without_a_currency_takes_the_only_one(company: Warehouse) -> None:
    """That of its credit unit in list_prices; where there are two nobody can know which."""
    currencies = {
        row["obligation_id"]: row["currency"]
        for row in entries(company, "overdraft")
        if row["obligation_id"].endswith("-currency")
    }
    assert currencies == {"overdraft-no-currency": "USD", "overdraft-empty-currency": "USD"}
    assert listed(company, "overdraft-which-currency") == {
        ("overdraft-which-currency", "missing_list_price"),
        ("overdraft-which-currency/1", "missing_list_price"),
    }
    assert listed(company, "overdraft-no") == listed(company, "overdraft-empty") == set()


def test_an_overdraft_is_bounded_by_what_is_used(company: Warehouse) -> None:
    """It has no grant that bounds its units: their sum must still be valued exactly."""
    assert listed(company, "overdraft-too-much") == {
        (key, "out_of_range")
        for key in ("overdraft-too-much", "overdraft-too-much/1", "overdraft-too-much/2")
    }


def test_overdraft_is_accrued_at_the_newest_price_known_when_it_was_booked(
    company: Warehouse,
) -> None:
    """An overdraft of 20 March: 7 at 0.20, which had been known since 10 February."""
    assert_entries(company, "late-overdraft")


def test_recurring_grants(company: Warehouse) -> None:
    """paid_if_priced is paid, or an exception without a cost; included_in_subscription is memo."""
    assert_entries(company, "recurring")
    unpriced = "recurring-unpriced"
    assert listed(company, "recurring") == {
        (key, "recurring_without_cost") for key in (unpriced, f"{unpriced}/1", f"{unpriced}/2")
    }
    assert dispositions(company, "recurring-included") == {"memo"}
    assert dispositions(company, "recurring-included-unpriced") == {"memo"}


def test_grant_debit_account(company: Warehouse) -> None:
    """Clearing where a line sold them, receivable with an invoice, else cash; or as overridden."""
    assert_entries(company, "debit")
    policies = {
        row["obligation_id"]: row["policy"]
        for row in entries(company, "debit")
        if row["event_type"] == "credit_granted"
    }
    assert policies == {
        "debit-clearing": "grant_debit_account: credit_clearing",
        "debit-invoice": "grant_debit_account: accounts_receivable",
        "debit-cash": "grant_debit_account: cash",
        "debit-market-place": "grant_debit_account: external_asset",
    }


def test_no_revenue_twice(company: Warehouse) -> None:
    """A line that sells credits and their grant: one receivable, one revenue, clearing at zero."""
    balance: dict[str, Decimal] = {}
    for row in entries(company, "debit-clearing"):
        for side, sign in (("debit_account", 1), ("credit_account", -1)):
            balance[row[side]] = balance.get(row[side], Decimal(0)) + sign * row["amount"]
    assert {account: amount for account, amount in balance.items() if amount} == {
        "cash": Decimal("5.00"),
        "credit_revenue": Decimal("-5.00"),
    }
    clearing = [
        row for row in company.table("rec_tie_outs") if row["tie_out"] == "C1_credit_clearing"
    ]
    assert [(row["subject_type"], row["currency"], row["actual"]) for row in clearing] == [
        ("total", "USD", 0)
    ]
    assert [row["explained"] for row in clearing] == [0]


def test_entity_of_by_currency(company: Warehouse) -> None:
    """Each currency is an entity of its own, with books of its own that balance."""
    assert_entries(company, "entity")
    entity_of = {row["currency"]: row["entity_id"] for row in company.table("fct_journal_entries")}
    assert entity_of == {"USD": "americas", "EUR": "emea", "JPY": "apac"}
    sides: dict[str, list[Decimal]] = {}
    for row in company.table("fct_journal_lines"):
        both = sides.setdefault(row["entity_id"], [Decimal(0), Decimal(0)])
        both[0] += row["debit_minor"]
        both[1] += row["credit_minor"]
    assert set(sides) == {"americas", "emea", "apac"}
    assert all(debit == credit for debit, credit in sides.values())
    assert closing_balances(company, "emea") == {
        "cash": Decimal("100.00"),
        "deferred_revenue": Decimal("60.00"),
        "credit_revenue": Decimal("40.00"),
    }
    assert closing_balances(company, "apac") == {
        "cash": Decimal(1000),
        "deferred_revenue": Decimal(667),
        "credit_revenue": Decimal(333),
    }


def test_the_trial_balance_has_the_gl_codes_of_the_entity(company: Warehouse) -> None:
    """The entity's own code, else that for any entity, else the chart's; none of a product."""
    chart = {row["account"]: row["gl_code"] for row in books.read_seed("chart_of_accounts")}
    codes: dict[str, dict[str, str]] = {}
    for row in company.table("rpt_trial_balance"):
        codes.setdefault(row["entity_id"], {})[row["account"]] = row["gl_code"]
    own = {
        "americas": {"deferred_revenue": "2400"},
        "emea": {"deferred_revenue": "2400-EU", "credit_revenue": "4000-EU"},
        "apac": {"deferred_revenue": "2400"},
    }
    assert codes == {
        entity: {account: own[entity].get(account, chart[account]) for account in accounts}
        for entity, accounts in codes.items()
    }
    assert all({"cash", "deferred_revenue", "credit_revenue"} <= set(codes[e]) for e in own)
    keys = ("entity_id", "account", "currency", "accounting_period")
    rows = [tuple(row[key] for key in keys) for row in company.table("rpt_trial_balance")]
    assert len(rows) == len(set(rows)) == len(company.table("fct_account_balances"))


def test_no_other_entry_and_no_other_exception(company: Warehouse) -> None:
    """The tests above have looked at everything that is in the books, or is not."""
    actual = {row["obligation_id"] for row in company.table("fct_journal_entries")}
    assert actual == {row[0] for row in expected_entries("")}
    reasons = {reason for _, reason in listed(company, "")}
    assert reasons == {"missing_list_price", "recurring_without_cost", "out_of_range"}


# --------------------------------------------------------------------------------------------------
# Wrong options
# --------------------------------------------------------------------------------------------------

WRONG_OPTIONS = [
    ("revocation", "'forfeit'", "'give_back'", "policy_revocation_is_an_option"),
    (
        "promotional_presentation",
        "'gross'",
        "'net'",
        "policy_promotional_presentation_is_an_option",
    ),
    (
        "overdraft_recognition",
        "'when_used'",
        "'at once'",
        "policy_overdraft_recognition_is_an_option",
    ),
    (
        "recurring_grants",
        "'included_in_subscription'",
        "'free'",
        "policy_recurring_grants_is_an_option",
    ),
    ("breakage_timing", "then 'at_expiry'", "then 'never'", "policy_breakage_timing_is_an_option"),
    (
        "grant_debit_account",
        "'external_asset'",
        "'external_assets'",
        "policy_grant_debit_account_is_in_the_chart",
    ),
    (
        "grant_debit_account",
        "'external_asset'",
        "'credit_revenue'",
        "assert_grants_debit_an_asset",
    ),
    ("entity_of", "else 'americas'", "", "every_policy_answers_for_every_grant"),
]


@pytest.fixture
def policy_files(project: Path) -> Iterator[Path]:
    """The folder of the policies, as it was again afterwards."""
    folder = project / "macros"
    before = {file: file.read_text(encoding="utf-8") for file in folder.glob("*.sql")}
    yield folder
    for file, text in before.items():
        file.write_text(text, encoding="utf-8")


BEHIND_THE_POLICIES = (
    "int_credit_grant_movements",
    "fct_journal_entries",
    "fct_account_balances",
    "fct_credit_grant_periods",
    "rec_tie_outs",
)


@pytest.fixture(scope="module")
def before_policies(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Iterator[Warehouse]:
    """A DuckDB file in which all is built that does not depend on a policy."""
    with Warehouse.duckdb(tmp_path_factory.mktemp("before_policies")) as house:
        books.load_company(house, raw_tables(), CLOSES)
        models = ("+int_credit_grants", "+dim_accounts")
        house.build("run", "--select", *models, vars=STIGG_VARS, project_dir=project).check()
        yield house


@pytest.mark.parametrize(
    ("policy", "option", "wrong", "test"), WRONG_OPTIONS, ids=[row[3] for row in WRONG_OPTIONS]
)
def test_wrong_option_stops_the_build(
    before_policies: Warehouse,
    project: Path,
    policy_files: Path,
    policy: str,
    option: str,
    wrong: str,
    test: str,
) -> None:
    """One test fails, its name says which policy, and nothing that holds money is built."""
    replace(policy_files / f"{policy}.sql", option, wrong)
    selection = ("--select", "int_credit_grants+", "--exclude-resource-type", "unit_test")
    result = before_policies.build("build", *selection, vars=STIGG_VARS, project_dir=project)
    assert not result.success
    failed = [name.split(".")[2] for name in result.failed]
    built = [
        name
        for name in BEHIND_THE_POLICIES
        if result.nodes[f"model.revrec.{name}"].status != "skipped"
    ]
    assert (failed, built) == ([test], [])
