-- One row per line that finance excludes, by its own id, its raw row's or its
-- invoice's. The line leaves no trace where the period that it posts to was
-- still open when it was excluded (is_closed false), else it is reversed.
{{ config(materialized='table') }}

with

lines as (

    select * from {{ ref('int_service_lines') }}
    where line_reason is null

),

exclusions as (

    select * from {{ ref('int_exclusions') }}
    where excluded_on <= cast('{{ as_of_date() }}' as date)

),

matched as (

    select
        lines.source_system,
        lines.line_id,
        lines.booked_period_index,
        lines.unbilled_period_index,
        exclusions.excluded_at,
        exclusions.known_floor_index
    from lines
    inner join exclusions
        on lines.line_id = exclusions.transaction_id

    union all

    select
        lines.source_system,
        lines.line_id,
        lines.booked_period_index,
        lines.unbilled_period_index,
        exclusions.excluded_at,
        exclusions.known_floor_index
    from lines
    inner join exclusions
        on lines.source_key = exclusions.transaction_id

    union all

    select
        lines.source_system,
        lines.line_id,
        lines.booked_period_index,
        lines.unbilled_period_index,
        exclusions.excluded_at,
        exclusions.known_floor_index
    from lines
    inner join exclusions
        on lines.invoice_id = exclusions.transaction_id

),

-- Of several exclusions the first one counts.
ranked as (

    select
        source_system,
        line_id,
        excluded_at,
        known_floor_index > coalesce(unbilled_period_index, booked_period_index) as is_closed,
        row_number() over (
            partition by source_system, line_id
            order by excluded_at, known_floor_index
        ) as preference
    from matched

)

select
    source_system,
    line_id,
    excluded_at,
    is_closed
from ranked
where preference = 1
