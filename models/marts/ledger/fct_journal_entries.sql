with

entries as (

    select * from {{ ref('int_journal_entries') }}

),

final as (

    select
        journal_entry_id,
        entity_id,
        source_system,
        obligation_type,
        obligation_id,
        customer_id,
        product_id,
        event_type,
        booked_date,
        entry_date,
        effective_period,
        accounting_period,
        is_correction,
        debit_account,
        credit_account,
        amount_minor,
        amount,
        currency,
        cast(null as bigint) as functional_amount_minor,
        cast(null as numeric(28, 4)) as functional_amount,
        cast(null as varchar) as functional_currency,
        quantity,
        source_entry_count,
        policy,
        invoice_id
    from entries

)

select * from final
