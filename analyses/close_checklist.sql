-- Before a close: when each source last recorded a fact, and what is still open.
-- closed_at of the period must lie after the newest of these instants (UTC), so
-- that the close holds all that this build had:
-- dbt show --select close_checklist
{{ config(group='revrec') }}

with

entries as (

    select * from {{ ref('int_credit_entries_unioned') }}

),

grants as (

    select * from {{ ref('int_credit_grants_unioned') }}

),

lines as (

    select * from {{ ref('int_service_lines_unioned') }}

),

events as (

    select * from {{ ref('int_line_events_unioned') }}

),

settlements as (

    select * from {{ ref('int_settlements_unioned') }}

),

fulfilments as (

    select * from {{ ref('int_fulfilments_unioned') }}

),

usage_events as (

    select * from {{ ref('int_usage_events_unioned') }}

),

usage_invoices as (

    select * from {{ ref('int_usage_invoices_unioned') }}

),

exceptions as (

    select * from {{ ref('rec_exceptions') }}

),

tie_outs as (

    select * from {{ ref('rec_tie_outs') }}

),

facts as (

    select
        source_system,
        known_at
    from entries

    union all

    select
        source_system,
        known_at
    from grants

    union all

    select
        source_system,
        greatest(known_at, booked_known_at) as known_at
    from lines

    union all

    select
        source_system,
        known_at
    from events

    union all

    select
        source_system,
        known_at
    from settlements

    union all

    select
        source_system,
        known_at
    from fulfilments

    union all

    select
        source_system,
        known_at
    from usage_events

    union all

    select
        source_system,
        finalised_at as known_at
    from usage_invoices

),

recorded as (

    select
        source_system,
        max(known_at) as newest_known_at
    from facts
    group by source_system

),

listed as (

    select
        source_system,
        count(*) as exception_rows
    from exceptions
    group by source_system

),

-- What ties all sources at once concerns each of them.
broken as (

    select
        recorded.source_system,
        count(*) as broken_tie_outs
    from recorded
    inner join tie_outs
        on tie_outs.source_system in (recorded.source_system, 'all')
    where not tie_outs.is_tied
    group by recorded.source_system

)

select
    recorded.source_system,
    recorded.newest_known_at,
    coalesce(listed.exception_rows, 0) as exception_rows,
    coalesce(broken.broken_tie_outs, 0) as broken_tie_outs
from recorded
left join listed
    on recorded.source_system = listed.source_system
left join broken
    on recorded.source_system = broken.source_system
order by recorded.source_system
