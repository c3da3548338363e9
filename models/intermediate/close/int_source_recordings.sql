-- One row per source with a fact: when it last recorded one, as far as the run's start.
-- What finance decided of breakage counts as well (no close waits for it).
-- What happened after as_of_date shows as well that the export is of a later day. Of
-- ledgers and meters the groups are read, not the rows.
{{ config(materialized='table') }}

with

credit_entry_groups as (

    select * from {{ ref('int_credit_entry_groups') }}
    where row_reason is null or row_reason <> 'invalid_timestamp'

),

usage_groups as (

    select * from {{ ref('int_usage_groups') }}
    where row_reason is null or row_reason <> 'invalid_timestamp'

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

usage_invoices as (

    select * from {{ ref('int_usage_invoices_unioned') }}

),

breakage_estimates as (

    select * from {{ ref('int_breakage_estimates') }}
    where problem is null and is_counted

),

remote_credits as (

    select * from {{ ref('int_remote_credits') }}
    where problem is null and is_counted

),

unclaimed_property as (

    select * from {{ ref('int_unclaimed_property') }}
    where problem is null and is_counted

),

facts as (

    select
        source_system,
        newest_known_at as known_at
    from credit_entry_groups

    union all

    select
        source_system,
        newest_known_at as known_at
    from usage_groups

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
        finalised_at as known_at
    from usage_invoices

    union all

    select
        'finance' as source_system,
        known_at
    from breakage_estimates

    union all

    select
        'finance' as source_system,
        known_at
    from remote_credits

    union all

    select
        'finance' as source_system,
        known_at
    from unclaimed_property

)

select
    source_system,
    max(known_at) as newest_known_at
from facts
where known_at <= {{ run_start() }}
group by source_system
