-- One row per canonical row of invoiced services: the raw row that it comes from,
-- and why it does not count. A row without a reason is in the books (is_journaled)
-- or only gives terms. A view: it is counted or filtered, never stored.
with

lines as (

    select * from {{ ref('int_service_lines') }}

),

idle_lines as (

    select * from {{ ref('int_service_idle_lines') }}

),

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

final as (

    select
        lines.source_system,
        lines.source_table,
        lines.source_key,
        coalesce(lines.line_reason, idle_lines.reason) as reason,
        true as is_journaled,
        lines.quantity,
        'line ' || coalesce(lines.line_id, lines.source_key)
        || coalesce(' of invoice ' || lines.invoice_id, '') as subject
    from lines
    left join idle_lines
        on
            lines.source_system = idle_lines.source_system
            and lines.line_id = idle_lines.line_id
            and lines.line_reason is null

    union all

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

)

select * from final
