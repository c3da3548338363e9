-- One row per canonical row other than a line or a usage event (of credits: where a
-- raw row is several of them or pays an invoice): the raw row that it comes from, and
-- why it does not count. Stored, for the rooms are deep.
{{ config(materialized='table') }}

with

event_outcomes as (

    select * from {{ ref('int_service_event_outcomes') }}

),

splits as (

    select * from {{ ref('int_line_event_splits_placed') }}

),

invoices as (

    select * from {{ ref('int_invoices_unioned') }}

),

customer_balances as (

    select * from {{ ref('int_customer_balances_unioned') }}

),

reference_rows as (

    select * from {{ ref('int_reference_rows_unioned') }}

),

rate_schedules as (

    select * from {{ ref('int_usage_rate_schedule_rows') }}

),

usage_invoices as (

    select * from {{ ref('int_usage_invoices') }}

),

credit_parts as (

    select * from {{ ref('int_credit_ledger_rows') }}
    where raw_key is not null or invoice_id is not null

),

final as (

    select
        source_system,
        source_table,
        source_key,
        reason,
        true as is_journaled,
        cast(null as numeric(28, 9)) as quantity,
        subject
    from event_outcomes

    union all

    select
        source_system,
        source_table,
        source_key,
        split_reason as reason,
        false as is_journaled,
        cast(null as numeric(28, 9)) as quantity,
        'split of event ' || coalesce(event_id, 'unknown') as subject
    from splits

    union all

    select
        source_system,
        source_table,
        source_key,
        row_reason as reason,
        false as is_journaled,
        cast(null as numeric(28, 9)) as quantity,
        'invoice ' || coalesce(invoice_id, source_key) as subject
    from invoices

    union all

    select
        source_system,
        source_table,
        source_key,
        cast(null as varchar) as reason,
        false as is_journaled,
        cast(null as numeric(28, 9)) as quantity,
        'balance of customer ' || coalesce(customer_id, source_key) as subject
    from customer_balances

    union all

    select
        source_system,
        source_table,
        source_key,
        row_reason as reason,
        false as is_journaled,
        cast(null as numeric(28, 9)) as quantity,
        'row ' || source_key || ' of ' || source_table as subject
    from reference_rows

    union all

    select
        source_system,
        source_table,
        source_key,
        reason,
        false as is_journaled,
        cast(null as numeric(28, 9)) as quantity,
        'rate schedule ' || source_key as subject
    from rate_schedules

    union all

    select
        source_system,
        source_table,
        source_key,
        invoice_reason as reason,
        true as is_journaled,
        cast(null as numeric(28, 9)) as quantity,
        'usage invoice ' || source_key as subject
    from usage_invoices

    union all

    select
        source_system,
        source_table,
        coalesce(raw_key, source_key) as source_key,
        case when disposition <> 'journaled' then reason end as reason,
        true as is_journaled,
        quantity,
        'credit ' || coalesce(grant_id, 'unknown') as subject
    from credit_parts

)

select * from final
