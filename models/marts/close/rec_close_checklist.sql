-- One row per accounting period and check: what a controller looks at before and after a
-- close. One check is one model; here they stand together.
with

exports_fresh as (

    select * from {{ ref('int_check__exports_fresh') }}

),

nothing_unaccounted as (

    select * from {{ ref('int_check__nothing_unaccounted') }}

),

exceptions_reviewed as (

    select * from {{ ref('int_check__exceptions_reviewed') }}

),

tie_outs_tied as (

    select * from {{ ref('int_check__tie_outs_tied') }}

),

corrections_listed as (

    select * from {{ ref('int_check__corrections_listed') }}

),

seal as (

    select * from {{ ref('int_check__seal') }}

),

checks as (

    select * from exports_fresh

    union all

    select * from nothing_unaccounted

    union all

    select * from exceptions_reviewed

    union all

    select * from tie_outs_tied

    union all

    select * from corrections_listed

    union all

    select * from seal

)

select
    accounting_period,
    cast(check_number as integer) as check_number,
    check_name,
    status,
    cast(row_count as bigint) as row_count,
    amount,
    currency,
    detail,
    where_to_look
from checks
