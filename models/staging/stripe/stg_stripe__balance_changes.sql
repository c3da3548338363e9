{{ config(enabled='stripe' in var('sources') | string) }}

-- The raw customer balance transactions as settlements. Stripe counts what the
-- customer owes: its negative amounts are in the customer's favour.
with

balance_changes as (

    select * from {{ ref('base_stripe__customer_balance_transactions') }}

),

invoices as (

    select * from {{ ref('stg_stripe__finalised_invoices') }}

),

credit_notes as (

    select * from {{ ref('stg_stripe__credit_note_states') }}
    where is_first_copy and credit_note_id is not null

),

typed as (

    select
        balance_changes.*,
        balance_changes.change_type in (
            'applied_to_invoice', 'unapplied_from_invoice', 'invoice_too_small',
            'invoice_too_large', 'invoice_overpaid'
        ) as is_applied,
        invoices.invoice_id is not null as is_invoice_known,
        invoices.invoice_reason,
        credit_notes.credit_note_id is not null as is_credit_note_known,
        credit_notes.credit_note_reason
    from balance_changes
    left join invoices
        on balance_changes.invoice_id = invoices.invoice_id
    left join credit_notes
        on balance_changes.credit_note_id = credit_notes.credit_note_id

),

final as (

    select
        'customer_balance_transactions' as source_table,
        source_key,
        coalesce(
            row_reason,
            case
                when is_applied and not is_invoice_known then 'unknown_invoice'
                when is_applied then invoice_reason
                when change_type <> 'credit_note' then null
                when not is_credit_note_known then 'unknown_credit_note'
                else coalesce(credit_note_reason, 'booked_with_credit_note')
            end
        ) as row_reason,
        balance_change_id as settlement_id,
        case when is_applied then 'balance_applied' else 'balance_adjusted' end
            as settlement_type,
        case when is_applied then invoice_id end as invoice_id,
        customer_id,
        currency,
        case when is_applied then amount else -amount end as amount,
        created_at as effective_at
    from typed

)

select * from final
