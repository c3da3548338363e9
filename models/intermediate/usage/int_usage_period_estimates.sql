-- One row per usage period that is recognised by estimate and accounting period in
-- which an estimate became known: the price of one unit from then on, in 10^-12 of a
-- major unit. Of an expected quantity it is what the schedule asks for it, per unit.
{{ config(materialized='table') }}

with

terms as (

    select * from {{ ref('int_usage_period_terms') }}
    where recognition = 'estimate_constrained'

),

estimates as (

    select * from {{ ref('int_usage_estimates') }}
    where problem is null and is_counted

),

tiers as (

    select * from {{ ref('int_usage_rate_tiers') }}

),

matched as (

    select
        terms.usage_period_id,
        terms.source_system,
        terms.opening_schedule_id,
        terms.pricing_model,
        estimates.known_at,
        greatest(estimates.known_period_index, terms.start_period_index) as period_index,
        case when estimates.customer_id is null then 0 else 2 end
        + case when estimates.starts_on is null then 0 else 1 end as specificity,
        estimates.expected_nano,
        estimates.expected_price
    from terms
    inner join estimates
        on
            terms.product_id = estimates.product_id
            and coalesce(estimates.customer_id, terms.customer_id) = terms.customer_id
            and coalesce(estimates.starts_on, terms.starts_on) = terms.starts_on
    where
        greatest(estimates.known_period_index, terms.start_period_index)
        < terms.end_period_index
        or not terms.has_ended

),

-- What was known by each period in which something became known: of it the most
-- specific counts, then the newest.
moments as (

    select distinct
        usage_period_id,
        period_index
    from matched

),

ranked as (

    select
        matched.*,
        moments.period_index as from_period_index,
        row_number() over (
            partition by matched.usage_period_id, moments.period_index
            order by
                matched.specificity desc,
                matched.known_at desc,
                matched.expected_nano desc nulls last,
                matched.expected_price desc
        ) as preference
    from moments
    inner join matched
        on
            moments.usage_period_id = matched.usage_period_id
            and moments.period_index >= matched.period_index

),

chosen as (

    select * from ranked
    where preference = 1

),

valued as (

    select
        chosen.usage_period_id,
        chosen.from_period_index,
        max(chosen.expected_nano) as expected_nano,
        max(chosen.expected_price) as expected_price,
        sum({{ tier_value(
            'chosen.pricing_model', 'chosen.expected_nano', 'tiers.lower_nano',
            'tiers.upper_nano', 'tiers.unit_price', 'tiers.flat_price', 'tiers.package_nano'
        ) }}) as expected_value
    from chosen
    left join tiers
        on
            chosen.source_system = tiers.source_system
            and chosen.opening_schedule_id = tiers.rate_schedule_id
            and chosen.expected_nano is not null
    group by chosen.usage_period_id, chosen.from_period_index

)

select
    usage_period_id,
    from_period_index,
    coalesce(
        expected_price,
        {{ wide_divide('2 * expected_value + expected_nano', '2 * expected_nano') }}
    ) as unit_price
from valued
