-- One row per jurisdiction and accounting period from which another row of the seed is in
-- force, until the next such period.
with

unclaimed_property as (

    select * from {{ ref('int_unclaimed_property') }}
    where problem is null and is_counted

),

points as (

    select distinct
        jurisdiction,
        posting_period_index
    from unclaimed_property

),

ranked as (

    select
        points.jurisdiction,
        points.posting_period_index as from_period_index,
        unclaimed_property.share_micro,
        unclaimed_property.dormancy_days,
        unclaimed_property.counted_from,
        row_number() over (
            partition by points.jurisdiction, points.posting_period_index
            order by unclaimed_property.effective_from desc, unclaimed_property.known_at desc
        ) as preference
    from points
    inner join unclaimed_property
        on
            points.jurisdiction = unclaimed_property.jurisdiction
            and points.posting_period_index >= unclaimed_property.posting_period_index

)

select
    jurisdiction,
    from_period_index,
    lead(from_period_index) over (
        partition by jurisdiction order by from_period_index
    ) as to_period_index,
    share_micro,
    dormancy_days,
    counted_from
from ranked
where preference = 1
