"""Print what the last build made: its size, whether it ties, and three queries to try."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import duckdb

QUERIES = {
    "deferred revenue by month": (
        "select accounting_period, currency, closing_amount\n"
        "    from fct_account_balances where account = 'deferred_revenue' order by 1, 2"
    ),
    "what is not in the books, and why": (
        "select source_key, reason_code, how_to_fix from rec_exceptions"
    ),
    "the raw rows behind a journal entry": (
        "select * from fct_journal_evidence\n    where journal_entry_id ="
        " (select min(journal_entry_id) from fct_journal_entries)"
    ),
}


def main() -> None:
    """Read the DuckDB file named by REVREC_DUCKDB_PATH and print about ten lines.

    Exits with 1 and a message where there is no such file.
    """
    path = Path(os.environ.get("REVREC_DUCKDB_PATH", "revrec.duckdb"))
    if not path.exists():
        sys.exit(f"revrec: {path} is not there; run make build first")
    with duckdb.connect(str(path), read_only=True) as connection:

        def one(query: str) -> tuple:
            return connection.execute(query).fetchall()[0]

        rows_in, unaccounted = one("select sum(rows_in), sum(unaccounted) from rec_completeness")
        entries, first, last = one(
            "select count(*), min(accounting_period), max(accounting_period)"
            " from fct_journal_entries"
        )
        ties, tied = one("select count(*), count(*) filter (is_tied) from rec_tie_outs")
        unexplained = one("select coalesce(sum(abs(unexplained)), 0) from rec_tie_outs")[0]
        exceptions = one("select count(*) from rec_exceptions")[0]
        sealed, newest = one(
            "select count(distinct accounting_period), max(accounting_period) from fct_period_seals"
        )
        open_checks = one("select count(*) from rec_close_checklist where status <> 'ok'")[0]

    print(f"Built the books of {rows_in:,} raw rows in {path}, {unaccounted} unaccounted for:")
    print(f"  {entries:,} journal entries, {first} to {last} (fct_journal_entries)")
    print(f"  {tied} of {ties} tie-outs tied, {unexplained:.0f} unexplained (rec_tie_outs)")
    print(f"  {exceptions} rows need a look (rec_exceptions)")
    print(f"  {sealed} periods sealed, the newest {newest} (fct_period_seals)")
    print(f"  {open_checks} checks before the next close are open (rec_close_checklist)")
    print(f"Try, with .venv/bin/python and duckdb.connect('{path}'):")
    for title, query in QUERIES.items():
        print(f"  -- {title}\n    {query};")


if __name__ == "__main__":
    main()
