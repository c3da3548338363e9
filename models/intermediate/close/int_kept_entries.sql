-- One row per journal entry of the build before this one, in the columns of
-- fct_build_entries: the last that the history says of it. Its obligation's rows are those
-- of the last change of any entry of the obligation.
with

logged as (

    select * from {{ earlier_rows('fct_build_entries') }}
    where {{ keeps_build_history() }}

),

builds as (

    select build_id from {{ earlier_rows('fct_builds') }}
    where books_id = '{{ books_id() }}'

),

ranked as (

    select
        {{ journal_columns('logged') }},
        logged.sign,
        logged.entry_digest,
        logged.evidence_count,
        logged.evidence_digest,
        first_value(logged.obligation_row_count) over of_obligation as obligation_row_count,
        first_value(logged.obligation_rows_digest) over of_obligation
            as obligation_rows_digest,
        row_number() over (
            partition by logged.journal_entry_id
            order by logged.build_number desc, logged.sign desc
        ) as recency
    from logged
    inner join builds
        on logged.build_id = builds.build_id
    window of_obligation as (
        partition by logged.source_system, logged.obligation_type, logged.obligation_id
        order by logged.build_number desc
    )

)

select *
from ranked
where recency = 1 and sign = 1
