-- One row per obligation of an invoiced line: what the journal says of it, read
-- once from the accounts and sides of its entries.
{{ config(materialized='table') }}

with

entries as (

    select * from {{ ref('int_derived_entries') }}
    where obligation_type = 'service_line'

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

deferred_accounts as (

    select * from {{ ref('int_deferred_accounts') }}

),

kinds as (

    select
        accounts.account,
        case when deferred_accounts.account is not null then 1 else 0 end as is_deferred,
        case when accounts.account = 'service_revenue' then 1 else 0 end as is_revenue,
        case when accounts.account_class = 'contra_revenue' then 1 else 0 end as is_contra
    from accounts
    left join deferred_accounts
        on accounts.account = deferred_accounts.account

),

-- Credits less debits of each kind.
signed as (

    select
        entries.source_system,
        entries.obligation_id,
        entries.event_type,
        (credits.is_deferred - debits.is_deferred) * entries.amount_minor as deferred_minor,
        (credits.is_revenue - debits.is_revenue) * entries.amount_minor as revenue_minor,
        (debits.is_contra - credits.is_contra) * entries.amount_minor as contra_minor
    from entries
    inner join kinds as debits
        on entries.debit_account = debits.account
    inner join kinds as credits
        on entries.credit_account = credits.account

)

select
    source_system,
    obligation_id,
    cast(sum(deferred_minor) as bigint) as deferred_minor,
    cast(sum(revenue_minor) as bigint) as recognised_minor,
    cast(
        sum(
            case
                when event_type in ('service_invoiced', 'service_recognised') then 0
                else -deferred_minor
            end
        ) as bigint
    ) as reversed_deferred_minor,
    cast(sum(contra_minor) as bigint) as contra_minor,
    -- What a payment gives back may be a gain instead.
    cast(
        sum(
            case
                when
                    event_type in (
                        'service_refund_failed', 'service_dispute_won', 'service_recovered'
                    )
                    then contra_minor
                else 0
            end
        ) as bigint
    ) as restored_contra_minor,
    cast(
        sum(case when event_type = 'service_item_deleted' then contra_minor else 0 end)
        as bigint
    ) as deleted_contra_minor
from signed
group by source_system, obligation_id
