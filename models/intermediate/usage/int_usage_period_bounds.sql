-- One row per usage period, whether it was used, invoiced, committed or goes on: when it
-- begins and ends.
{{ config(materialized='table') }}

with

uses as (

    select * from {{ ref('int_usage_uses') }}

),

invoices as (

    select * from {{ ref('int_usage_invoices') }}
    where invoice_reason is null

),

gauge_periods as (

    select * from {{ ref('int_usage_gauge_periods') }}

),

committed_periods as (

    select * from {{ ref('int_usage_committed_periods') }}

),

subscriptions as (

    select * from {{ ref('int_usage_subscriptions') }}

),

accounting_days as (

    select * from {{ ref('int_accounting_days') }}

),

keys as (

    select
        {{ usage_period_columns() }}
    from uses

    union

    select
        {{ usage_period_columns() }}
    from invoices

    union

    select
        {{ usage_period_columns() }}
    from gauge_periods

    union

    select
        {{ usage_period_columns() }}
    from committed_periods

),

anchored as (

    select
        keys.*,
        subscriptions.anchor_at is null as is_calendar,
        subscriptions.started_at,
        subscriptions.ended_at,
        coalesce(
            subscriptions.anchor_at, {{ calendar_anchor('keys.billing_interval') }}
        ) as billing_anchor
    from keys
    left join subscriptions
        on
            keys.source_system = subscriptions.source_system
            and keys.subscription_id = subscriptions.subscription_id

),

moments as (

    select
        *,
        {{ billing_starts_at('billing_anchor', 'billing_number', 'billing_interval') }}
            as from_moment,
        {{ billing_starts_at('billing_anchor', 'billing_number + 1', 'billing_interval') }}
            as to_moment
    from anchored

),

bounded as (

    select
        *,
        case
            when is_calendar then {{ day_start_in_utc('from_moment', accounting_timezone()) }}
            else from_moment
        end as starts_at,
        case
            when is_calendar then {{ day_start_in_utc('to_moment', accounting_timezone()) }}
            else to_moment
        end as ends_at
    from moments

),

-- A subscription that ends within a billing period ends that too.
ended as (

    select
        *,
        case when ended_at > starts_at and ended_at < ends_at then ended_at else ends_at end
            as closes_at
    from bounded

),

dated as (

    select
        *,
        {{ accounting_date('starts_at') }} as starts_on,
        {{ accounting_date("(closes_at - interval '1 microsecond')") }} as ends_on
    from ended

),

final as (

    select
        {{ usage_period_hash() }} as usage_period_id,
        dated.*,
        first_days.period_index as start_period_index,
        last_days.period_index as end_period_index,
        dated.ends_on <= cast('{{ as_of_date() }}' as date) as has_ended
    from dated
    left join accounting_days as first_days
        on dated.starts_on = first_days.accounting_date
    left join accounting_days as last_days
        on dated.ends_on = last_days.accounting_date

)

select * from final
