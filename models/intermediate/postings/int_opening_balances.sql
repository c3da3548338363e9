-- One row per obligation (and invoice, of what is open per invoice), currency and account
-- of the balance sheet: its balance when the books start, debits positive, and the date
-- from which reports age it.
with

sides as (

    select * from {{ ref('int_folded_sides') }}

),

summed as (

    select
        entity_id,
        source_system,
        obligation_type,
        obligation_id,
        invoice_id,
        currency,
        account,
        max(customer_id) as customer_id,
        max(product_id) as product_id,
        min(booked_date) as booked_date,
        -- As int_receivable_balances has it: usage is owed when it is invoiced, and credits
        -- may be used before their invoice.
        min(
            case
                when obligation_type = 'usage' then entry_date
                when event_type not in ('credit_applied', 'credit_application_reversed')
                    then booked_date
            end
        ) as owed_date,
        cast(sum(balance_minor) as bigint) as balance_minor,
        cast(sum(functional_balance_minor) as bigint) as functional_balance_minor,
        cast(sum(balance_units) as numeric(28, 9)) as balance_units,
        cast(sum(source_entry_count) as bigint) as source_entry_count
    from sides
    group by
        entity_id, source_system, obligation_type, obligation_id, invoice_id, currency, account

),

-- The age of an invoice is that of its first entry, whichever of its obligations has it.
aged as (

    select
        *,
        min(owed_date) over invoice as invoice_owed_date,
        min(booked_date) over invoice as invoice_booked_date
    from summed
    window invoice as (
        partition by
            entity_id,
            source_system,
            currency,
            account,
            case when invoice_id is null then obligation_type else 'invoice' end,
            coalesce(invoice_id, obligation_id)
    )

)

select
    entity_id,
    source_system,
    obligation_type,
    obligation_id,
    invoice_id,
    currency,
    account,
    customer_id,
    product_id,
    case account
        when 'accounts_receivable' then coalesce(invoice_owed_date, invoice_booked_date)
        else booked_date
    end as booked_date,
    balance_minor,
    functional_balance_minor,
    balance_units,
    source_entry_count
from aged
