-- One row per entry of these books: the derived entries from their start on, and one
-- opening entry for each balance that the earlier ones left.
with

entries as (

    select * from {{ ref('int_derived_entries') }}

),

folded_periods as (

    select * from {{ ref('int_folded_periods') }}

),

opening_entries as (

    select * from {{ ref('int_opening_entries') }}

),

final as (

    select entries.*
    from entries
    left join folded_periods
        on entries.accounting_period = folded_periods.accounting_period
    where folded_periods.accounting_period is null

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
        functional_currency,
        quantity,
        source_entry_count,
        policy,
        invoice_id
    from opening_entries

)

select * from final
