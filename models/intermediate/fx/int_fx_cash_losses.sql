-- Dr fx_loss, Cr cash: what a refund or a dispute took from cash above the value
-- of what it reverses, which stays at the obligation's rate; a gain is negative.
-- Cash moves at what the source says of the original payment, else at what all
-- payments of the invoice to date were worth.
with

entries as (

    select * from {{ ref('int_fx_entries_translated') }}
    where
        'cash' in (debit_account, credit_account)
        and functional_amount_minor is not null

),

payments as (

    select *
    from entries
    where
        is_settlement
        and invoice_id is not null
        and debit_account = 'cash'
        and credit_account = 'accounts_receivable'

),

moved as (

    select *
    from entries
    where not is_settlement

),

-- Both sums are of few amounts of at most 10^15, as is the entry's own: twice
-- the product of an entry and a sum has 38 digits after ten million payments.
paid as (

    select
        moved.journal_entry_id,
        sum(payments.amount_minor) as paid_minor,
        sum(payments.functional_amount_minor) as functional_paid_minor
    from moved
    inner join payments
        on
            moved.entity_id = payments.entity_id
            and moved.source_system = payments.source_system
            and moved.invoice_id = payments.invoice_id
            and moved.currency = payments.currency
            and moved.accounting_period_index >= payments.accounting_period_index
    group by moved.journal_entry_id
    having sum(payments.amount_minor) > 0

),

valued as (

    select
        moved.*,
        case
            when
                moved.settled_currency = {{ functional_currency_value() }}
                and moved.settled_minor between 0 and 1000000000000000
                then moved.settled_minor
            when paid.journal_entry_id is not null
                then {{ translated_minor(
                    'moved.amount_minor', 'paid.functional_paid_minor', 'paid.paid_minor'
                ) }}
            else moved.functional_amount_minor
        end as cash_minor
    from moved
    left join paid
        on moved.journal_entry_id = paid.journal_entry_id

),

final as (

    select
        entity_id,
        source_system,
        obligation_type,
        obligation_id,
        customer_id,
        product_id,
        invoice_id,
        currency,
        accounting_period_index,
        effective_period_index,
        max(booked_date) as booked_date,
        max(entry_date) as entry_date,
        'cash' as other_account,
        sum(
            case when credit_account = 'cash' then 1 else -1 end
            * (cash_minor - functional_amount_minor)
        ) as loss_minor
    from valued
    group by
        entity_id,
        source_system,
        obligation_type,
        obligation_id,
        customer_id,
        product_id,
        invoice_id,
        currency,
        accounting_period_index,
        effective_period_index

)

select * from final
