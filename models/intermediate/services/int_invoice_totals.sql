-- One row per invoice that is in the books: what its lines bill, and what of it an
-- exclusion keeps out of them.
{{ config(materialized='table') }}

with

parts as (

    select * from {{ ref('int_service_line_parts') }}
    where
        invoice_id is not null
        and billing_account = 'accounts_receivable'
        and booked_date is not null

),

lines as (

    select * from {{ ref('int_service_lines') }}
    where invoice_id is not null and is_booked

),

exclusions as (

    select * from {{ ref('int_service_line_exclusions') }}
    where not is_closed

),

billed as (

    select
        source_system,
        invoice_id,
        entity_id,
        customer_id,
        currency,
        minor_unit,
        booked_date,
        booked_known_at,
        booked_period_index,
        case when position_account is not null then amount_minor else 0 end as booked_minor,
        case when position_account is null then amount_minor else 0 end as excluded_minor
    from parts

    union all

    select
        lines.source_system,
        lines.invoice_id,
        lines.entity_id,
        lines.customer_id,
        lines.currency,
        lines.minor_unit,
        lines.booked_date,
        lines.booked_known_at,
        lines.booked_period_index,
        0 as booked_minor,
        lines.amount_minor + lines.tax_minor as excluded_minor
    from lines
    inner join exclusions
        on
            lines.source_system = exclusions.source_system
            and lines.line_id = exclusions.line_id

),

final as (

    select
        source_system,
        invoice_id,
        min(entity_id) as entity_id,
        min(customer_id) as customer_id,
        min(currency) as currency,
        min(minor_unit) as minor_unit,
        min(booked_date) as booked_date,
        max(booked_known_at) as booked_known_at,
        max(booked_period_index) as booked_period_index,
        cast(sum(booked_minor) as bigint) as booked_minor,
        cast(sum(excluded_minor) as bigint) as excluded_minor
    from billed
    group by source_system, invoice_id

)

select * from final
