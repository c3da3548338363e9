-- One row per accounting period: whether every tie-out of it ties.
with

periods as (

    select * from {{ ref('int_checklist_periods') }}

),

ties as (

    select
        accounting_period,
        tie_out,
        count(*) as row_count,
        count(case when not is_tied then 1 end) as broken_count
    from {{ ref('rec_tie_outs') }}
    group by accounting_period, tie_out

),

counted as (

    select
        accounting_period,
        count(*) as rule_count,
        sum(row_count) as row_count,
        sum(broken_count) as broken_count,
        string_agg(case when broken_count > 0 then tie_out end, ', ' order by tie_out)
            as broken_rules
    from ties
    group by accounting_period

),

judged as (

    select
        periods.accounting_period,
        counted.rule_count,
        counted.broken_rules,
        coalesce(counted.row_count, 0) as row_count,
        coalesce(counted.broken_count, 0) as broken_count
    from periods
    left join counted
        on periods.accounting_period = counted.accounting_period

)

select
    accounting_period,
    4 as check_number,
    'tie_outs_tied' as check_name,
    case when broken_count = 0 then 'ok' else 'failed' end as status,
    broken_count as row_count,
    cast(null as numeric(28, 4)) as amount,
    cast(null as varchar) as currency,
    case
        when row_count = 0 then 'No tie-out compares anything of this period.'
        when broken_count = 0
            then
                'All ' || cast(cast(row_count as bigint) as varchar) || ' comparisons of '
                || cast(rule_count as varchar) || ' rules tie.'
        else
            cast(cast(broken_count as bigint) as varchar) || ' of '
            || cast(cast(row_count as bigint) as varchar) || ' comparisons do not tie: '
            || broken_rules || '.'
    end as detail,
    'rec_tie_outs where accounting_period = ''' || accounting_period || ''' and not is_tied'
        as where_to_look
from judged
