-- Dr deferred_revenue (the line's own deferred account; unbilled_receivable before
-- the line is billed), Cr service_revenue: the service was rendered.
with

slices as (

    select * from {{ ref('int_recognised_slices') }}
    where is_recognised and amount_minor <> 0

),

parts as (

    select * from {{ ref('int_service_line_parts') }}

)

select
    parts.entity_id,
    slices.source_system,
    'service_line' as obligation_type,
    parts.obligation_id,
    parts.customer_id,
    parts.product_id,
    'service_recognised' as event_type,
    slices.accounting_period_index,
    slices.effective_period_index,
    coalesce(parts.unbilled_date, parts.booked_date) as booked_date,
    slices.recognised_on as last_date,
    case
        when parts.catch_up = 'own_period_deferred' then parts.position_account
        when slices.accounting_period_index >= parts.booked_period_index
            then parts.position_account
        else 'unbilled_receivable'
    end as debit_account,
    parts.revenue_account as credit_account,
    slices.amount_minor as value_minor,
    parts.currency,
    parts.minor_unit,
    0 as units,
    1 as source_entry_count,
    parts.policy,
    -- The period may have been closed before anyone knew which invoice would bill the item.
    case
        when parts.unbilled_date is null then parts.invoice_id
        when slices.accounting_period_index >= parts.booked_period_index then parts.invoice_id
    end as invoice_id,
    cast(null as varchar) as settled_currency,
    cast(null as bigint) as settled_minor
from slices
inner join parts
    on
        slices.source_system = parts.source_system
        and slices.line_id = parts.line_id
        and slices.part_number = parts.part_number
