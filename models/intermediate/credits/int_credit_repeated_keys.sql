-- The keys that more than one raw row has. A model of its own, so that the
-- engine reads the ledger's keys for it and nothing else.
with

entries as (

    select * from {{ ref('int_credit_entries_keyed') }}

)

select
    source_system,
    entry_key
from entries
group by source_system, entry_key
having count(*) > 1
