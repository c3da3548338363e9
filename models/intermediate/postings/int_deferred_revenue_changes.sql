-- What each event did to deferred revenue (every account that holds it), per
-- entity, currency and period. Summed by event first, so that the journal is read
-- once.
with

entries as (

    select * from {{ ref('fct_journal_entries') }}

),

deferred_accounts as (

    select * from {{ ref('int_deferred_accounts') }}

),

service_events as (

    select * from {{ ref('int_service_event_names') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

pairs as (

    select
        entity_id,
        currency,
        accounting_period,
        event_type,
        debit_account,
        credit_account,
        case when policy like 'breakage_timing: %' then policy end as policy,
        sum(amount_minor) as amount_minor
    from entries
    group by
        entity_id,
        currency,
        accounting_period,
        event_type,
        debit_account,
        credit_account,
        case when policy like 'breakage_timing: %' then policy end

),

sides as (

    select
        entity_id,
        currency,
        accounting_period,
        event_type,
        policy,
        credit_account as account,
        amount_minor as change_minor
    from pairs

    union all

    select
        entity_id,
        currency,
        accounting_period,
        event_type,
        policy,
        debit_account as account,
        -amount_minor as change_minor
    from pairs

),

changes as (

    select
        sides.*,
        periods.period_index,
        service_events.entry_type is not null as is_service_reversal,
        sides.event_type in ('credit_expired', 'credit_expiry_reversed', 'breakage_recognised')
            as is_breakage
    from sides
    inner join deferred_accounts
        on sides.account = deferred_accounts.account
    inner join periods
        on sides.accounting_period = periods.accounting_period
    left join service_events
        on sides.event_type = service_events.entry_type

)

select
    entity_id,
    currency,
    period_index,
    sum(case when event_type in ('credit_granted', 'service_invoiced') then change_minor else 0 end)
        as billings_minor,
    sum(case when event_type = 'service_recognised' then -change_minor else 0 end)
        as recognised_minor,
    sum(
        case
            when event_type in ('credit_consumed', 'credit_consumption_reversed')
                then -change_minor
            else 0
        end
    ) as consumption_minor,
    sum(
        case
            when event_type in ('credit_applied', 'credit_application_reversed')
                then -change_minor
            else 0
        end
    ) as applied_minor,
    sum(case when is_breakage then -change_minor else 0 end) as breakage_minor,
    sum(
        case
            when is_breakage and policy like 'breakage_timing: remote%' then -change_minor
            else 0
        end
    ) as breakage_remote_minor,
    sum(
        case
            when is_breakage and policy like 'breakage_timing: proportional%' then -change_minor
            else 0
        end
    ) as breakage_proportional_minor,
    sum(case when event_type = 'credit_unclaimed' then -change_minor else 0 end)
        as unclaimed_minor,
    sum(
        case
            when event_type in ('credit_revoked', 'credit_refunded') then -change_minor
            else 0
        end
    ) as revocations_minor,
    sum(case when is_service_reversal then -change_minor else 0 end) as reversals_minor,
    sum(case when event_type = 'credit_adjusted' then change_minor else 0 end)
        as adjustments_minor,
    sum(case when event_type = 'seal_correction' then change_minor else 0 end)
        as seal_corrections_minor,
    sum(case when event_type = 'opening' then change_minor else 0 end) as brought_forward_minor
from changes
group by entity_id, currency, period_index
