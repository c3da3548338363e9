-- No ledger row counts that happened after as_of_date, and none is left out as too
-- late that happened on or before it.
{{ config(group='revrec') }}

with

-- A group has the dates of its rows, so that the ledger is not read again.
entry_groups as (

    select * from {{ ref('int_credit_entry_groups') }}

)

select
    source_system,
    grant_id,
    entry_type,
    row_reason,
    first_date,
    last_date,
    row_count
from entry_groups
where
    (row_disposition is null and last_date > cast('{{ as_of_date() }}' as date))
    or (row_reason = 'after_as_of_date' and first_date <= cast('{{ as_of_date() }}' as date))
