-- One row per kind of cohort, number of cohorts and accounting period from which the number
-- of closed cohorts, or the lowest or highest share of the last of them by grant month, is
-- another. It holds until the kind's next row.
{{ config(materialized='table') }}

with

shares as (

    select * from {{ ref('int_breakage_cohort_shares') }}

),

cohort_counts as (

    select distinct cohort_count from {{ ref('int_credit_grants_priced') }}
    where presentation = 'deferred'

),

points as (

    select distinct
        kind_key,
        period_index
    from shares

),

-- Of every cohort of the kind what holds at the point, the latest first.
ranked as (

    select
        points.kind_key,
        points.period_index,
        shares.source_system,
        shares.product_id,
        shares.credit_unit,
        shares.funding,
        shares.term_months,
        shares.is_closed,
        shares.unexercised_share,
        row_number() over (
            partition by points.kind_key, points.period_index, shares.is_closed
            order by shares.grant_month desc
        ) as cohort_rank
    from points
    inner join shares
        on
            points.kind_key = shares.kind_key
            and points.period_index >= shares.period_index
            and points.period_index < coalesce(shares.next_period_index, 1000000)

),

ranged as (

    select
        ranked.kind_key,
        cohort_counts.cohort_count,
        ranked.period_index,
        min(ranked.source_system) as source_system,
        min(ranked.product_id) as product_id,
        min(ranked.credit_unit) as credit_unit,
        min(ranked.funding) as funding,
        min(ranked.term_months) as term_months,
        cast(sum(case when ranked.is_closed then 1 else 0 end) as integer) as closed_cohorts,
        min(
            case
                when ranked.is_closed and ranked.cohort_rank <= cohort_counts.cohort_count
                    then ranked.unexercised_share
            end
        ) as lowest_share,
        max(
            case
                when ranked.is_closed and ranked.cohort_rank <= cohort_counts.cohort_count
                    then ranked.unexercised_share
            end
        ) as highest_share
    from ranked
    cross join cohort_counts
    group by ranked.kind_key, cohort_counts.cohort_count, ranked.period_index

),

compared as (

    select
        *,
        lag(closed_cohorts, 1, 0) over book_order as closed_before,
        lag(lowest_share) over book_order as lowest_before,
        lag(highest_share) over book_order as highest_before
    from ranged
    window book_order as (partition by kind_key, cohort_count order by period_index)

)

select
    kind_key,
    cohort_count,
    period_index,
    source_system,
    product_id,
    credit_unit,
    funding,
    term_months,
    closed_cohorts,
    lowest_share,
    highest_share
from compared
where
    closed_cohorts <> closed_before
    or coalesce(lowest_share, -1) <> coalesce(lowest_before, -1)
    or coalesce(highest_share, -1) <> coalesce(highest_before, -1)
