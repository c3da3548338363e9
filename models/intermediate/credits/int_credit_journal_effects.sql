-- One row per journal entry of a grant: which tie-out reads it and what it did
-- to the account in question, seen from its accounts and sides alone.
with

entries as (

    select * from {{ ref('int_derived_entries') }}
    where obligation_type = 'credit_grant'

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

final as (

    select
        entries.journal_entry_id,
        entries.source_system,
        entries.obligation_id as grant_id,
        entries.currency,
        entries.event_type,
        entries.invoice_id,
        'discounts' in (entries.debit_account, entries.credit_account) as is_discount,
        'exclusion' in (entries.debit_account, entries.credit_account) as is_exclusion,
        entries.accounting_period,
        posted.period_index as accounting_period_index,
        effective.period_index as effective_period_index,
        case
            when entries.credit_account = 'deferred_revenue' then entries.amount_minor
            when entries.debit_account = 'deferred_revenue' then -entries.amount_minor
            else 0
        end as deferred_minor,
        case
            when entries.credit_account = 'credit_revenue' then entries.amount_minor
            when entries.debit_account = 'credit_revenue' then -entries.amount_minor
            else 0
        end as recognised_minor,
        case
            when entries.credit_account = 'deferred_revenue' then -entries.quantity
            when entries.debit_account = 'deferred_revenue' then entries.quantity
            else 0
        end as released_units
    from entries
    inner join periods as posted
        on entries.accounting_period = posted.accounting_period
    inner join periods as effective
        on entries.effective_period = effective.accounting_period

)

select * from final
