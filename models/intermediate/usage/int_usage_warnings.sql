-- What of metered usage is in the books, but not without a doubt: one row per usage
-- period or covering credit entry and warning.
with

states as (

    select * from {{ ref('int_usage_period_states') }}

),

recognised as (

    select * from {{ ref('int_usage_recognised') }}

),

coverage as (

    select * from {{ ref('int_usage_coverage') }}

),

commitments as (

    select * from {{ ref('int_usage_commitments') }}
    where problem is null and minimum_minor > 0

),

invoices as (

    select * from {{ ref('int_usage_invoices') }}
    where invoice_reason is null and not has_invoice_line

),

parts as (

    select * from {{ ref('int_service_line_parts') }}
    where invoice_id is not null

),

-- Invoices with lines of which none is left out or sells what is booked here.
billed_twice as (

    select invoice_id
    from parts
    group by invoice_id
    having max(case when treatment in ('exclude', 'credit_purchase') then 1 else 0 end) = 0

),

negative as (

    select
        usage_period_id,
        min(metered_quantity) as quantity
    from recognised
    group by usage_period_id
    having min(metered_quantity) < 0

),

warned as (

    select
        source_system,
        usage_period_id,
        customer_id,
        product_id,
        starts_on,
        'invoice_differs_from_meter' as reason_code,
        invoiced_quantity - metered_quantity as quantity
    from states
    where
        is_invoiced
        and period_reason is null
        and is_used
        and invoiced_minor <> recognised_minor + shortfall_minor

    union all

    select
        source_system,
        usage_period_id,
        customer_id,
        product_id,
        starts_on,
        'invoice_without_usage' as reason_code,
        invoiced_quantity as quantity
    from states
    where invoice_count > 0 and not is_used and aggregation <> 'last_ever' and invoiced_minor <> 0

    union all

    select
        states.source_system,
        states.usage_period_id,
        states.customer_id,
        states.product_id,
        states.starts_on,
        'negative_usage' as reason_code,
        negative.quantity
    from states
    inner join negative
        on states.usage_period_id = negative.usage_period_id

    union all

    select
        states.source_system,
        states.usage_period_id,
        states.customer_id,
        states.product_id,
        states.starts_on,
        'coverage_without_usage' as reason_code,
        states.covered_quantity - states.metered_quantity as quantity
    from states
    where states.covered_quantity > greatest(states.metered_quantity, 0)

    union all

    select
        states.source_system,
        states.usage_period_id,
        states.customer_id,
        states.product_id,
        states.starts_on,
        'commitment_in_another_currency' as reason_code,
        cast(null as numeric(38, 9)) as quantity
    from states
    inner join commitments
        on
            states.customer_id = commitments.customer_id
            and states.product_id = commitments.product_id
            and states.currency <> commitments.currency
            and states.starts_at >= commitments.effective_from
            and states.starts_at < commitments.effective_to

)

select
    source_system,
    'usage_events' as source_table,
    usage_period_id as source_key,
    reason_code,
    quantity,
    'usage of ' || product_id || ' by ' || customer_id || ' from ' || cast(starts_on as varchar)
        as subject
from warned

union all

select
    source_system,
    source_table,
    source_key,
    'coverage_without_usage' as reason_code,
    covered_quantity as quantity,
    'credits of ' || coalesce(customer_id, 'nobody') || ' for ' || product_id as subject
from coverage
where usage_period_id is null

union all

select
    invoices.source_system,
    invoices.source_table,
    invoices.source_key,
    'usage_invoiced_twice' as reason_code,
    invoices.quantity,
    'invoice ' || invoices.invoice_id as subject
from invoices
inner join billed_twice
    on invoices.invoice_id = billed_twice.invoice_id
