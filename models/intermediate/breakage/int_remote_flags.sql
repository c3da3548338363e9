-- One row per grant and accounting period from which finance says something else of it,
-- until the next such period.
with

remote_credits as (

    select * from {{ ref('int_remote_credits') }}
    where problem is null and is_counted

),

points as (

    select distinct
        source_system,
        grant_id,
        posting_period_index
    from remote_credits

),

ranked as (

    select
        points.source_system,
        points.grant_id,
        points.posting_period_index as from_period_index,
        remote_credits.is_remote,
        remote_credits.posting_period_index as said_period_index,
        row_number() over (
            partition by points.source_system, points.grant_id, points.posting_period_index
            order by remote_credits.remote_from desc, remote_credits.known_at desc
        ) as preference
    from points
    inner join remote_credits
        on
            points.source_system = remote_credits.source_system
            and points.grant_id = remote_credits.grant_id
            and points.posting_period_index >= remote_credits.posting_period_index

)

select
    source_system,
    grant_id,
    from_period_index,
    lead(from_period_index) over (
        partition by source_system, grant_id order by from_period_index
    ) as to_period_index,
    said_period_index,
    is_remote
from ranked
where preference = 1
