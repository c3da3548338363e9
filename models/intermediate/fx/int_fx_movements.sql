-- One row per entry of a foreign obligation: what the balance that it touches
-- was before and after it, in book order. A balance is the obligation's own
-- account (deferred revenue before any other), else the pair of accounts.
with

entries as (

    select * from {{ ref('int_journal_entries') }}
    where
        currency <> {{ functional_currency_value() }}
        and not is_settlement

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

-- Where an obligation stands: what is owed, accrued or collected for others, but
-- not what settles it.
own_accounts as (

    select account
    from accounts
    where
        account in ('unbilled_receivable', 'contract_asset', 'credit_clearing')
        or (
            account_class = 'liability'
            and account not in ('refund_liability', 'customer_balance', 'external_customer_balance')
        )

),

-- The order of the two accounts of a pair only turns the sign of its balance.
keyed as (

    select
        entries.*,
        case
            when 'deferred_revenue' in (entries.debit_account, entries.credit_account)
                then 'deferred_revenue'
            else coalesce(
                credited.account,
                debited.account,
                greatest(entries.debit_account, entries.credit_account)
            )
        end as balance_account,
        case
            when
                'deferred_revenue' in (entries.debit_account, entries.credit_account)
                or credited.account is not null
                or debited.account is not null
                then ''
            else least(entries.debit_account, entries.credit_account)
        end as other_account,
        case
            when entries.event_type in ('credit_granted', 'service_invoiced') then 1
            when entries.event_type = 'credit_adjusted' then 2
            when entries.event_type in ('credit_consumed', 'service_recognised') then 4
            when entries.event_type = 'credit_applied' then 5
            when entries.event_type = 'credit_consumption_reversed' then 6
            when entries.event_type = 'credit_application_reversed' then 7
            when entries.event_type = 'credit_expired' then 8
            when entries.event_type in ('credit_revoked', 'credit_refunded') then 9
            when entries.event_type = 'breakage_recognised' then 10
            when entries.event_type = 'credit_unclaimed' then 11
            else 3
        end as event_order
    from entries
    left join own_accounts as credited
        on entries.credit_account = credited.account
    left join own_accounts as debited
        on entries.debit_account = debited.account

),

signed as (

    select
        *,
        case when credit_account = balance_account then 1 else -1 end * amount_minor
            as change_minor
    from keyed

),

cumulated as (

    select
        *,
        sum(change_minor) over (
            partition by
                source_system, obligation_type, obligation_id, balance_account, other_account
            order by
                accounting_period_index, effective_period_index, event_order, journal_entry_id
            rows between unbounded preceding and current row
        ) as minor_after
    from signed

),

final as (

    select
        journal_entry_id,
        source_system,
        obligation_type,
        obligation_id,
        currency,
        minor_after - change_minor as minor_before,
        minor_after
    from cumulated

)

select * from final
