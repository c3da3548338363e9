-- One row per accounting period: whether each raw row has its one disposition. Rows that
-- have none are of no period, so they stand with each period that is not sealed.
with

periods as (

    select * from {{ ref('int_checklist_periods') }}

),

counted as (

    select coalesce(sum(abs(unaccounted)), 0) as unaccounted
    from {{ ref('rec_completeness') }}

),

judged as (

    select
        periods.accounting_period,
        periods.seal_version is not null and not periods.is_next as is_past,
        case
            when periods.seal_version is null or periods.is_next then counted.unaccounted
            else 0
        end as unaccounted
    from periods
    cross join counted

)

select
    accounting_period,
    2 as check_number,
    'nothing_unaccounted' as check_name,
    case when unaccounted = 0 then 'ok' else 'failed' end as status,
    unaccounted as row_count,
    cast(null as numeric(28, 4)) as amount,
    cast(null as varchar) as currency,
    case
        when is_past then 'Every raw row was accounted for when it was sealed.'
        when unaccounted = 0 then 'Every raw row is accounted for.'
        else
            'Raw rows that are not accounted for: '
            || cast(cast(unaccounted as bigint) as varchar) || '. Nothing may be lost.'
    end as detail,
    'rec_completeness where unaccounted <> 0' as where_to_look
from judged
