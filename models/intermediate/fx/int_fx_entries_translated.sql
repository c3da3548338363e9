-- One row per journal entry in a foreign currency that touches a receivable of
-- an invoice or cash: where a difference of rates is realised.
with

entries as (

    select * from {{ ref('int_journal_entries') }}
    where
        currency <> {{ functional_currency_value() }}
        and (
            (
                invoice_id is not null
                and 'accounts_receivable' in (debit_account, credit_account)
            )
            or 'cash' in (debit_account, credit_account)
        )

),

functional_amounts as (

    select * from {{ ref('int_functional_amounts') }}

),

final as (

    select
        entries.*,
        functional_amounts.functional_amount_minor
    from entries
    left join functional_amounts
        on entries.journal_entry_id = functional_amounts.journal_entry_id

)

select * from final
