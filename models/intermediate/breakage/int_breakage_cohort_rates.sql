-- One row per cohort of deferred grants and accounting period in which another estimate begins to
-- act on it: the estimate, until the next such period. Of those that match the most
-- specific acts, and of these the newest.
with

cohorts as (

    select distinct
        cohort_key,
        product_id,
        credit_unit,
        funding,
        term_months,
        grant_month
    from {{ ref('int_breakage_cohorts') }}

),

estimates as (

    select * from {{ ref('int_breakage_estimates') }}
    where problem is null and is_counted

),

matched as (

    select
        cohorts.cohort_key,
        estimates.estimate_key,
        estimates.estimated_rate,
        estimates.rate_micro,
        estimates.specificity,
        estimates.effective_from,
        estimates.known_at,
        estimates.posting_period_index
    from cohorts
    inner join estimates
        on
            coalesce(estimates.product_id, cohorts.product_id) = cohorts.product_id
            and coalesce(estimates.credit_unit, cohorts.credit_unit) = cohorts.credit_unit
            and coalesce(estimates.category, cohorts.funding) = cohorts.funding
            and coalesce(estimates.term_months, cohorts.term_months) = cohorts.term_months
            and coalesce(estimates.grant_month, cohorts.grant_month) = cohorts.grant_month

),

points as (

    select distinct
        cohort_key,
        posting_period_index
    from matched

),

ranked as (

    select
        points.cohort_key,
        points.posting_period_index as from_period_index,
        matched.estimate_key,
        matched.estimated_rate,
        matched.rate_micro,
        row_number() over (
            partition by points.cohort_key, points.posting_period_index
            order by
                matched.specificity desc,
                matched.effective_from desc,
                matched.known_at desc,
                matched.estimate_key asc
        ) as preference
    from points
    inner join matched
        on
            points.cohort_key = matched.cohort_key
            and points.posting_period_index >= matched.posting_period_index

),

-- One that is passed over by another, or for it, changes nothing.
compared as (

    select
        *,
        lag(estimate_key) over (
            partition by cohort_key order by from_period_index
        ) as key_before
    from ranked
    where preference = 1

)

select
    cohort_key,
    from_period_index,
    lead(from_period_index) over (
        partition by cohort_key order by from_period_index
    ) as to_period_index,
    estimate_key,
    estimated_rate,
    rate_micro
from compared
where estimate_key <> coalesce(key_before, '')
