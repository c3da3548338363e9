-- One row per raw row that is several credit entries, or pays an invoice, and journal
-- entry that it supports: a payment with credits and its void, a use drawn from several
-- grants.
with

evidence as (

    select * from {{ ref('int_credit_evidence') }}
    where (raw_key is not null or invoice_id is not null) and journal_entry_id is not null

)

select
    source_system,
    source_table,
    coalesce(raw_key, source_key) as source_key,
    journal_entry_id,
    cast(sum(amount_unrounded) as numeric(38, 9)) as amount_unrounded,
    cast(sum(quantity) as numeric(28, 9)) as quantity
from evidence
group by source_system, source_table, coalesce(raw_key, source_key), journal_entry_id
