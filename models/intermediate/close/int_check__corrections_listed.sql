-- One row per accounting period: what posts to it and belongs to an earlier one. To be read
-- while the period is open.
with

periods as (

    select * from {{ ref('int_checklist_periods') }}

),

corrections as (

    select
        accounting_period,
        currency,
        count(*) as row_count,
        cast(sum(amount) as numeric(28, 4)) as amount
    from {{ ref('rpt_corrections') }}
    group by accounting_period, currency

),

counted as (

    select
        accounting_period,
        sum(row_count) as row_count,
        case when count(*) = 1 then max(amount) end as amount,
        case when count(*) = 1 then max(currency) end as currency,
        string_agg(cast(amount as varchar) || ' ' || currency, ', ' order by currency)
            as amounts
    from corrections
    group by accounting_period

),

judged as (

    select
        periods.accounting_period,
        periods.closed_at is null as is_open,
        coalesce(counted.row_count, 0) as row_count,
        counted.amount,
        counted.currency,
        counted.amounts
    from periods
    left join counted
        on periods.accounting_period = counted.accounting_period

)

select
    accounting_period,
    5 as check_number,
    'corrections_listed' as check_name,
    case when row_count > 0 and is_open then 'to_do' else 'ok' end as status,
    row_count,
    amount,
    currency,
    case
        when row_count = 0 then 'Nothing of an earlier period posts here.'
        else
            'Entries of earlier periods that post here: '
            || cast(cast(row_count as bigint) as varchar) || ' (' || amounts || ').'
    end as detail,
    'rpt_corrections where accounting_period = ''' || accounting_period || '''' as where_to_look
from judged
