-- What each event did to deferred revenue, per entity, currency and period.
with

entries as (

    select * from {{ ref('fct_journal_entries') }}
    where debit_account = 'deferred_revenue' or credit_account = 'deferred_revenue'

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

changes as (

    select
        *,
        case when credit_account = 'deferred_revenue' then 1 else -1 end * amount_minor
            as change_minor
    from entries

)

select
    changes.entity_id,
    changes.currency,
    periods.period_index,
    sum(case when changes.event_type = 'credit_granted' then changes.change_minor else 0 end)
        as billings_minor,
    sum(
        case
            when changes.event_type in ('credit_consumed', 'credit_consumption_reversed')
                then -changes.change_minor
            else 0
        end
    ) as consumption_minor,
    sum(case when changes.event_type = 'credit_expired' then -changes.change_minor else 0 end)
        as breakage_minor,
    sum(case when changes.event_type = 'credit_revoked' then -changes.change_minor else 0 end)
        as revocations_minor,
    sum(case when changes.event_type = 'credit_adjusted' then changes.change_minor else 0 end)
        as adjustments_minor
from changes
inner join periods
    on changes.accounting_period = periods.accounting_period
group by changes.entity_id, changes.currency, periods.period_index
