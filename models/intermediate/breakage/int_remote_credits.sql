-- One row per row of the seed remote_credits: what finance says of one grant, from which
-- accounting period to which it says so, and what is wrong with it. A singular test stops
-- the build where `problem` is not null.
{{ config(materialized='table') }}

with

remote_credits as (

    select * from {{ raw('finance', 'remote_credits') }}

),

accounting_days as (

    select * from {{ ref('int_accounting_days') }}

),

known_floors as (

    select * from {{ ref('int_known_floors') }}

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

-- A file of finance may serve several projects: only sources of these books are judged.
sources as (

    select distinct source_system
    from {{ ref('int_raw_row_counts') }}

),

parsed as (

    select
        {{ text_value('source_system') }} as source_system,
        {{ text_value('grant_id') }} as grant_id,
        {{ flag_value('is_remote') }} as is_remote,
        {{ parse_day('remote_from') }} as remote_from,
        {{ parse_timestamp('known_at') }} as known_at
    from remote_credits

),

placed as (

    select
        parsed.*,
        grants.source_table,
        grants.presentation = 'deferred'
        and grants.grant_disposition = 'terms'
        and grants.has_grant_entry
        and grants.breakage_policy <> 'remote' as has_no_effect,
        greatest(accounting_days.period_index, known_floors.first_open_period_index)
            as posting_period_index,
        coalesce(accounting_days.is_counted, false) as is_counted,
        case
            when sources.source_system is not null and grants.grant_id is null
                then 'no grant has this source_system and grant_id'
            when parsed.is_remote is null then 'is_remote is not true or false'
            when accounting_days.period_index is null then 'remote_from is empty or no day'
            when known_floors.known_interval is null then 'known_at is empty or no time'
            when
                count(*) over (
                    partition by
                        parsed.source_system, parsed.grant_id, parsed.remote_from, parsed.known_at
                ) > 1
                then 'two rows of one grant with one remote_from and known_at'
        end as problem
    from parsed
    left join grants
        on
            parsed.source_system = grants.source_system
            and parsed.grant_id = grants.grant_id
    left join sources
        on parsed.source_system = sources.source_system
    left join accounting_days
        on parsed.remote_from = accounting_days.accounting_date
    left join known_floors
        on
            cast(parsed.known_at as date) = known_floors.known_date
            and parsed.known_at >= known_floors.known_from
            and parsed.known_at < known_floors.known_to
    where not {{ is_known_later('parsed.known_at') }}

)

select * from placed
