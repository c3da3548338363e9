-- One row per cohort and age, from that of its first movement to its last: the
-- development triangle.
{{ config(materialized='table') }}

with

cohort_ages as (

    select * from {{ ref('int_breakage_cohort_ages') }}

),

spans as (

    select * from {{ ref('int_period_spans') }}

)

select
    cohort_ages.kind_number,
    cohort_ages.source_system,
    cohort_ages.product_id,
    cohort_ages.credit_unit,
    cohort_ages.funding,
    cohort_ages.term_months,
    cohort_ages.grant_month,
    cohort_ages.cohort_count,
    cohort_ages.age + spans.period_offset as age,
    cohort_ages.age + spans.period_offset = cohort_ages.last_age as is_latest,
    cohort_ages.granted_units,
    cohort_ages.exercised_units,
    cohort_ages.expired_units,
    cohort_ages.is_closed
from cohort_ages
inner join spans
    on cohort_ages.age_count = spans.period_count
