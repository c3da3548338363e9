-- One row per accounting period: what is listed in rec_exceptions. An exception has no
-- period of its own, so all stand with the next period to be closed.
with

periods as (

    select * from {{ ref('int_checklist_periods') }}

),

exceptions as (

    select
        source_system,
        count(*) as row_count
    from {{ ref('rec_exceptions') }}
    group by source_system

),

counted as (

    select
        coalesce(sum(row_count), 0) as row_count,
        string_agg(
            source_system || ' ' || cast(row_count as varchar), ', ' order by source_system
        ) as sources
    from exceptions

),

next_period as (

    select accounting_period
    from periods
    where is_next

),

judged as (

    select
        periods.accounting_period,
        periods.is_next,
        next_period.accounting_period as next_period,
        case when periods.is_next then counted.row_count else 0 end as row_count,
        counted.sources
    from periods
    cross join next_period
    cross join counted

)

select
    accounting_period,
    3 as check_number,
    'exceptions_reviewed' as check_name,
    case when row_count = 0 then 'ok' else 'to_do' end as status,
    row_count,
    cast(null as numeric(28, 4)) as amount,
    cast(null as varchar) as currency,
    case
        when not is_next then 'Exceptions are listed with ' || next_period || '.'
        when row_count = 0 then 'There are no exceptions.'
        else 'Exceptions to fix or to accept: ' || sources || '.'
    end as detail,
    'rec_exceptions' as where_to_look
from judged
