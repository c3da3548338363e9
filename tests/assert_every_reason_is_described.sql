-- Every reason given to a row is described in exception_reasons, as the kind of
-- reason that it is.
{{ config(group='revrec') }}

with

dispositions as (

    select * from {{ ref('int_credit_dispositions') }}
    where reason is not null

),

grant_rows as (

    select * from {{ ref('int_credit_grant_dispositions') }}
    where reason is not null

),

service_rows as (

    select * from {{ ref('int_service_row_reasons') }}
    where reason is not null

),

listed as (

    select * from {{ ref('rec_exceptions') }}

),

reasons as (

    select * from {{ ref('exception_reasons') }}

),

-- What is listed is an exception or only a warning, and what becomes of a row of
-- invoiced services is read from the seed, so their kinds are left open.
given as (

    select
        'the ledger' as rows_of,
        reason as reason_code,
        disposition as kind,
        count(*) as occurrences
    from dispositions
    group by reason, disposition

    union all

    select
        'the grants' as rows_of,
        reason as reason_code,
        disposition as kind,
        count(*) as occurrences
    from grant_rows
    group by reason, disposition

    union all

    select
        'invoiced services' as rows_of,
        reason as reason_code,
        'left out' as kind,
        count(*) as occurrences
    from service_rows
    group by reason

    union all

    select
        'rec_exceptions' as rows_of,
        reason_code,
        'listed' as kind,
        count(*) as occurrences
    from listed
    group by reason_code

)

select
    given.rows_of,
    given.reason_code,
    given.kind,
    reasons.kind as described_as,
    given.occurrences
from given
left join reasons
    on given.reason_code = reasons.reason_code
where
    reasons.kind is null
    or trim(coalesce(reasons.meaning, '')) = ''
    or trim(coalesce(reasons.how_to_fix, '')) = ''
    or (given.kind = 'listed' and reasons.kind not in ('exception', 'warning'))
    or (given.kind = 'left out' and reasons.kind = 'warning')
    or (given.kind not in ('listed', 'left out') and reasons.kind <> given.kind)
