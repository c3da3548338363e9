-- One row per invoiced line of which an exclusion keeps something out of the books:
-- all of it where finance excluded it, else what its rule excludes.
{{ config(materialized='table') }}

with

parts as (

    select * from {{ ref('int_service_line_parts') }}
    where position_account is null and booked_date is not null and invoice_id is not null

),

lines as (

    select * from {{ ref('int_service_lines') }}
    where is_booked and invoice_id is not null

),

exclusions as (

    select * from {{ ref('int_service_line_exclusions') }}
    where not is_closed

),

ruled as (

    select
        source_system,
        line_id,
        cast(abs(sum(case when part_number > 0 then amount_minor else 0 end)) as bigint)
            as excluded_net_weight
    from parts
    group by source_system, line_id

),

final as (

    select
        lines.source_system,
        lines.line_id,
        lines.invoice_id,
        abs(lines.amount_minor) as excluded_net_weight,
        greatest(abs(lines.amount_minor), 1) as net_weight,
        true as is_tax_excluded
    from lines
    inner join exclusions
        on
            lines.source_system = exclusions.source_system
            and lines.line_id = exclusions.line_id

    union all

    select
        lines.source_system,
        lines.line_id,
        lines.invoice_id,
        least(ruled.excluded_net_weight, abs(lines.amount_minor)) as excluded_net_weight,
        greatest(abs(lines.amount_minor), 1) as net_weight,
        ruled.excluded_net_weight >= abs(lines.amount_minor) as is_tax_excluded
    from lines
    inner join ruled
        on
            lines.source_system = ruled.source_system
            and lines.line_id = ruled.line_id

)

select * from final
