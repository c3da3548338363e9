-- One row per group of events: what became of them, by their own reason or by that of
-- their usage period.
{{ config(materialized='table') }}

with

groups as (

    select * from {{ ref('int_usage_groups') }}

),

uses as (

    select * from {{ ref('int_usage_uses') }}

),

periods as (

    select * from {{ ref('int_usage_periods') }}

),

reasons as (

    select * from {{ ref('exception_reasons') }}

),

reasoned as (

    select
        source_system,
        source_table,
        customer_id,
        product_id,
        cast(null as varchar) as usage_period_id,
        effective_period_index,
        accounting_period_index,
        row_reason as reason,
        quantity,
        row_count,
        any_source_key
    from groups
    where row_reason is not null

    union all

    select
        uses.source_system,
        uses.source_table,
        uses.customer_id,
        uses.product_id,
        uses.usage_period_id,
        uses.effective_period_index,
        uses.accounting_period_index,
        periods.period_reason as reason,
        uses.quantity,
        uses.row_count,
        cast(null as varchar) as any_source_key
    from uses
    inner join periods
        on uses.usage_period_id = periods.usage_period_id

)

select
    reasoned.*,
    case
        when reasoned.reason is null then 'journaled'
        else coalesce(reasons.kind, 'exception')
    end as disposition
from reasoned
left join reasons
    on reasoned.reason = reasons.reason_code
