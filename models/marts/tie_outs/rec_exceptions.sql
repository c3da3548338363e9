-- Everything that is not in the books for a fault, and everything in them that
-- someone should look at. Duplicates that may be real are one row per group.
with

row_exceptions as (

    select * from {{ ref('int_credit_row_exceptions') }}

),

grant_rows as (

    select * from {{ ref('int_credit_grant_dispositions') }}
    where disposition = 'exception'

),

grant_warnings as (

    select * from {{ ref('int_credit_grant_warnings') }}

),

breakage_warnings as (

    select * from {{ ref('int_breakage_warnings') }}

),

repeated as (

    select * from {{ ref('int_credit_entries_repeated') }}
    where entry_id is null and reference is null and not is_known_later

),

service_exceptions as (

    select * from {{ ref('int_service_exceptions') }}

),

service_warnings as (

    select * from {{ ref('int_service_warnings') }}

),

usage_exceptions as (

    select * from {{ ref('int_usage_exceptions') }}

),

usage_warnings as (

    select * from {{ ref('int_usage_warnings') }}

),

untranslated as (

    select * from {{ ref('int_fx_exceptions') }}

),

reasons as (

    select * from {{ ref('exception_reasons') }}

),

listed as (

    select
        source_system,
        source_table,
        source_key,
        reason_code,
        quantity,
        'grant ' || coalesce(grant_id, 'unknown') as subject
    from row_exceptions

    union all

    select
        source_system,
        source_table,
        source_key,
        reason as reason_code,
        granted_units as quantity,
        'the grant row' as subject
    from grant_rows

    union all

    select * from grant_warnings

    union all

    select * from breakage_warnings

    union all

    select
        source_system,
        source_table,
        entry_key as source_key,
        'possible_duplicate' as reason_code,
        max(abs(units)) as quantity,
        cast(count(*) as varchar) || ' rows of grant ' || coalesce(max(grant_id), 'unknown')
            as subject
    from repeated
    group by source_system, source_table, entry_key

    union all

    select * from service_exceptions

    union all

    select * from service_warnings

    union all

    select * from usage_exceptions

    union all

    select * from usage_warnings

    union all

    select
        source_system,
        'fx_rates' as source_table,
        obligation_id as source_key,
        fx_reason as reason_code,
        cast(null as numeric(28, 9)) as quantity,
        obligation_type || ' ' || obligation_id || ', ' || currency || ' of '
        || cast(booked_date as varchar) as subject
    from untranslated

)

select
    listed.source_system,
    listed.source_table,
    listed.source_key,
    listed.reason_code,
    cast(listed.quantity as numeric(28, 9)) as quantity,
    listed.subject || ': ' || coalesce(reasons.meaning, 'no description') as detail,
    coalesce(reasons.how_to_fix, 'Add the reason to exception_reasons.') as how_to_fix
from listed
left join reasons
    on listed.reason_code = reasons.reason_code
