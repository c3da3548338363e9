-- What the policies breakage_haircut, breakage_cohorts and remote_after_days answer is a
-- share, a number of cohorts and a number of days.
{{ config(group='revrec') }}

with

grants as (

    select * from {{ ref('int_credit_grants') }}

)

select
    source_system,
    grant_id,
    constraint_policy,
    haircut_share,
    cohort_count,
    remote_after_days
from grants
where
    haircut_share < 0
    or haircut_share > 1
    or cohort_count < 1
    or cohort_count > 1000
    or remote_after_days < 0
    or remote_after_days > 36525
    or (constraint_policy = 'haircut' and haircut_share is null)
    or (constraint_policy = 'lowest_of_cohorts' and cohort_count is null)
