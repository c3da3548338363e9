-- One row per derived entry before the start of the books and opening entry that holds
-- what is left of it; one row with a null opening entry where nothing is left.
{{ config(materialized='table') }}

with

sides as (

    select * from {{ ref('int_folded_sides') }}

),

opening_entries as (

    select * from {{ ref('int_opening_entries') }}

),

entries as (

    select * from {{ ref('int_derived_entries') }}

),

folded_periods as (

    select * from {{ ref('int_folded_periods') }}

),

held as (

    select
        sides.journal_entry_id,
        opening_entries.journal_entry_id as opening_entry_id
    from sides
    inner join opening_entries
        on
            sides.entity_id = opening_entries.entity_id
            and sides.source_system = opening_entries.source_system
            and sides.obligation_type = opening_entries.obligation_type
            and sides.obligation_id = opening_entries.obligation_id
            and sides.currency = opening_entries.currency
            and sides.account = opening_entries.account
            and coalesce(sides.invoice_id, '') = coalesce(opening_entries.invoice_id, '')

),

final as (

    select
        entries.journal_entry_id,
        held.opening_entry_id
    from entries
    inner join folded_periods
        on entries.accounting_period = folded_periods.accounting_period
    left join held
        on entries.journal_entry_id = held.journal_entry_id

)

select * from final
