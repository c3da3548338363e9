-- One row per invoice and currency with a receivable in the books: what the customer
-- owes of it.
with

entries as (

    select * from {{ ref('fct_journal_entries') }}
    where
        invoice_id is not null
        and (debit_account = 'accounts_receivable' or credit_account = 'accounts_receivable')

)

select
    source_system,
    invoice_id,
    currency,
    cast(
        sum(case when debit_account = 'accounts_receivable' then amount_minor else 0 end)
        - sum(case when credit_account = 'accounts_receivable' then amount_minor else 0 end)
        as bigint
    ) as receivable_minor
from entries
group by source_system, invoice_id, currency
