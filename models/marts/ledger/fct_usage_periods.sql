-- Metered usage as obligations: who used what in which billing period, what it is worth
-- and how far it is invoiced.
-- depends_on: {{ ref('rec_seal_breaks') }}
with

states as (

    select * from {{ ref('int_usage_period_states') }}

),

rated as (

    select
        *,
        {{ rated_minor('rated_value', 'minor_units') }} as rated_minor
    from states

)

select
    usage_period_id,
    entity_id,
    source_system,
    customer_id,
    product_id,
    subscription_id,
    currency,
    aggregation,
    pricing_model,
    billing_interval,
    starts_at,
    ends_at,
    starts_on,
    ends_on,
    has_ended,
    recognition,
    period_reason as reason,
    cast(metered_quantity as numeric(38, 9)) as metered_quantity,
    {{ units_of_nano('included_nano') }} as included_quantity,
    cast(covered_quantity as numeric(38, 9)) as covered_quantity,
    {{ units_of_nano('billable_nano') }} as billable_quantity,
    rated_minor,
    minimum_minor,
    revenue_minor,
    invoiced_minor,
    unbilled_minor,
    is_invoiced,
    {{ major_units('rated_minor', 'minor_unit') }} as rated_amount,
    {{ major_units('revenue_minor', 'minor_unit') }} as revenue_amount,
    {{ major_units('invoiced_minor', 'minor_unit') }} as invoiced_amount,
    {{ major_units('unbilled_minor', 'minor_unit') }} as unbilled_amount
from rated
