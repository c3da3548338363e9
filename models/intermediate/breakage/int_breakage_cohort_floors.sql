-- One row per kind of cohort, number of cohorts and accounting period in which one of
-- them closed or changed: how many are closed, and the lowest and highest share of the
-- last of them by grant month. It holds until the kind's next row.
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
        source_system,
        product_id,
        credit_unit,
        funding,
        term_months,
        period_index
    from shares

),

-- Of every cohort of the kind what holds at the point, the latest first.
ranked as (

    select
        points.*,
        shares.is_closed,
        shares.unexercised_share,
        row_number() over (
            partition by
                points.source_system,
                points.product_id,
                points.credit_unit,
                points.funding,
                points.term_months,
                points.period_index,
                shares.is_closed
            order by shares.grant_month desc
        ) as cohort_rank
    from points
    inner join shares
        on
            points.source_system = shares.source_system
            and points.product_id = shares.product_id
            and points.credit_unit = shares.credit_unit
            and points.funding = shares.funding
            and points.term_months = shares.term_months
            and points.period_index >= shares.period_index
            and points.period_index < coalesce(shares.next_period_index, 1000000)

),

final as (

    select
        ranked.source_system,
        ranked.product_id,
        ranked.credit_unit,
        ranked.funding,
        ranked.term_months,
        cohort_counts.cohort_count,
        ranked.period_index,
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
    group by
        ranked.source_system,
        ranked.product_id,
        ranked.credit_unit,
        ranked.funding,
        ranked.term_months,
        cohort_counts.cohort_count,
        ranked.period_index

)

select * from final
