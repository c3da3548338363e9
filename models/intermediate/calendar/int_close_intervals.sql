-- Between two closes or reopenings the set of closed periods stays the same.
-- That set is an unbroken run from the first period on, so one number says it:
-- the first period that is open. The last interval ends after known_as_of, so that
-- what became known later finds none.
with

closes as (

    select * from {{ ref('int_period_closes') }}

),

boundaries as (

    select {{ first_instant() }} as known_from

    union

    select closed_at as known_from
    from closes
    where closed_at is not null

    union

    select reopened_at as known_from
    from closes
    where reopened_at is not null

),

closed_through as (

    select
        boundaries.known_from,
        max(closes.period_index) as period_index
    from boundaries
    left join closes
        on
            boundaries.known_from >= closes.closed_at
            and (
                closes.reopened_at is null
                or boundaries.known_from < closes.reopened_at
            )
    group by boundaries.known_from

),

final as (

    select
        cast(row_number() over (order by known_from) as integer) as known_interval,
        known_from,
        lead(known_from, 1, {{ known_until() }}) over (order by known_from) as known_to,
        coalesce(period_index, 0) + 1 as first_open_period_index
    from closed_through

)

select * from final
