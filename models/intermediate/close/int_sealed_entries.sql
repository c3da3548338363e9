-- One row per journal entry of a seal that is in force, as it was sealed. Not a ref, like
-- int_seals_before; what this run seals itself is not in it.
with

entries as (

    select * from {{ earlier_rows('fct_sealed_entries') }}

),

seal_states as (

    select * from {{ ref('int_seal_states') }}
    where seal_state = 'in_force'

)

select entries.*
from entries
inner join seal_states
    on
        entries.accounting_period = seal_states.accounting_period
        and entries.seal_version = seal_states.seal_version
where entries.books_id = '{{ books_id() }}'
