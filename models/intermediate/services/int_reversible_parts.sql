-- One row per part in the books whose invoice or line has an event.
{{ config(materialized='table') }}

with

parts as (

    select * from {{ ref('int_service_line_parts') }}
    where position_account is not null

),

scopes as (

    select * from {{ ref('int_service_line_scopes') }}

),

events as (

    select * from {{ ref('int_line_events') }}

),

touched as (

    select
        source_system,
        scope_id
    from events
    group by source_system, scope_id

)

select
    parts.source_system,
    parts.line_id,
    parts.part_number,
    parts.obligation_id,
    parts.invoice_id,
    parts.customer_id,
    parts.product_id,
    parts.entity_id,
    parts.currency,
    parts.minor_unit,
    parts.amount_minor,
    parts.is_scheduled,
    parts.position_account,
    parts.reversal_timing,
    -- Only revenue can be recovered as a gain, never a tax.
    case when parts.is_scheduled then parts.recovery else 'restore' end as recovery,
    scopes.scope_id,
    case when parts.part_number = 0 then 'tax' else 'net' end as part_kind,
    {{ key_hash(['parts.source_system', 'parts.obligation_id']) }} as part_key
from parts
inner join scopes
    on
        parts.source_system = scopes.source_system
        and parts.line_id = scopes.line_id
inner join touched
    on
        scopes.source_system = touched.source_system
        and scopes.scope_id = touched.scope_id
