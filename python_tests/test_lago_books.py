"""A wallet that ended, and uses of it that Lago recorded after the close: where everything posts.

100 credits for 100.00; 60 are used, the wallet is terminated in February, February is closed. Then
uses of 5 and of 50 arrive that happened before the end: 40 of them take back what had expired.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import books
import pytest
import rooms
from warehouse import Row, Warehouse

CLOSES = [
    {"accounting_period": "2026-01", "closed_at": "2026-02-03"},
    {"accounting_period": "2026-02", "closed_at": "2026-03-03"},
]
VARS = books.company_vars("2026-06-30", sources=["lago"])
MARTS = ("fct_journal_entries", "fct_credit_grant_periods", "fct_journal_evidence")
MARTS += ("rec_completeness", "rec_exceptions", "rec_tie_outs", "rpt_credit_activity")
ENDED = datetime(2026, 2, 20)
WALLET: Row = {
    **{"lago_id": "w", "lago_customer_id": "c", "status": "terminated", "currency": "USD"},
    **{"rate_amount": Decimal(1), "credits_balance": Decimal(40), "terminated_at": ENDED},
    **{"created_at": datetime(2026, 1, 1), "updated_at": datetime(2026, 3, 10)},
}


def transaction(key: str, kind: str, credits: int, at: datetime, recorded: datetime) -> Row:
    """A settled movement of the wallet; one credit is one dollar."""
    direction = "inbound" if kind == "purchased" else "outbound"
    about = {"lago_id": key, "lago_wallet_id": "w", "status": "settled", "source": "manual"}
    about |= {"transaction_type": direction, "transaction_status": kind}
    amounts = {"amount": Decimal(credits), "credit_amount": Decimal(credits)}
    times = {"settled_at": at, "created_at": recorded, "updated_at": recorded}
    return {**about, **amounts, **times}


BOUGHT, USED = datetime(2026, 1, 5), datetime(2026, 2, 5)
TRANSACTIONS = [
    transaction("bought", "purchased", 100, BOUGHT, BOUGHT),
    transaction("used", "invoiced", 60, USED, USED),
    transaction("late", "invoiced", 5, datetime(2026, 2, 15), datetime(2026, 3, 8)),
    transaction("later", "invoiced", 50, datetime(2026, 2, 16), datetime(2026, 3, 9)),
]


@pytest.fixture(scope="module")
def house(warehouse: Warehouse) -> Iterator[Warehouse]:
    """The company, built with the tests of its marts."""
    tables = {"exports_wallets": [WALLET], "exports_wallet_transactions": TRANSACTIONS}
    rooms.load_room(warehouse, "lago", tables)
    books.load_finance(warehouse, {}, CLOSES)
    selection = ("--select", *(f"+{mart}" for mart in MARTS), "--indirect-selection", "cautious")
    options = ("build", *selection, "--exclude-resource-type", "unit_test")
    warehouse.build(*options, vars=VARS).check()
    yield warehouse


def test_late_uses_take_back_what_had_expired_where_they_post(house: Warehouse) -> None:
    """February stays as it was closed."""
    columns = ("accounting_period", "effective_period", "event_type", "debit_account")
    found = Counter(
        (*(row[column] for column in columns), f"{row['amount']:.2f}")
        for row in house.table("fct_journal_entries")
    )
    assert found == Counter(
        [
            ("2026-01", "2026-01", "credit_granted", "cash", "100.00"),
            ("2026-02", "2026-02", "credit_consumed", "deferred_revenue", "60.00"),
            ("2026-02", "2026-02", "credit_expired", "deferred_revenue", "40.00"),
            ("2026-03", "2026-02", "credit_expiry_reversed", "breakage_revenue", "40.00"),
            ("2026-03", "2026-02", "credit_consumed", "deferred_revenue", "40.00"),
        ]
    )


def test_the_grant_ends_at_zero_in_each_period(house: Warehouse) -> None:
    """What is taken back is negative expiry."""
    rows = house.fetch(
        "select consumed_units, expired_units, closing_units, closing_deferred_minor "
        "from fct_credit_grant_periods order by accounting_period"
    )
    assert [tuple(row.values()) for row in rows] == [
        (0, 0, 100, 10000),
        (60, 40, 0, 0),
        (40, -40, 0, 0),
    ]


def test_what_nothing_covers_is_listed_and_nothing_is_lost(house: Warehouse) -> None:
    """15 of the last use; the wallet's row is evidence of the expiry, the use of its entry."""
    exceptions = [
        (row["source_key"], row["reason_code"], row["quantity"])
        for row in house.table("rec_exceptions")
        if row["source_system"] == "lago"
    ]
    assert exceptions == [("later", "no_credit_left", 15)]
    rows = {
        row["source_key"]: row
        for row in house.table("fct_journal_evidence")
        if row["journal_entry_id"] is not None
    }
    assert (rows["w"]["source_table"], rows["w"]["quantity"]) == ("exports_wallets", 40)
    assert rows["later"]["quantity"] == 35
    books.assert_all_is_accounted_for(house, "a wallet that ended")
