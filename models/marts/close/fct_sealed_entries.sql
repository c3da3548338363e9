-- What was closed, as it was posted then: appended to when a period is sealed, and never
-- changed. Entries count only where fct_period_seals has their seal, which is written
-- after them.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ revrec.remove_unsealed_entries() }}",
) }}

with

entries as (

    select * from {{ ref('fct_journal_entries') }}

),

seals as (

    {{ unwritten_seals() }}

)

select
    seals.seal_id,
    '{{ books_id() }}' as books_id,
    seals.seal_version,
    {{ journal_columns('entries') }},
    {{ entry_digest('entries') }} as entry_digest
from seals
inner join entries
    on
        seals.accounting_period = entries.accounting_period
        and seals.entity_id = entries.entity_id
        and seals.currency = entries.currency
