-- One row per cohort and age with a movement: what its grants had come to by then, and
-- how many ages that stands. The age counts accounting periods from the one that holds
-- the first day of the grant month; the last is the latest period that has ended by
-- as_of_date, for an unfinished one would make every development too small.
{{ config(materialized='table') }}

with

changes as (

    select * from {{ ref('int_breakage_cohort_changes') }}

),

accounting_days as (

    select * from {{ ref('int_accounting_days') }}

),

last_period as (

    select * from {{ ref('int_last_ended_period') }}

),

-- What is booked before its grant month has age 0.
aged as (

    select
        changes.*,
        cast(
            dense_rank() over (
                order by
                    changes.source_system,
                    changes.product_id,
                    changes.credit_unit,
                    changes.funding,
                    changes.term_months
            ) as integer
        ) as kind_number,
        cast(last_period.period_index - accounting_days.period_index as integer) as last_age,
        cast(
            greatest(changes.accounting_period_index - accounting_days.period_index, 0) as integer
        ) as age
    from changes
    inner join accounting_days
        on cast(changes.grant_month || '-01' as date) = accounting_days.accounting_date
    inner join last_period
        on
            changes.accounting_period_index <= last_period.period_index
            and accounting_days.period_index <= last_period.period_index

),

summed as (

    select
        kind_number,
        source_system,
        product_id,
        credit_unit,
        funding,
        term_months,
        grant_month,
        last_age,
        age,
        sum(granted_units) as granted_units,
        sum(exercised_units) as exercised_units,
        sum(expired_units) as expired_units,
        sum(opened_grants) as opened_grants,
        max(cohort_count) as cohort_count
    from aged
    group by
        kind_number,
        source_system,
        product_id,
        credit_unit,
        funding,
        term_months,
        grant_month,
        last_age,
        age

),

-- After the longest age with a movement nothing of the kind develops any more. Where its
-- grants look at several numbers of closed cohorts, the kind does at the most.
cumulated as (

    select
        kind_number,
        source_system,
        product_id,
        credit_unit,
        funding,
        term_months,
        grant_month,
        age,
        least(last_age, max(age) over (partition by kind_number)) as last_age,
        lead(age) over (partition by kind_number, grant_month order by age) as next_age,
        sum(granted_units) over to_date as granted_units,
        sum(exercised_units) over to_date as exercised_units,
        sum(expired_units) over to_date as expired_units,
        sum(opened_grants) over to_date as open_grants,
        max(cohort_count) over (partition by kind_number) as cohort_count
    from summed
    window to_date as (
        partition by kind_number, grant_month
        order by age
        rows between unbounded preceding and current row
    )

)

select
    kind_number,
    source_system,
    product_id,
    credit_unit,
    funding,
    term_months,
    grant_month,
    age,
    last_age,
    coalesce(next_age - 1, last_age) - age + 1 as age_count,
    cast(granted_units as numeric(38, 9)) as granted_units,
    cast(exercised_units as numeric(38, 9)) as exercised_units,
    cast(expired_units as numeric(38, 9)) as expired_units,
    cohort_count,
    open_grants = 0 and granted_units > 0 as is_closed
from cumulated
