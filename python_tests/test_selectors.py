"""The selectors of selectors.yml select what their descriptions say, and can be built.

What is selected can be built on an empty database where it holds whatever it needs. So that is
what is asked, of every node, its tests included.
"""

from __future__ import annotations

import json

import pytest
from warehouse import Warehouse

# What each selects at the right, and what only others do.
WANTED = {
    "daily": {"rpt_trial_balance", "rec_close_checklist", "dim_customers"},
    "close": {
        "rec_close_checklist",
        "rec_seal_breaks",
        "fct_period_seals",
        "fct_sealed_entries",
        "fct_seal_retirements",
        "fct_journal_lines",
        "rpt_corrections",
        "rec_tie_outs",
        "assert_sealed_periods_do_not_move",
        "assert_corrections_restore_the_derived_journal",
    },
    "tie_outs": {"rec_tie_outs", "rec_sealed_journal", "rec_balances_ties_out"},
    "audit": {
        "fct_journal_entries",
        "fct_journal_evidence",
        "fct_account_balances",
        "fct_period_seals",
        "fct_sealed_entries",
        "rec_seal_breaks",
        "rec_completeness",
        "rec_exceptions",
        "rec_tie_outs",
        "rpt_corrections",
        "assert_sealed_periods_do_not_move",
    },
    "exports": {"fct_journal_lines", "assert_sealed_periods_do_not_move"},
}
UNWANTED = {
    "daily": set(),
    "close": {"rpt_trial_balance", "rpt_monetary_balances"},
    "tie_outs": {"rec_close_checklist", "fct_period_seals", "rpt_trial_balance"},
    "audit": {"rpt_trial_balance", "rpt_customer_credit_balances"},
    "exports": {"rec_tie_outs", "rec_close_checklist", "fct_period_seals"},
}
BUILT = ("model", "seed", "test")


@pytest.mark.parametrize("selector", WANTED)
def test_selects_what_it_says_and_what_that_needs(
    duckdb_warehouse: Warehouse, selector: str
) -> None:
    """Everything at the right, nothing of the others, and all parents of each node."""
    options = ["--selector", selector, "--output", "json"]
    options += ["--output-keys", "unique_id", "name", "depends_on"]
    for kind in BUILT:
        options += ["--resource-type", kind]
    result = duckdb_warehouse.build("list", *options).check()
    nodes = [json.loads(line) for line in result.result]
    names = {node["name"] for node in nodes}
    assert names >= WANTED[selector]
    assert not names & UNWANTED[selector]
    selected = {node["unique_id"] for node in nodes}
    missing = {
        (node["name"], parent)
        for node in nodes
        for parent in node["depends_on"].get("nodes", [])
        if parent.split(".")[0] in BUILT and parent not in selected
    }
    assert not missing
