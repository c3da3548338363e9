-- The derived journal: what the exports, the seeds and the policies say, a pure function
-- without memory. What is posted of it, fct_journal_entries, also knows what earlier
-- closes sealed.
{{ config(materialized='table') }}

with

entries as (

    select * from {{ ref('int_journal_entries') }}

),

-- Nothing is read of either without a functional currency.
functional_amounts as (

    select * from {{ ref('int_functional_amounts') }}
    where {{ functional_currency_value() }} is not null

),

fx_entries as (

    select * from {{ ref('int_fx_entries') }}
    where {{ functional_currency_value() }} is not null

),

translated as (

    select
        entries.*,
        case
            when entries.currency = {{ functional_currency_value() }} then entries.amount_minor
            else functional_amounts.functional_amount_minor
        end as functional_amount_minor,
        case
            when entries.currency = {{ functional_currency_value() }} then entries.amount
            else functional_amounts.functional_amount
        end as functional_amount
    from entries
    left join functional_amounts
        on entries.journal_entry_id = functional_amounts.journal_entry_id

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
        functional_amount_minor,
        functional_amount,
        {{ functional_currency_value() }} as functional_currency,
        quantity,
        source_entry_count,
        policy,
        invoice_id
    from translated

    union all

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
        functional_amount_minor,
        functional_amount,
        {{ functional_currency_value() }} as functional_currency,
        quantity,
        source_entry_count,
        policy,
        invoice_id
    from fx_entries

)

select * from final
