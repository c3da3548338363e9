{{ config(enabled='metering' in var('sources') | string) }}

with

usage_events as (

    select * from {{ raw('metering', 'usage_events') }}

),

rate_schedules as (

    select * from {{ raw('metering', 'rate_schedules') }}

),

rate_tiers as (

    select * from {{ raw('metering', 'rate_tiers') }}

),

subscriptions as (

    select * from {{ raw('metering', 'subscriptions') }}

),

usage_invoices as (

    select * from {{ raw('metering', 'usage_invoices') }}

),

counts as (

    select
        'usage_events' as source_table,
        'usage_events' as shape,
        count(*) as rows_in
    from usage_events

    union all

    select
        'rate_schedules' as source_table,
        'reference_rows' as shape,
        count(*) as rows_in
    from rate_schedules

    union all

    select
        'rate_tiers' as source_table,
        'reference_rows' as shape,
        count(*) as rows_in
    from rate_tiers

    union all

    select
        'subscriptions' as source_table,
        'reference_rows' as shape,
        count(*) as rows_in
    from subscriptions

    union all

    select
        'usage_invoices' as source_table,
        'usage_invoices' as shape,
        count(*) as rows_in
    from usage_invoices

)

select
    'metering' as source_system,
    *
from counts
