-- One row where this run is added to the history of builds: which build it is, what besides
-- the exports decides its figures, and the same of the build before it.
{{ config(materialized='table') }}

with

builds as (

    select * from {{ earlier_rows('fct_builds') }}
    where books_id = '{{ books_id() }}'

),

closes as (

    select * from {{ ref('int_period_closes') }}

),

seals as (

    select * from {{ ref('int_seals_before') }}

),

newest as (

    select max(build_number) as build_number
    from builds

),

decisions as (

    select
        {{ key_hash([
            "'close'", 'accounting_period', epoch_microseconds('closed_at'),
            epoch_microseconds('reopened_at'),
        ]) }} as decision_digest
    from closes

    union all

    select {{ key_hash(["'retirement'", 'seal_id']) }} as decision_digest
    from seals
    where is_retired

),

calendar as (

    select {{ digest_of_all('decision_digest') }} as calendar_digest
    from decisions

)

select
    '{{ invocation_id }}' as build_id,
    coalesce(newest.build_number, 0) + 1 as build_number,
    {{ run_start() }} as built_at,
    cast('{{ as_of_date() }}' as date) as as_of_date,
    calendar.calendar_digest,
    '{{ policy_digest() }}' as policy_digest,
    '{{ settings_digest() }}' as settings_digest,
    '{{ project_version() }}' as project_version,
    builds.build_id as previous_build_id,
    builds.as_of_date as previous_as_of_date,
    builds.calendar_digest as previous_calendar_digest,
    builds.policy_digest as previous_policy_digest,
    builds.settings_digest as previous_settings_digest,
    builds.project_version as previous_project_version
from calendar
cross join newest
left join builds
    on newest.build_number = builds.build_number
where {{ keeps_build_history() }}
