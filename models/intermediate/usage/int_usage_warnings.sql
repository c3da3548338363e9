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
    where problem is null

),

subscriptions as (

    select * from {{ ref('int_usage_subscriptions') }}

),

-- A commitment in force when the billing period begins that cannot count for it.
idle_commitments as (

    select
        states.usage_period_id,
        case
            when commitments.known_at > states.starts_at then 'commitment_known_late'
            else 'commitment_in_another_currency'
        end as reason_code
    from states
    inner join commitments
        on
            states.customer_id = commitments.customer_id
            and states.product_id = commitments.product_id
            and coalesce(states.subscription_id, '') = coalesce(commitments.subscription_id, '')
            and states.starts_at >= commitments.effective_from
            and states.starts_at < commitments.effective_to
    where
        commitments.known_at > states.starts_at
        or (commitments.minimum_minor > 0 and states.currency <> commitments.currency)

),

entries as (

    select * from {{ ref('int_credit_entries') }}
    where row_reason is null and entry_type = 'consume'

),

conversions as (

    select * from {{ ref('int_credit_conversions') }}
    where problem is null

),

-- Credits that were used for a metered product, and nobody says how much they pay.
unconverted as (

    select
        states.usage_period_id,
        -sum(entries.units) as units
    from states
    inner join entries
        on
            states.customer_id = entries.customer_id
            and states.product_id = entries.feature_id
            and states.starts_at <= entries.effective_at
            and states.ends_at > entries.effective_at
    left join conversions
        on
            entries.credit_unit = conversions.credit_unit
            and entries.feature_id = conversions.product_id
    where conversions.product_id is null and states.is_used
    group by states.usage_period_id

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

early_finals as (

    select
        usage_period_id,
        min(accounting_period_index) as period_index
    from {{ ref('int_usage_movements') }}
    where is_final
    group by usage_period_id

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
        usage_period_id,
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
        usage_period_id,
        'invoice_without_usage' as reason_code,
        invoiced_quantity as quantity
    from states
    where
        invoice_count > 0
        and not is_used
        and not has_minimum
        and aggregation <> 'last_ever'
        and invoiced_minor <> 0

    union all

    select
        states.usage_period_id,
        'invoiced_in_advance' as reason_code,
        cast(null as numeric(38, 9)) as quantity
    from states
    inner join early_finals
        on states.usage_period_id = early_finals.usage_period_id
    where states.end_period_index > early_finals.period_index

    union all

    select
        states.usage_period_id,
        'negative_usage' as reason_code,
        negative.quantity
    from states
    inner join negative
        on states.usage_period_id = negative.usage_period_id

    union all

    select
        states.usage_period_id,
        'coverage_without_usage' as reason_code,
        states.covered_quantity - states.metered_quantity as quantity
    from states
    where states.covered_quantity > greatest(states.metered_quantity, 0)

    union all

    select
        usage_period_id,
        reason_code,
        cast(null as numeric(38, 9)) as quantity
    from idle_commitments

    union all

    select
        usage_period_id,
        'credits_not_converted' as reason_code,
        units as quantity
    from unconverted

)

select
    'finance' as source_system,
    'usage_commitments' as source_table,
    commitments.commitment_id as source_key,
    'commitment_without_subscription' as reason_code,
    cast(null as numeric(38, 9)) as quantity,
    'commitment ' || coalesce(commitments.commitment_id, 'without a name') as subject
from commitments
left join subscriptions
    on
        commitments.subscription_id = subscriptions.subscription_id
        and commitments.customer_id = subscriptions.customer_id
where commitments.subscription_id is not null and subscriptions.subscription_id is null

union all

select
    states.source_system,
    'usage_events' as source_table,
    states.usage_period_id as source_key,
    warned.reason_code,
    warned.quantity,
    'usage of ' || states.product_id || ' by ' || states.customer_id || ' from '
    || cast(states.starts_on as varchar) as subject
from warned
inner join states
    on warned.usage_period_id = states.usage_period_id

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
