-- Debits equal credits in every journal entry, and each entry has two lines.
-- The entry is looked at within its period, currency and entity, so that these
-- balance too: sums of what balances.
with

lines as (

    select * from {{ ref('fct_journal_lines') }}

)

select
    journal_entry_id,
    entity_id,
    accounting_period,
    currency,
    count(*) as line_count,
    sum(debit_minor) as debit_minor,
    sum(credit_minor) as credit_minor,
    sum(debit_amount) as debit_amount,
    sum(credit_amount) as credit_amount
from lines
group by journal_entry_id, entity_id, accounting_period, currency
having
    count(*) <> 2
    or sum(debit_minor) <> sum(credit_minor)
    or sum(debit_amount) <> sum(credit_amount)
