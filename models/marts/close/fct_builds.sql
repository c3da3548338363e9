-- The commit mark of a build in the history: what it changed is in fct_build_entries and
-- fct_build_balances before its row is here. Appended to, never changed.
-- depends_on: {{ ref('fct_build_entries') }}
-- depends_on: {{ ref('fct_build_balances') }}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
) }}

with

this_build as (

    select * from {{ ref('int_this_build') }}

),

entries as (

    select * from {{ ref('int_present_entries') }}

),

builds as (

    select build_id from {{ earlier_rows('fct_builds') }}

),

measured as (

    select
        count(*) as entry_count,
        {{ digest_of_all('entry_digest') }} as entries_digest
    from entries

)

select
    this_build.build_id,
    '{{ books_id() }}' as books_id,
    cast(this_build.build_number as integer) as build_number,
    this_build.previous_build_id,
    this_build.built_at,
    this_build.as_of_date,
    cast(measured.entry_count as bigint) as entry_count,
    measured.entries_digest,
    this_build.calendar_digest,
    this_build.policy_digest,
    this_build.settings_digest,
    this_build.project_version
from this_build
cross join measured
left join builds
    on this_build.build_id = builds.build_id
where builds.build_id is null
