-- What each build changed of the journal: an entry as it was (sign -1) and as it became
-- (sign 1), so that the signs through a build sum to its journal. Appended to, never changed;
-- rows count only where fct_builds has their build.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ revrec.remove_uncommitted_builds() }}",
) }}

with

changes as (

    select * from {{ ref('int_classed_changes') }}

),

builds as (

    select build_id from {{ earlier_rows('fct_builds') }}

)

select
    changes.build_id,
    '{{ books_id() }}' as books_id,
    cast(changes.build_number as integer) as build_number,
    cast(changes.sign as integer) as sign,
    changes.change_class,
    {{ journal_columns('changes') }},
    changes.entry_digest,
    cast(changes.evidence_count as bigint) as evidence_count,
    changes.evidence_digest,
    cast(changes.obligation_row_count as bigint) as obligation_row_count,
    changes.obligation_rows_digest
from changes
left join builds
    on changes.build_id = builds.build_id
where builds.build_id is null
