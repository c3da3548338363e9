-- One row per usage period with its terms: schedules, commitment and policies. The
-- columns before the policies are those that a policy macro of usage may use.
{{ config(materialized='table') }}

with

bounds as (

    select * from {{ ref('int_usage_period_bounds') }}

),

rates as (

    select * from {{ ref('int_usage_period_rates') }}

),

commitments as (

    select * from {{ ref('int_usage_commitments') }}
    where problem is null

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

alike as (

    select
        usage_period_id,
        max(case when pricing_model = 'volume' then 1 else 0 end) = 1 as is_retroactive,
        max(most_price) as most_price,
        min(segment_order) as first_order
    from rates
    where is_alike and schedule_problem is null
    group by usage_period_id

),

committed as (

    select
        bounds.usage_period_id,
        max(commitments.included_nano) as included_nano,
        max(case when commitments.currency = bounds.currency then commitments.minimum_minor end)
            as minimum_minor
    from bounds
    -- Of two usage periods in one billing period the commitment is of the first.
    inner join rates
        on
            bounds.usage_period_id = rates.usage_period_id
            and rates.segment_order = 1
            and rates.is_alike
    inner join commitments
        on
            bounds.customer_id = commitments.customer_id
            and bounds.product_id = commitments.product_id
            and coalesce(bounds.subscription_id, '') = coalesce(commitments.subscription_id, '')
            and bounds.starts_at >= commitments.effective_from
            and bounds.starts_at < commitments.effective_to
            and bounds.starts_at >= commitments.known_at
            and bounds.starts_at >= coalesce(bounds.started_at, {{ first_instant() }})
            and bounds.starts_at < coalesce(bounds.ended_at, {{ last_instant() }})
    group by bounds.usage_period_id

),

joined as (

    select
        bounds.*,
        opening.segment_number as opening_segment_number,
        opening.segment_starts_at as opening_starts_at,
        opening.rate_schedule_id as opening_schedule_id,
        opening.pricing_model,
        coalesce(alike.is_retroactive, false) as is_retroactive,
        coalesce(committed.minimum_minor, 0) > 0 as has_minimum,
        coalesce(alike.most_price, 0) as most_price,
        coalesce(committed.included_nano, 0) as included_nano,
        coalesce(committed.minimum_minor, 0) as minimum_minor,
        currencies.minor_units,
        currencies.minor_unit
    from bounds
    left join alike
        on bounds.usage_period_id = alike.usage_period_id
    left join rates as opening
        on
            alike.usage_period_id = opening.usage_period_id
            and alike.first_order = opening.segment_order
    left join committed
        on bounds.usage_period_id = committed.usage_period_id
    inner join currencies
        on bounds.currency = currencies.currency

),

decided as (

    select
        *,
        {{ entity_of() }} as entity_id,
        {{ usage_recognition() }} as asked_recognition,
        {{ right_to_invoice_limits() }} as right_to_invoice_limits,
        {{ usage_accrual_reversal() }} as accrual_reversal,
        {{ commitment_shortfall() }} as shortfall_account
    from joined

),

final as (

    select
        *,
        case
            when
                asked_recognition = 'right_to_invoice'
                and right_to_invoice_limits = 'refuse'
                and (is_retroactive or has_minimum)
                then 'estimate_constrained'
            else asked_recognition
        end as recognition
    from decided

)

select * from final
