-- One row per entity, currency and invoice (or obligation without one) on whose
-- account accounts_receivable has entries: its balance in the journal.
{{ config(materialized='table') }}

with

entries as (

    select * from {{ ref('fct_journal_entries') }}
    where debit_account = 'accounts_receivable' or credit_account = 'accounts_receivable'

),

-- An invoice that was settled before the books start is as old as it is, too.
opening_balances as (

    select * from {{ ref('int_opening_balances') }}
    where account = 'accounts_receivable'

),

owed_before as (

    select
        entity_id,
        source_system,
        currency,
        case when invoice_id is null then obligation_type else 'invoice' end
            as receivable_type,
        coalesce(invoice_id, obligation_id) as receivable_id,
        min(booked_date) as booked_date
    from opening_balances
    group by
        entity_id,
        source_system,
        currency,
        case when invoice_id is null then obligation_type else 'invoice' end,
        coalesce(invoice_id, obligation_id)

),

summed as (

    select
        entity_id,
        source_system,
        currency,
        case when invoice_id is null then obligation_type else 'invoice' end
            as receivable_type,
        coalesce(invoice_id, obligation_id) as receivable_id,
        min(customer_id) as customer_id,
        -- Usage is booked when it is used, its receivable when it is invoiced; credits may
        -- be used before their invoice.
        coalesce(
            min(
                case
                    when event_type = 'opening' then booked_date
                    when obligation_type = 'usage' then entry_date
                    when
                        event_type not in ('credit_applied', 'credit_application_reversed')
                        then booked_date
                end
            ),
            min(booked_date)
        ) as booked_date,
        cast(
            sum(
                case when debit_account = 'accounts_receivable' then amount_minor else 0 end
                - case when credit_account = 'accounts_receivable' then amount_minor else 0 end
            ) as bigint
        ) as balance_minor
    from entries
    group by
        entity_id,
        source_system,
        currency,
        case when invoice_id is null then obligation_type else 'invoice' end,
        coalesce(invoice_id, obligation_id)

),

final as (

    select
        summed.entity_id,
        summed.source_system,
        summed.currency,
        summed.receivable_type,
        summed.receivable_id,
        summed.customer_id,
        least(summed.booked_date, owed_before.booked_date) as booked_date,
        summed.balance_minor
    from summed
    left join owed_before
        on
            summed.entity_id = owed_before.entity_id
            and summed.source_system = owed_before.source_system
            and summed.currency = owed_before.currency
            and summed.receivable_type = owed_before.receivable_type
            and summed.receivable_id = owed_before.receivable_id

)

select * from final
