-- One row per journal entry of a seal that is in force, as it was sealed. Not a ref, like
-- int_seals_before; what this run seals itself is not in it, nor what a run that was
-- killed left without a seal.
with

entries as (

    select * from {{ earlier_rows('fct_sealed_entries') }}

),

seals as (

    select * from {{ ref('int_seals_before') }}

),

seal_states as (

    select * from {{ ref('int_seal_states') }}
    where seal_state = 'in_force'

),

seals_in_force as (

    select seals.seal_id
    from seals
    inner join seal_states
        on
            seals.accounting_period = seal_states.accounting_period
            and seals.seal_version = seal_states.seal_version

)

select entries.*
from entries
inner join seals_in_force
    on entries.seal_id = seals_in_force.seal_id
