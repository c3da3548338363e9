-- One row per accounting period that was ever sealed: its newest seal, that of the period
-- as a whole. It is in force until the period is reopened, or the seal is retired: to
-- withdraw the line of its close is not enough. Books of a day before the newest seal have
-- none.
with

seals as (

    select * from {{ ref('int_seals_before') }}
    where entity_id is null

),

reopenings as (

    select
        accounting_period,
        max(reopened_at) as reopened_at
    from {{ ref('int_close_spans') }}
    group by accounting_period

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

ranked as (

    select
        *,
        max(seal_version) over (partition by accounting_period) as newest_version
    from seals

),

judged as (

    select
        ranked.*,
        periods.period_index,
        periods.ends_on,
        case
            when ranked.is_retired then 'retired'
            when reopenings.reopened_at > ranked.closed_at then 'reopened'
            else 'in_force'
        end as seal_state
    from ranked
    inner join periods
        on ranked.accounting_period = periods.accounting_period
    left join reopenings
        on ranked.accounting_period = reopenings.accounting_period
    where ranked.seal_version = ranked.newest_version

),

dated as (

    select
        *,
        max(case when seal_state = 'in_force' then ends_on end) over () as sealed_through
    from judged

)

select
    accounting_period,
    period_index,
    seal_version,
    closed_at,
    sealed_at,
    entry_count,
    entries_digest,
    seal_state
from dated
where sealed_through is null or sealed_through <= cast('{{ as_of_date() }}' as date)
