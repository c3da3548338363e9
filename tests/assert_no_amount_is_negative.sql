-- No amount, quantity or count of a journal entry is negative, and no entry
-- debits the account that it credits.
with

entries as (

    select * from {{ ref('fct_journal_entries') }}

)

select
    journal_entry_id,
    obligation_id,
    event_type,
    accounting_period,
    debit_account,
    credit_account,
    amount_minor,
    amount,
    quantity,
    source_entry_count
from entries
where
    amount_minor < 0
    or amount < 0
    or quantity < 0
    or source_entry_count < 0
    or debit_account = credit_account
