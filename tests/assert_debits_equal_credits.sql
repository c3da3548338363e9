-- Debits equal credits in every journal entry, and each entry has two lines.
-- The entry is looked at within its period, currency and entity, so that these
-- balance too: sums of what balances. Debit less credit is summed, one sum for the
-- two sides.
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
    sum(debit_minor - credit_minor) as net_debit_minor,
    sum(debit_amount - credit_amount) as net_debit_amount
from lines
group by journal_entry_id, entity_id, accounting_period, currency
having
    count(*) <> 2
    or sum(debit_minor - credit_minor) <> 0
    or sum(debit_amount - credit_amount) <> 0
