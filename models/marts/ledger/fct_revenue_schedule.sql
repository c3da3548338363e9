-- When each line is, was and will be recognised, net of what was reversed.
{{ config(materialized='view') }}

with

slices as (

    select * from {{ ref('int_recognised_slices') }}
    where amount_minor <> 0

),

parts as (

    select * from {{ ref('int_service_line_parts') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

final as (

    select
        slices.source_system,
        slices.line_id,
        slices.part_number,
        parts.obligation_id,
        parts.entity_id,
        parts.invoice_id,
        parts.customer_id,
        parts.product_id,
        coalesce(parts.unbilled_date, parts.booked_date) as booked_date,
        effective.accounting_period as effective_period,
        posted.accounting_period,
        case when slices.is_recognised then 'recognised' else 'scheduled' end as status,
        slices.recognised_on,
        parts.booked_date is not null as is_invoiced,
        parts.currency,
        slices.amount_minor,
        {{ major_units('slices.amount_minor', 'parts.minor_unit') }} as amount
    from slices
    inner join parts
        on
            slices.source_system = parts.source_system
            and slices.line_id = parts.line_id
            and slices.part_number = parts.part_number
    inner join periods as effective
        on slices.effective_period_index = effective.period_index
    inner join periods as posted
        on slices.accounting_period_index = posted.period_index

)

select * from final
