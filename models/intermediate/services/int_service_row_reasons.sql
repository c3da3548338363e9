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

other_reasons as (

    select * from {{ ref('int_service_other_reasons') }}

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
        is_journaled,
        quantity,
        subject
    from other_reasons

)

select * from final
