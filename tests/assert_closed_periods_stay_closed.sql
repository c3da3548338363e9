-- Nothing posts to a period that was closed when the fact and its grant were
-- known, nor later than to the first period that was open then. Asked of the
-- closes themselves, not of the posting rule's own numbers. What pays an invoice may
-- have to wait for the period of that invoice.
{{ config(group='revrec') }}

with

movements as (

    select * from {{ ref('int_credit_movements') }}
    where disposition in ('journaled', 'memo') and row_reason is null

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

intervals as (

    select * from {{ ref('int_close_intervals') }}

),

closes as (

    select * from {{ ref('int_period_closes') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

-- Few rows: what posted where, from which close interval.
postings as (

    select
        greatest(movements.effective_period_index, coalesce(movements.floor_period_index, 0))
            as effective_period_index,
        movements.accounting_period_index,
        greatest(movements.known_interval, coalesce(grants.known_interval, 1)) as known_interval,
        min(movements.grant_id) as first_grant_id,
        sum(movements.row_count) as row_count
    from movements
    left join grants
        on
            movements.source_system = grants.source_system
            and movements.grant_id = grants.grant_id
    group by
        greatest(movements.effective_period_index, coalesce(movements.floor_period_index, 0)),
        movements.accounting_period_index,
        greatest(movements.known_interval, coalesce(grants.known_interval, 1))

),

-- Closed through: a close holds for every earlier period too.
judged as (

    select
        postings.effective_period_index,
        postings.accounting_period_index,
        postings.first_grant_id,
        postings.row_count,
        intervals.known_from,
        coalesce(max(closes.period_index), 0) as closed_through_index
    from postings
    left join intervals
        on postings.known_interval = intervals.known_interval
    left join closes
        on
            intervals.known_from >= closes.closed_at
            and (closes.reopened_at is null or intervals.known_from < closes.reopened_at)
    group by
        postings.effective_period_index,
        postings.accounting_period_index,
        postings.first_grant_id,
        postings.row_count,
        intervals.known_from

)

select
    effective.accounting_period as effective_period,
    posted.accounting_period,
    judged.known_from,
    judged.first_grant_id,
    judged.row_count,
    case
        when judged.known_from is null then 'nothing says when this was known'
        when judged.accounting_period_index is null then 'no accounting period'
        when judged.accounting_period_index < judged.effective_period_index
            then 'posted before it happened'
        when judged.accounting_period_index <= judged.closed_through_index
            then 'the period was closed'
        else 'an earlier period was open'
    end as problem
from judged
left join periods as effective
    on judged.effective_period_index = effective.period_index
left join periods as posted
    on judged.accounting_period_index = posted.period_index
where
    judged.known_from is null
    or judged.accounting_period_index is null
    or judged.accounting_period_index < judged.effective_period_index
    or judged.accounting_period_index <= judged.closed_through_index
    or (
        judged.accounting_period_index > judged.effective_period_index
        and judged.accounting_period_index > judged.closed_through_index + 1
    )
