-- What credits pay of an invoice, take back or pay out is on its other account exactly
-- once: the entries of each grant, invoice and period sum to its ledger rows.
{{ config(group='revrec') }}

with

entries as (

    select * from {{ ref('int_derived_entries') }}
    where event_type in ('credit_applied', 'credit_application_reversed', 'credit_refunded')

),

-- Ledgers without invoices and credit events are not read.
movements as (

    select * from {{ ref('int_credit_ledger_rows') }}
    where
        (invoice_id is not null or is_credit_event)
        and disposition = 'journaled'
        and event_type in ('credit_applied', 'credit_application_reversed', 'credit_refunded')

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

-- What finance excludes of an invoice goes from its receivable to exclusion.
counted as (

    select
        entries.source_system,
        entries.obligation_id as grant_id,
        coalesce(entries.invoice_id, '') as invoice_id,
        entries.accounting_period,
        case
            when entries.credit_account in ('accounts_receivable', 'cash') then entries.amount_minor
            else -entries.amount_minor
        end as posted_minor,
        0 as ledger_minor
    from entries
    where 'exclusion' not in (entries.debit_account, entries.credit_account)

    union all

    select
        movements.source_system,
        movements.grant_id,
        coalesce(movements.invoice_id, '') as invoice_id,
        periods.accounting_period,
        0 as posted_minor,
        -movements.money_minor as ledger_minor
    from movements
    inner join periods
        on movements.accounting_period_index = periods.period_index

)

select
    source_system,
    grant_id,
    invoice_id,
    accounting_period,
    sum(posted_minor) as posted_minor,
    sum(ledger_minor) as ledger_minor
from counted
group by source_system, grant_id, invoice_id, accounting_period
having sum(posted_minor) <> sum(ledger_minor)
