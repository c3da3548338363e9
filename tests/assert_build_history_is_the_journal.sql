-- What the builds changed sums to the journal: the entries whose signs do not cancel are,
-- by count and digest, those that the newest build had.
with

builds as (

    select * from {{ ref('fct_builds') }}
    where books_id = '{{ books_id() }}'

),

changes as (

    select changes.*
    from {{ ref('fct_build_entries') }} as changes
    inner join builds
        on changes.build_id = builds.build_id

),

newest as (

    select max(build_number) as build_number
    from builds

),

netted as (

    select
        journal_entry_id,
        entry_digest,
        sum(sign) as copies
    from changes
    group by journal_entry_id, entry_digest

),

replayed as (

    select
        count(*) as entry_count,
        {{ digest_of_all('entry_digest') }} as entries_digest,
        max(copies) as most_copies
    from netted
    where copies <> 0

)

select
    builds.build_id,
    builds.entry_count,
    replayed.entry_count as replayed_entry_count
from builds
inner join newest
    on builds.build_number = newest.build_number
cross join replayed
where
    builds.entry_count <> replayed.entry_count
    or builds.entries_digest <> replayed.entries_digest
    or replayed.most_copies <> 1
